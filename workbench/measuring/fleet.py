"""Rows to measure with: fleets of locks, and years of stays with codes, inserted in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice

from django.db import connection
from django.utils import timezone

from accounts.models import Organization
from properties.models import AccessCode, ConnectedAccount, Door, Guest, Lock, Property, Stay, Unit
from properties.models.stays import window_of
from properties.values.encryption import encrypt, keyed_hash
from seam_integration.models import LockWork

HOMES = 100
ZONE = "Europe/Berlin"


def bare_fleet(organization: Organization, locks: int, next_look: datetime | None = None) -> list[Lock]:
    """Create healthy locks of one account."""
    now = timezone.now()
    account = ConnectedAccount.objects.create(
        organization=organization, seam_id=str(uuid.uuid4()), provider="wyze", linked_at=now, synced_at=now
    )
    rows = (
        Lock(
            organization=organization,
            account=account,
            seam_id=str(uuid.uuid4()),
            name=f"Lock {number:05d}",
            device_type="wyze_lock",
            can_lock=True,
            can_unlock=True,
            can_program_codes=True,
            has_keypad=True,
            code_lengths=[4, 5, 6, 7, 8],
            code_capacity=50,
            is_online=True,
            is_locked=True,
            battery_level=0.8,
            battery_status="full",
            keypad_battery_level=0.7,
            read_at=now,
            locked_at=now,
            battery_at=now,
            keypad_battery_at=now,
            unmanaged_read_at=now,
        )
        for number in range(locks)
    )
    Lock.objects.bulk_create(rows, batch_size=1000)
    fleet = list(Lock.objects.filter(account=account).order_by("pk"))
    LockWork.objects.bulk_create(
        (LockWork(lock=lock, codes_read_at=now, reconcile_at=next_look) for lock in fleet), batch_size=1000
    )
    return fleet


def homes_with_units(organization: Organization, locks: list[Lock]) -> list[Unit]:
    """Create a unit behind each lock, in a hundred properties."""
    homes = [Property(organization=organization, name=f"Home {number:03d}", time_zone=ZONE) for number in range(HOMES)]
    Property.objects.bulk_create(homes)
    units = [
        Unit(organization=organization, property=homes[number % HOMES], name=f"Unit {number:05d}")
        for number in range(len(locks))
    ]
    Unit.objects.bulk_create(units, batch_size=1000)
    doors = [
        Door(organization=organization, property=unit.property, name=f"Door {number:05d}", lock=lock)
        for number, (unit, lock) in enumerate(zip(units, locks, strict=True))
    ]
    Door.objects.bulk_create(doors, batch_size=1000)
    links = [Door.units.through(door_id=door.pk, unit_id=unit.pk) for door, unit in zip(doors, units, strict=True)]
    Door.units.through.objects.bulk_create(links, batch_size=1000)
    return units


def years_of_stays(units: list[Unit], locks: list[Lock], stays: int, arrivals: int, now: datetime) -> None:
    """Create stays of three nights with codes: `arrivals` begin today, a few are in house, most are over."""
    organization = units[0].organization
    guests = [Guest(organization=organization, name=f"Guest {number:06d}") for number in range(stays)]
    Guest.objects.bulk_create(guests, batch_size=2000)
    rows: list[Stay] = []
    lock_of: list[Lock] = []
    today = now.astimezone(units[0].property.zone).date()
    for number, guest in enumerate(guests):
        at = number % len(units)
        unit = units[at]
        # The first arrive today, the next yesterday, and each further round earlier.
        rounds = number // len(units)
        first = today - timedelta(days=(0 if at < arrivals else 1 if at < 2 * arrivals else 4) + 4 * rounds)
        times = (time(16), time(11))
        last = first + timedelta(days=3)
        starts_at, ends_at = window_of(unit.property, first, times[0], last, times[1])
        rows.append(
            Stay(
                organization=organization,
                unit=unit,
                guest=guest,
                check_in_on=first,
                check_in_time=times[0],
                check_out_on=last,
                check_out_time=times[1],
                starts_at=starts_at,
                ends_at=ends_at,
                created_at=starts_at - timedelta(days=5),
            )
        )
        lock_of.append(locks[at])
    Stay.objects.bulk_create(rows, batch_size=1000)
    codes = _codes(rows, lock_of, now)
    while batch := list(islice(codes, 1000)):
        AccessCode.objects.bulk_create(batch)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _codes(stays: list[Stay], locks: list[Lock], now: datetime) -> Iterator[AccessCode]:
    """Create a code for each stay: proved on the lock, or proved removed where the stay is over."""
    cipher, digest = encrypt("482917"), keyed_hash("482917")
    for stay, lock in zip(stays, locks, strict=True):
        is_over, has_begun = stay.ends_at <= now, stay.starts_at <= now
        yield AccessCode(
            organization_id=stay.organization_id,
            lock=lock,
            stay=stay,
            holder_name=stay.guest.name,
            starts_at=stay.starts_at,
            ends_at=stay.ends_at,
            pin_encrypted=cipher,
            pin_hash=digest,
            created_at=stay.created_at,
            seam_name=f"Guest {stay.pk}",
            seam_id=str(uuid.uuid4()),
            accepted_at=stay.created_at,
            accepted_source="Seam's answer",
            seam_status="set" if has_begun else "unset",
            is_scheduled_on_device=True,
            seam_starts_at=stay.starts_at,
            seam_ends_at=stay.ends_at,
            observed_at=now,
            on_lock_at=stay.starts_at - timedelta(days=3),
            on_lock_source="event",
            live_at=stay.starts_at if has_begun else None,
            removed_at=stay.ends_at if is_over else None,
        )
