"""Plain functions that put rows into the test database. Every argument has a sensible value."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from accounts import proof
from accounts.models import Membership, Organization, Role, User
from properties.codes import planning
from properties.models import AccessCode, ConnectedAccount, Door, Guest, Lock, Property, Stay, Unit
from properties.models.access_codes import errors_of_the_code
from properties.models.stays import Window

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def make_organization(name: str = "Lake Homes") -> Organization:
    return Organization.objects.create(name=name)


def make_proved(email: str, password: str | None = None) -> User:
    """A person without an organization, whose address is proved."""
    user = User.objects.create_user(email, password)
    proof.prove(user)
    return user


def make_user(
    email: str = "owner@example.org", organization: Organization | None = None, role: Role = Role.OWNER
) -> User:
    user = make_proved(email)
    Membership.objects.create(user=user, organization=organization or make_organization(), role=role)
    return user


def make_account(organization: Organization, **fields: Any) -> ConnectedAccount:
    values = {
        "seam_id": str(uuid.uuid4()),
        "provider": "wyze",
        "display_name": "jane@example.com",
        "linked_at": NOW,
    }
    return ConnectedAccount.objects.create(organization=organization, **(values | fields))


def make_lock(organization: Organization, name: str = "Front Door", **fields: Any) -> Lock:
    """A Wyze lock with gateway and keypad, online, unless told otherwise."""
    account = fields.pop("account", None) or organization.accounts.first() or make_account(organization)
    values: dict[str, Any] = {
        "seam_id": str(uuid.uuid4()),
        "can_lock": True,
        "can_unlock": True,
        "can_program_codes": True,
        "has_keypad": True,
        "code_lengths": [4, 5, 6, 7, 8],
        "code_capacity": 50,
        "is_online": True,
        "is_locked": True,
        "battery_level": 0.85,
        "battery_status": "good",
        "read_at": NOW,
        "locked_at": NOW,
        "battery_at": NOW,
    }
    return Lock.objects.create(organization=organization, account=account, name=name, **(values | fields))


def other_code(name: str | None = "Cleaner", **fields: Any) -> dict[str, Any]:
    """A row of `Lock.other_codes` as a poll writes it: a code made in the maker's app, unless told otherwise."""
    values = {"access_code_id": str(uuid.uuid4()), "name": name, "status": "set", "starts_at": None, "ends_at": None}
    return values | {"created_at": NOW.isoformat(), "is_managed": False} | fields


def make_property(organization: Organization, name: str = "Lake House", **fields: Any) -> Property:
    values = {"time_zone": "America/Los_Angeles", "check_in_time": time(16), "check_out_time": time(11)}
    return Property.objects.create(organization=organization, name=name, **(values | fields))


def make_unit(place: Property, name: str = "Whole home") -> Unit:
    return Unit.objects.create(organization=place.organization, property=place, name=name)


def make_door(unit: Unit, lock: Lock | None = None, name: str = "Front door", **fields: Any) -> Door:
    door = Door.objects.create(organization=unit.organization, property=unit.property, name=name, lock=lock, **fields)
    door.units.add(unit)
    return door


def make_stay(unit: Unit, guest: str = "Anna Schmidt", days_ahead: int = 10, nights: int = 3, **fields: Any) -> Stay:
    """A stay from `days_ahead` days after NOW, at the property's times. Plans no codes: `planning` does."""
    check_in_on: date = fields.pop("check_in_on", NOW.date() + timedelta(days=days_ahead))
    values: dict[str, Any] = {
        "check_in_on": check_in_on,
        "check_in_time": unit.property.check_in_time,
        "check_out_on": check_in_on + timedelta(days=nights),
        "check_out_time": unit.property.check_out_time,
        "created_at": NOW,
    }
    person = Guest.objects.create(organization=unit.organization, name=guest, phone=fields.pop("phone", ""))
    stay = Stay(organization=unit.organization, unit=unit, guest=person, **(values | fields))
    stay.starts_at, stay.ends_at = stay.window()
    stay.save()
    return stay


def make_code(lock: Lock, holder: str = "Anna Schmidt", pin: str = "482917", **fields: Any) -> AccessCode:
    """A planned code for a week from NOW + 10 days; pass `window=None` for an ongoing one."""
    starts_at = NOW + timedelta(days=10)
    window = fields.pop("window", Window(starts_at, starts_at + timedelta(days=7)))
    code = planning.issue(lock, holder, window, pin, fields.pop("now", NOW), None, stay=fields.pop("stay", None))
    if "errors" in fields:
        fields["has_own_errors"] = bool(errors_of_the_code(fields["errors"]))
    if fields:
        AccessCode.objects.filter(pk=code.pk).update(**fields)
        code.refresh_from_db()
    return code
