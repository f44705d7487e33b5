"""The floor of webhook deliveries: a Django view that checks the signature and inserts one row."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from standardwebhooks.webhooks import Webhook

from seam_integration.models import SeamEvent

SECRET = "whsec_" + "YmVuY2htYXJrLXNlY3JldC1vZi0yNC1ieXRlcw=="


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    headers = {f"webhook-{part}": request.headers[f"svix-{part}"] for part in ("id", "timestamp", "signature")}
    Webhook(SECRET).verify(request.body, headers)
    event = json.loads(request.body)
    SeamEvent.objects.create(
        event_id=event["event_id"],
        event_type=event["event_type"],
        occurred_at=event["occurred_at"],
        received_at=timezone.now(),
        body_encrypted=request.body.decode(),
        handled_at=timezone.now(),
    )
    return HttpResponse(status=204)


def delivery(event_type: str, device_id: str) -> tuple[bytes, dict[str, str]]:
    """Build a signed delivery of a new event."""
    now = timezone.now()
    event = {
        "event_id": str(uuid.uuid4()),
        "event_type": event_type,
        "occurred_at": now.isoformat(),
        "created_at": now.isoformat(),
        "device_id": device_id,
        "connected_account_id": str(uuid.uuid4()),
        "workspace_id": str(uuid.uuid4()),
        "method": "manual",
    }
    body = json.dumps(event)
    letter = f"msg_{event['event_id']}"
    signature = Webhook(SECRET).sign(letter, now, body)
    stamp = str(int(now.timestamp()))
    return body.encode(), {"svix-id": letter, "svix-timestamp": stamp, "svix-signature": signature}


urlpatterns = [path("seam/webhook/", receive)]
