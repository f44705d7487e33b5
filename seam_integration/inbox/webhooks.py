"""Seam's deliveries: check the signature, keep the event once, answer at once. And our registration for them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from properties.values.encryption import decrypt, encrypt
from properties.values.opaque_ids import is_opaque_id
from seam_integration.api.client import PAGE, Json, SeamClient, parse_time
from seam_integration.fast_rows import keep_event, webhook_secrets
from seam_integration.models import CatchUp, WebhookRegistration

logger = logging.getLogger(__name__)


# Windows of the catch-up overlap by this much: events are recorded at Seam some time after they happened.
OVERLAP = timedelta(minutes=10)
# How far back the first catch-up looks.
FIRST_CATCH_UP = timedelta(hours=24)


class NotGenuine(Exception):
    """The delivery is not signed by a secret of ours, or its time is more than five minutes off."""


def receive(body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Keep a genuine delivery; False for one that was kept before. Raises NotGenuine.

    Seam signs as Svix does; `standardwebhooks` is Svix's own verifier, which wants the headers as `webhook-*`.
    """
    signed = {f"webhook-{part}": headers.get(f"svix-{part}", "") for part in ("id", "timestamp", "signature")}
    event = _verified(body, signed)
    if not isinstance(event, dict):
        raise NotGenuine
    return keep(event, body.decode(), now)


def _verified(body: bytes, headers: dict[str, str]) -> Any:
    """What the body says, in JSON; None when no secret of ours fits, or when it is not JSON."""
    for secret in webhook_secrets():
        with suppress(WebhookVerificationError, ValueError):
            return _verifier(secret).verify(body, headers)
    return None


@lru_cache(maxsize=4)
def _verifier(secret_encrypted: str) -> Webhook:
    """Kept by the ciphertext, which is asked of the database each time: another secret is another verifier."""
    return Webhook(decrypt(secret_encrypted))


def keep(event: Json, body: str, now: datetime) -> bool:
    """Put an event into the inbox, with its body as it came; False when it is there already or is no event at all."""
    event_id, occurred_at = event.get("event_id"), parse_time(event.get("occurred_at"))
    if not is_opaque_id(event_id) or occurred_at is None:
        # Turned away, it would only come again.
        logger.warning("a delivery without event id or time was left out")
        return False
    event_type = str(event.get("event_type") or "")[:100]
    return keep_event(event_id, event_type, occurred_at, now, encrypt(body))


def catch_up(now: datetime, client: SeamClient) -> int:
    """Keep every event since the last catch-up that we have not got; how many these were. Raises SeamError.

    From catch-up to catch-up, not from the latest event: one that arrives says nothing of those before it.
    """
    done_until = CatchUp.objects.filter(pk=1).values_list("until", flat=True).first()
    since = done_until - OVERLAP if done_until is not None and done_until <= now else now - FIRST_CATCH_UP
    found = _events_between(since, now + timedelta(minutes=1), client)
    kept = sum(keep(event, json.dumps(event), now) for event in found)
    CatchUp.objects.update_or_create(pk=1, defaults={"until": now})
    return kept


def _events_between(since: datetime, until: datetime, client: SeamClient) -> list[Json]:
    """`/events/list` has no cursor and its order is not published: a full answer is asked for again in halves."""
    found = client.list_events(since, until)
    if len(found) < PAGE or until - since < timedelta(seconds=2):
        return found
    middle = since + (until - since) / 2
    return _events_between(since, middle, client) + _events_between(middle, until, client)


def ensure_registered(client: SeamClient) -> None:
    """With a public address: have exactly our webhook at Seam. Raises SeamError.

    A secret is told once, at creation: a webhook of ours whose secret we lost is made anew.
    """
    if not settings.PUBLIC_URL:
        return
    url = settings.PUBLIC_URL + reverse("seam-webhook")
    at_seam = [hook for hook in client.list_webhooks() if hook.get("url") == url]
    ours = WebhookRegistration.objects.filter(url=url).first()
    if ours is not None and ours.seam_id in {hook["webhook_id"] for hook in at_seam}:
        return
    for hook in at_seam:
        client.delete_webhook(hook["webhook_id"])
    made = client.create_webhook(url)
    WebhookRegistration.objects.update_or_create(
        url=url,
        defaults={
            "seam_id": made["webhook_id"],
            "secret_encrypted": encrypt(str(made.get("secret") or "")),
        },
    )
