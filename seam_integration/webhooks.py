"""Seam's deliveries: check the signature, keep the event once, answer at once. And our registration for them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from properties.encryption import decrypt, encrypt
from seam_integration.client import Json, SeamClient, parse_time
from seam_integration.models import SeamEvent, WebhookRegistration

logger = logging.getLogger(__name__)


class NotGenuine(Exception):
    """The delivery is not signed by a secret of ours, or its time is more than five minutes off."""


def receive(body: bytes, headers: Mapping[str, str], now: datetime) -> SeamEvent | None:
    """Keep a genuine delivery; None for one that was kept before. Raises NotGenuine.

    Seam signs as Svix does; `standardwebhooks` is Svix's own verifier, which wants the headers as `webhook-*`.
    """
    signed = {f"webhook-{part}": headers.get(f"svix-{part}", "") for part in ("id", "timestamp", "signature")}
    if not any(_is_signed(body, signed, row) for row in WebhookRegistration.objects.all()):
        raise NotGenuine
    try:
        event = json.loads(body)
    except ValueError as error:
        raise NotGenuine from error
    if not isinstance(event, dict):
        raise NotGenuine
    return keep(event, now)


def _is_signed(body: bytes, headers: dict[str, str], registration: WebhookRegistration) -> bool:
    try:
        Webhook(decrypt(registration.secret_encrypted)).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def keep(event: Json, now: datetime) -> SeamEvent | None:
    """Put an event into the inbox; None when it is there already or is no event at all."""
    event_id, occurred_at = event.get("event_id"), parse_time(event.get("occurred_at"))
    if not event_id or occurred_at is None:
        logger.warning("a delivery without event id or time was left out")
        return None
    try:
        with transaction.atomic():
            return SeamEvent.objects.create(
                event_id=event_id,
                event_type=str(event.get("event_type") or "")[:100],
                occurred_at=occurred_at,
                received_at=now,
                body_encrypted=encrypt(json.dumps(event)),
            )
    except IntegrityError:
        return None


def ensure_registered(client: SeamClient) -> None:
    """With a public address: have exactly our webhook at Seam. Raises SeamError.

    A secret is told once, at creation: a webhook of ours whose secret we lost is made anew.
    """
    if not settings.PUBLIC_URL:
        return
    url = settings.PUBLIC_URL + reverse("seam-webhook")
    at_seam = [hook for hook in client.list_webhooks() if hook.get("url") == url]
    ours = WebhookRegistration.objects.filter(url=url).first()
    if ours is not None and str(ours.seam_id) in {str(hook["webhook_id"]) for hook in at_seam}:
        return
    for hook in at_seam:
        client.delete_webhook(str(hook["webhook_id"]))
    made = client.create_webhook(url)
    WebhookRegistration.objects.update_or_create(
        url=url,
        defaults={
            "seam_id": made["webhook_id"],
            "secret_encrypted": encrypt(str(made.get("secret") or "")),
        },
    )
