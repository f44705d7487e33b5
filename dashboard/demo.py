"""The demo: one organization with homes and stays, ready for a Wyze account to be linked."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from accounts import proof
from accounts.models import Membership, Organization, Right, Role, User
from properties.models import (
    Door,
    Guest,
    Property,
    Stay,
    Unit,
)
from seam_integration import clock
from seam_integration.seam import ask_sandbox

EMAIL = "demo@example.com"
# Good enough where only this machine can reach the page; elsewhere a random one is made.
LOCAL_PASSWORD = "latchkey-demo"  # noqa: S105
LOOPBACK = ("", "127.0.0.1", "localhost", "::1")

# Name, address, zone, and the doors of each unit: linking an account offers its locks for them by name.
PLACES = [
    (
        "Lake House",
        "14 Shore Road, Tahoe City",
        "America/Los_Angeles",
        {"Whole house": ["Front Door", "Back Door"], "Guest Suite": ["Guest Suite"]},
    ),
    ("Harbor Loft", "2 Pier Street, Portland", "America/New_York", {"Loft 2A": ["Entrance", "2A"]}),
]
# Place, unit, guest, nights from today until check-in, nights.
STAYS = [
    ("Harbor Loft", "Loft 2A", "Kenji Mori", -2, 3),
    ("Lake House", "Whole house", "Anna Schmidt", 1, 3),
    ("Harbor Loft", "Loft 2A", "José Álvarez", 2, 4),
    ("Lake House", "Guest Suite", "Mina Park", 5, 2),
    ("Lake House", "Whole house", "Robin O’Neill", 6, 4),
]


@dataclass(frozen=True)
class LogIn:
    """What a person types to see the demo."""

    email: str
    password: str


def log_in_path() -> Path:
    return Path(settings.VAR_DIR) / "demo-login"


def log_in() -> LogIn | None:
    """The demo's log-in as kept in `var/`; None where there is no demo."""
    try:
        email, password = log_in_path().read_text().split("\n")[:2]
    except (OSError, ValueError):
        return None
    return LogIn(email, password)


def fill(now: datetime) -> LogIn:
    """Make the demo's organization, person and content, once; the password fits where the page can be reached."""
    with transaction.atomic():
        user, is_new = User.objects.get_or_create(email=EMAIL)
        if not proof.has_proved(user, EMAIL):
            proof.prove(user)
        organization = _organization_of(user)
        if not organization.properties.exists():
            _fill_content(organization, now)
        kept = log_in()
        password = kept.password if kept and user.check_password(kept.password) else ""
        is_local = is_on_this_machine_only()
        if not password or (not is_local and password == LOCAL_PASSWORD):
            password = LOCAL_PASSWORD if is_local else secrets.token_urlsafe(12)
            user.set_password(password)
            user.save(update_fields=["password"])
    _keep(LogIn(EMAIL, password))
    return LogIn(EMAIL, password)


def _organization_of(user: User) -> Organization:
    if user.current_membership is not None:
        return user.organization
    organization = Organization.objects.create(name="Lake & Harbor Homes")
    Membership.objects.create(user=user, organization=organization, role=Role.OWNER)
    return organization


def _keep(login: LogIn) -> None:
    path = log_in_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(f"{login.email}\n{login.password}\n")


def _fill_content(organization: Organization, now: datetime) -> None:
    units: dict[tuple[str, str], Unit] = {}
    for name, address, zone, doors_of_unit in PLACES:
        place = Property.objects.create(organization=organization, name=name, address=address, time_zone=zone)
        for unit_name, door_names in doors_of_unit.items():
            unit = Unit.objects.create(organization=organization, property=place, name=unit_name)
            units[name, unit_name] = unit
            for door_name in door_names:
                Door.objects.create(organization=organization, property=place, name=door_name).units.add(unit)
    for place_name, unit_name, guest, days, nights in STAYS:
        _add_stay(units[place_name, unit_name], guest, days, nights, now)


def _add_stay(unit: Unit, guest: str, days: int, nights: int, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(unit.property.time_zone)).date()
    stay = Stay(
        organization=unit.organization,
        unit=unit,
        guest=Guest.objects.create(organization=unit.organization, name=guest),
        check_in_on=today + timedelta(days=days),
        check_in_time=time(16),
        check_out_on=today + timedelta(days=days + nights),
        check_out_time=time(11),
        created_at=now,
    )
    stay.starts_at, stay.ends_at = stay.window()
    stay.save(force_insert=True)


# What goes when the demo starts afresh, in the order of what points at what.
GOING = [
    *(f"properties.{name}" for name in ("Activity", "AccessCode", "StaffMember", "LockCommand", "Door", "Stay")),
    *(f"properties.{name}" for name in ("Guest", "Unit", "Property", "Lock")),
    *(f"seam_integration.{name}" for name in ("ConnectWebview", "SeamEvent", "CatchUp", "WebhookRegistration")),
    "properties.ConnectedAccount",
    "outbox.Message",
]


def is_on_this_machine_only() -> bool:
    """Whether no other machine can reach the page."""
    return os.environ.get("HOST", "") in LOOPBACK


def is_on() -> bool:
    """Only on the sandbox, without a key and without a public address."""
    return bool(settings.SANDBOX_CLOCK and settings.MAY_HAVE_DEMO)


def is_over_for(user: User | AnonymousUser) -> bool:
    """The demo's person, where there is no demo: with their well-known password they must not get in."""
    return isinstance(user, User) and user.email == EMAIL and not is_on()


def retire() -> bool:
    """End the demo's person where real locks or the internet are; False when there is none, or it is done."""
    user = User.objects.filter(email=EMAIL).first()
    if user is None or is_on() or not user.has_usable_password():
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    user.end_sessions()
    log_in_path().unlink(missing_ok=True)
    return True


def shows_outbox_to(user: User | AnonymousUser) -> bool:
    """Messages hold links that log in: to whoever sits at this machine, else to the demo's own people only."""
    if not is_on():
        return False
    return is_on_this_machine_only() or (isinstance(user, User) and is_of_demo(user) and user.can(Right.MANAGE_PEOPLE))


def is_of_demo(user: User) -> bool:
    """Belongs to the demo's own organization: others on the same server cannot throw its content away."""
    organization_id = user.organization_id
    if organization_id is None:
        return False
    return Membership.objects.filter(user__email=EMAIL, organization_id=organization_id).exists()


def start_afresh() -> None:
    """Forget everything that came from the sandbox, and the demo's own content; people and log-ins stay.

    Raises requests.RequestException when the sandbox does not answer; then nothing has changed.
    """
    ask_sandbox("POST", "/_sandbox/reset", {}, timeout=10)
    clock.forget()
    with transaction.atomic():
        for name in GOING:
            apps.get_model(name).objects.all().delete()
        Organization.objects.update(first_run_put_away_at=None)
    fill(clock.now())
