"""The message row: what leaves, to whom, and how far it came. What is secret in it is encrypted."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from accounts.models import Organization, PeopleQuerySet
from properties.values.encryption import decrypt, encrypt


@dataclass(frozen=True)
class Content:
    """What the receiver gets. `data` is for channels that send more than a text."""

    subject: str
    text: str
    html: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class MessageState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Refused"
    GIVEN_UP = "given_up", "Given up"
    WITHDRAWN = "withdrawn", "Withdrawn"

    @property
    def tone(self) -> str:
        return TONES[self]


TONES = {
    MessageState.WAITING: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "ok",
    MessageState.FAILED: "bad",
    MessageState.GIVEN_UP: "bad",
    MessageState.WITHDRAWN: "idle",
}
UNSETTLED = [MessageState.WAITING, MessageState.SENDING]
LOST = [MessageState.FAILED, MessageState.GIVEN_UP]


class MessageQuerySet(PeopleQuerySet["Message"]):
    def unsettled(self) -> MessageQuerySet:
        return self.filter(state__in=UNSETTLED)

    def due(self, now: datetime) -> MessageQuerySet:
        """Not settled, and the instant of the next try has come."""
        return self.unsettled().filter(next_try_at__lte=now)

    def lease(self, message_id: int, now: datetime, clock: datetime, lasts: timedelta) -> bool:
        """Take a due message for one worker; True for the one that got it. `clock` is real time."""
        free = Q(lease_until=None) | Q(lease_until__lt=clock)
        mine = self.due(now).filter(free, pk=message_id)
        return mine.update(state=MessageState.SENDING, lease_until=clock + lasts, tries=F("tries") + 1) == 1

    def settle(self, message: Message, **values: Any) -> bool:
        """Write what came of a try, and give back the lease; False when another worker has it by now."""
        mine = self.filter(pk=message.pk, state=MessageState.SENDING, lease_until=message.lease_until)
        return mine.update(lease_until=None, **values) == 1


class Message(models.Model):
    """A message to one address. Sent at least once; doubles carry the same `message_id`."""

    # Whose page lists it. Empty for people without an organization.
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True, related_name="+")
    channel = models.CharField(max_length=20)
    # What it is, for lists: "Invitation". No secret and no name.
    title = models.CharField(max_length=100)
    # The same cause never makes two messages.
    dedupe_key = models.CharField(max_length=200, unique=True)
    # Both are emptied some weeks after the end.
    address_encrypted = models.TextField()
    content_encrypted = models.TextField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    # From then on it is of no use: given up.
    deadline = models.DateTimeField()
    state = models.CharField(max_length=20, choices=MessageState.choices, default=MessageState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    # In real time: it keeps two workers from sending the same message.
    lease_until = models.DateTimeField(null=True)
    # What the receiving side said last, in words.
    answer = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["next_try_at"], name="message_due", condition=Q(state__in=UNSETTLED)),
            models.Index(fields=["organization", "-created_at"], name="message_by_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.pk} ({self.state})"

    @property
    def address(self) -> str:
        """The plain address; empty once erased."""
        return decrypt(self.address_encrypted) if self.address_encrypted else ""

    @property
    def content(self) -> Content | None:
        """What the receiver gets; None once erased."""
        return Content(**json.loads(decrypt(self.content_encrypted))) if self.content_encrypted else None

    def set_secrets(self, address: str, content: Content) -> None:
        self.address_encrypted = encrypt(address)
        self.content_encrypted = encrypt(json.dumps(asdict(content)))

    @property
    def masked_address(self) -> str:
        return mask(self.address)

    @property
    def message_id(self) -> str:
        """By which a receiver can tell a double: the same at each try, and nothing about the cause in it."""
        return salted_hmac("outbox.Message", self.dedupe_key, algorithm="sha256").hexdigest()[:32]

    @property
    def is_unsettled(self) -> bool:
        return self.state in UNSETTLED

    @property
    def can_be_retried(self) -> bool:
        return self.state in LOST and bool(self.content_encrypted)

    def get_tone(self) -> str:
        return MessageState(self.state).tone


def mask(address: str) -> str:
    """ "a…@example.org", or "…42" of a number: enough to recognize, too little to use."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else f"…{address[-2:]}"
