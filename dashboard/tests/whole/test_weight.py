"""What goes over the wire, compressed: each fragment that a page asks for again, and a first load of each page."""

import gzip
import re
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from outbox.tests.drafts import posted
from properties.codes import planning, staff_codes
from properties.models import AccessCode, Activity, BatteryReading, Door, StaffMember
from properties.tests.builders import (
    make_account,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_unit,
    other_code,
)
from seam_integration.models import ConnectWebview

FRAGMENT, FIRST_LOAD = 6_000, 60_000
# As a proxy compresses what is made for each request.
LEVEL = 6
# Each fragment's template with its address: a name, and the row that it is about. Today's has its own tests.
FRAGMENTS = {
    "locks/_guests.html": ("lock-guests", "lock"),
    "locks/_test.html": ("lock-test", "lock"),
    "locks/_state.html": ("lock-state", "lock"),
    "locks/_codes.html": ("lock-codes", "lock"),
    "locks/_events.html": ("lock-events", "lock"),
    "staff/_doors.html": ("staff-doors", "staff"),
    "staff/_pin.html": ("staff-pin", "staff"),
    "stays/_access_codes.html": ("stay-access-codes", "stay"),
    "connections/_list.html": ("connections-list", ""),
    "connections/_opening.html": ("connection-opening-state", "webview"),
    "outbox/_list.html": ("outbox-list", ""),
    "access_codes/_state.html": ("access-code-state", "code"),
    "access_codes/_pin.html": ("access-code-pin", "code"),
}
ELSEWHERE = {"overview/_day.html"}
LISTS = ["stays", "access-codes", "properties", "connections", "staff", "people", "activity", "stay-add", "search"]
PAGES = [*((name, "") for name in LISTS), ("lock", "lock"), ("stay", "stay"), ("access-code", "code")]
GUESTS = ["Anna Schmidt", "José Álvarez", "Mina Park", "Robin O’Neill", "Zoë Wójcik", "ליאור בן־דוד", "Nguyễn Thị Hà"]
NUMBERS = count(482_917, 7)


def weight(answer: bytes) -> int:
    return len(gzip.compress(answer, LEVEL))


@pytest.fixture
def large(organization, owner, now) -> dict[str, int]:
    """A house of twenty doors, each lock full and busy, many accounts and people; the numbers of what is looked at."""
    place = make_property(organization)
    unit = make_unit(place)
    locks = [make_lock(organization, f"Lake House {name} Door") for name in range(20)]
    for lock in locks:
        make_door(unit, lock, f"{lock.name} inside")
    front = locks[0]
    for n in range(48):
        make_code(front, f"{GUESTS[n % 7]} {n}", pin=str(next(NUMBERS)), on_lock_at=now - timedelta(minutes=n))
    front.other_codes = [other_code(f"Somebody {n}") for n in range(10)]
    front.save(update_fields=["other_codes"])
    for n in range(60):
        at, about = now - timedelta(minutes=7 * n), {"lock": front, "source": "Seam", "certainty": "reported"}
        Activity.record(organization.pk, at, "lock.unlocked", f"{front} was unlocked by {GUESTS[n % 7]}", **about)
    stay = make_stay(unit, days_ahead=-1)
    planning.apply_stay_plan(stay, now, owner)
    maria = StaffMember(organization=organization, name="Maria Lopez", job="Cleaner")
    staff_codes.save_member(maria, list(Door.objects.all()), now, owner)
    for n in range(30):
        make_account(organization, display_name=f"{GUESTS[n % 7].split()[0].lower()}.{n}@example.com")
    for n in range(12):
        other = make_unit(make_property(organization, f"House {n}"))
        make_door(other, make_lock(organization, f"House {n} Front"))
        for days in (2, 9, 16, 23):
            planning.apply_stay_plan(make_stay(other, GUESTS[n % 7], days_ahead=days + n), now, owner)
    for n in range(50):
        posted(f"invitation {n}", organization_id=organization.pk, address=f"somebody.{n}@example.org")
    BatteryReading.objects.bulk_create(
        BatteryReading(lock=front, at=now - timedelta(hours=6 * n), level=1 - n / 500) for n in range(360)
    )
    webview = ConnectWebview.objects.create(
        organization=organization, launched_by=owner, launched_at=now, nonce_hash="x"
    )
    numbers = {"webview": webview.pk, "staff": maria.pk}
    return numbers | {"lock": front.pk, "stay": stay.pk, "code": AccessCode.objects.filter(lock=front)[0].pk}


def address(name: str, row: str, numbers: dict[str, int]) -> str:
    return reverse(name, args=[numbers[row]] if row else [])


def test_every_fragment_is_weighed_here():
    shown = set()
    for path in Path(settings.BASE_DIR, "dashboard", "views").rglob("*.py"):
        shown |= set(re.findall(r'"(\w+/_\w+\.html)"', path.read_text()))
    assert shown == FRAGMENTS.keys() | ELSEWHERE


def test_fragment_is_light_on_house_of_twenty_doors(owner_client, large):
    found = {}
    for name, row in FRAGMENTS.values():
        found[name] = weight(owner_client.get(address(name, row, large)).content)
    assert {name: size for name, size in found.items() if size > FRAGMENT} == {}


def static_files(page: str) -> set[str]:
    """The scripts, the stylesheet and the icon that a page names."""
    named = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    return {re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in named}


def test_first_load_is_light_whichever_page_it_is(owner_client, large):
    found = {}
    for name, row in PAGES:
        page = owner_client.get(address(name, row, large)).content
        files = {name: Path(finders.find(name)).read_bytes() for name in static_files(page.decode())}
        assert len(files) > 3
        found[name] = weight(page) + sum(len(gzip.compress(each)) for each in files.values())
    assert {name: size for name, size in found.items() if size > FIRST_LOAD} == {}
