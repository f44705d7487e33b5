"""The records the sandbox keeps, one dataclass per kind; ``shapes.py`` renders them for clients.

Every field is plain JSON. A record carries its own timers (name → instant at which it fires), so they survive a restart
together with it. PINs and other secrets never show in a ``repr``.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from seam_sandbox.world.simulated_clock import Instant

Issue = dict[str, Any]  # an entry of ``errors`` or ``warnings``
Metadata = dict[str, str | bool]


@dataclass(kw_only=True)
class Record:
    kind: ClassVar[str]
    id: str
    created_at: Instant
    seq: int = 0
    timers: dict[str, Instant] = field(default_factory=dict)


@dataclass(kw_only=True)
class Webview(Record):
    kind: ClassVar[str] = "connect_webview"
    url: str = field(repr=False)
    auth_token: str = field(repr=False)
    accepted_providers: list[str]
    accepted_capabilities: list[str]
    device_selection_mode: str
    custom_metadata: Metadata
    custom_redirect_url: str | None
    custom_redirect_failure_url: str | None
    customer_key: str | None
    automatically_manage_new_devices: bool
    wait_for_device_creation: bool
    status: str = "pending"
    connected_account_id: str | None = None
    authorized_at: Instant | None = None
    selected_provider: str | None = None


@dataclass(kw_only=True)
class Account(Record):
    kind: ClassVar[str] = "connected_account"
    email: str
    customer_key: str | None
    custom_metadata: Metadata
    automatically_manage_new_devices: bool
    accepted_capabilities: list[str]
    webview_ids: list[str]
    display_name: str
    disconnected_at: Instant | None = None


@dataclass(kw_only=True)
class Device(Record):
    kind: ClassVar[str] = "device"
    account_id: str
    provider_name: str
    nickname: str | None = None
    home: str
    time_zone: str
    model: str  # a key of ``hardware.MODELS``
    is_managed: bool
    custom_metadata: Metadata = field(default_factory=dict)
    online: bool = True
    hub_online: bool = True
    removed_at: Instant | None = None
    offline_since: Instant | None = None
    locked: bool = True
    battery_percent: int = 90
    keypad_percent: int | None = None
    auto_lock_enabled: bool = False
    auto_lock_delay_seconds: float = 30
    backup_pool_enabled: bool = False
    extra_errors: list[Issue] = field(default_factory=list)
    extra_warnings: list[Issue] = field(default_factory=list)
    # How the lock misbehaves, set by ``POST /_sandbox/devices``: see ``controls.py``.
    quirks: dict[str, Any] = field(default_factory=dict)
    # Changes on the lock that Seam has not polled yet.
    unreported: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class AccessCode(Record):
    kind: ClassVar[str] = "access_code"
    device_id: str
    name: str | None
    pin: str | None = field(repr=False)
    is_managed: bool = True
    is_pin_hidden: bool = False
    type: str = "ongoing"
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    common_code_key: str | None = None
    is_native: bool = True
    is_external_modification_allowed: bool = False
    uses_backup_pool: bool = False
    is_backup: bool = False
    pulled_backup_id: str | None = None
    preferred_length: int | None = None
    status: str = "unset"
    is_on_device: bool = False
    is_deleting: bool = False
    is_over: bool = False  # expired and removed from the lock, kept as a record
    is_waiting: bool = False  # the lock was unreachable or refused; no work until that changes
    mutated_at: Instant | None = None  # since when a change is pending
    wanted: dict[str, Any] = field(default_factory=dict, repr=False)  # an update under way to the lock
    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)


@dataclass(kw_only=True)
class ActionAttempt(Record):
    kind: ClassVar[str] = "action_attempt"
    action_type: str
    device_id: str | None = None
    status: str = "pending"
    result: dict[str, Any] | None = field(default=None, repr=False)
    error: dict[str, str] | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Event(Record):
    kind: ClassVar[str] = "event"
    type: str
    payload: dict[str, Any] = field(repr=False)
    customer_key: str | None = None


@dataclass(kw_only=True)
class Webhook(Record):
    kind: ClassVar[str] = "webhook"
    url: str
    event_types: list[str]
    secret: str = field(repr=False)


@dataclass(kw_only=True)
class Delivery(Record):
    """One event on its way to one webhook."""

    kind: ClassVar[str] = "delivery"
    webhook_id: str
    event_id: str
    due_at: Instant
    failures: int = 0
    is_signed_wrongly: bool = False
    is_from_the_future: bool = False


@dataclass(kw_only=True)
class Leftover(Record):
    """A code that stayed on a lock when its account was deleted at Seam."""

    kind: ClassVar[str] = "leftover"
    device_id: str
    name: str | None
    pin: str = field(repr=False)


KINDS: dict[str, type[Record]] = {
    each.kind: each
    for each in (Webview, Account, Device, AccessCode, ActionAttempt, Event, Webhook, Delivery, Leftover)
}
