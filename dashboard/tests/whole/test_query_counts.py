"""Lists ask the database the same number of questions, whether they show few rows or many."""

import re
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from calendars.tests.applying.scene import make_feed
from properties.codes import planning
from properties.models import AccessCode, Activity
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
from properties.verdict import storing
from seam_integration.models import ConnectWebview, Heartbeat

FEW, MANY = 2, 7


def grow(organization, owner, now, first: int, last: int) -> None:
    """Rows of every kind, each with all that hangs on it: places, locks, stays, codes, accounts, history."""
    for n in range(first, last):
        account = make_account(organization, display_name=f"person-{n}@example.com")
        place = make_property(organization, f"House {n}")
        unit = make_unit(place)
        lock = make_lock(
            organization,
            f"Lock {n}",
            account=account,
            errors=[{"error_code": "x", "message": "No."}],
            battery_level=0.1,
            other_codes=[other_code("Cleaner")],
        )
        make_door(unit, lock)
        make_feed(organization, unit=unit)
        make_lock(organization, f"House {n} Back Door", account=account)
        for days in (-1, 0, 1, 3):
            stay = make_stay(unit, f"Guest {n}", days_ahead=days, nights=1)
            planning.apply_stay_plan(stay, now, owner)
        make_code(lock, f"Person {n}", pin=f"{48290 + n}7", rejected_at=now, rejection="No.")
        make_code(lock, f"Gone {n}", pin=f"{73910 + n}4", revoked_at=now, removed_at=now)
        Activity.record(organization.pk, now, "lock.locked", f"Lock {n} was locked", actor=owner, lock=lock)
        ConnectWebview.objects.create(
            organization=organization,
            launched_by=owner,
            seam_id=f"{n:032x}",
            nonce_hash=str(n),
            launched_at=now - timedelta(minutes=n),
        )


def questions(client, url: str) -> Counter[str]:
    """What a page asks, without its numbers and columns: how often each."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return Counter(re.sub(r"\d[\d, ]*", "N", query["sql"].partition(" FROM ")[2] or query["sql"]) for query in asked)


def asked_more(many: Counter[str], few: Counter[str]) -> list[str]:
    return [f"{count} times more: {shape[:300]}" for shape, count in (many - few).items() if count > 1]


LISTS = [
    reverse("overview"),
    reverse("overview") + "?when=week",
    reverse("stays"),
    reverse("stays") + "?when=past",
    reverse("locks"),
    reverse("locks") + "?show=attention",
    reverse("access-codes"),
    reverse("access-codes") + "?show=all",
    reverse("access-codes") + "?show=attention",
    reverse("access-code-issue"),
    reverse("connections"),
    reverse("connections-list"),
    reverse("calendars"),
    reverse("properties"),
    reverse("door-suggestions"),
    reverse("activity"),
]


@pytest.mark.parametrize("url", LISTS)
def test_list_asks_no_more_for_many_rows_than_for_few(url, owner_client, owner, organization, now):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    grow(organization, owner, now, 0, FEW)
    storing.judge_marked(now, 1000)
    questions(owner_client, url)
    few = questions(owner_client, url)
    grow(organization, owner, now, FEW, MANY)
    storing.judge_marked(now, 1000)
    many = questions(owner_client, url)
    assert many.total() <= few.total() + 1, "\n".join(asked_more(many, few))
    assert many.total() < 60


@pytest.mark.parametrize("url", [reverse("overview"), reverse("locks"), reverse("stay-timeline")])
def test_pages_of_day_ask_at_most_twelve_questions(url, owner_client, owner, organization, now):
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    organization.first_run_put_away_at = now
    organization.save(update_fields=["first_run_put_away_at"])
    place = make_property(organization)
    for n in range(MANY):
        unit = make_unit(place, f"Unit {n}")
        make_door(unit, make_lock(organization, f"Lock {n}"), f"Door {n}")
        for days in (-3, 0, 3):
            planning.apply_stay_plan(make_stay(unit, f"Guest {n} {days}", days_ahead=days, nights=2), now, owner)
    for code in AccessCode.objects.all():
        AccessCode.objects.filter(pk=code.pk).update(seam_id=str(uuid4()), **on_its_lock(now))
    storing.judge_marked(now, 1000)
    # The first page of five minutes also notes that the person is here.
    owner_client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert owner_client.get(url).status_code == 200
    assert len(asked) <= 12, "\n".join(query["sql"][:200] for query in asked)


def on_its_lock(now) -> dict[str, object]:
    """The columns of a code that is there as wanted."""
    times = {"seam_starts_at": F("starts_at"), "seam_ends_at": F("ends_at")}
    return times | {"accepted_at": now, "on_lock_at": now, "live_at": now}


def test_lock_page_costs_no_more_for_many_codes(owner_client, owner, organization, now):
    lock = make_lock(organization)
    url = reverse("lock", args=[lock.pk])

    def add(first: int, last: int) -> None:
        for n in range(first, last):
            make_code(lock, f"Person {n}", pin=f"{48290 + n}7", window=None)
            Activity.record(organization.pk, now, "lock.locked", "Locked", actor=owner, lock=lock)

    add(0, FEW)
    questions(owner_client, url)
    few = questions(owner_client, url)
    add(FEW, MANY)
    many = questions(owner_client, url)
    assert many.total() <= few.total() + 1, "\n".join(asked_more(many, few))


def test_lock_chooser_costs_no_more_on_invalid_form(owner_client, organization, now):
    make_lock(organization)
    with CaptureQueriesContext(connection) as few:
        owner_client.post(reverse("access-code-issue"), {})
    for n in range(MANY):
        make_lock(organization, f"Lock {n}")
    with CaptureQueriesContext(connection) as many:
        owner_client.post(reverse("access-code-issue"), {})
    assert len(many) <= len(few)
