"""The list of locks: state, batteries and their ages, search, filter, pages, and what is not known."""

import gzip
from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.rows.locks import ListedLock, LockColumns
from dashboard.tests.pages import words
from properties.models import Lock
from properties.tests.builders import make_account, make_door, make_lock, make_property, make_unit

LOCKS = reverse("locks")


def row_of(page, name: str) -> str:
    """The words of one lock's row."""
    return next(row for row in page.content.decode().split("<tr>") if f"<bdi>{name}</bdi>" in row)


def test_row_tells_state_door_and_batteries_with_their_ages(owner_client, organization, now):
    lock = make_lock(
        organization,
        read_at=now - timedelta(minutes=4),
        locked_at=now - timedelta(hours=2),
        keypad_battery_level=0.62,
        keypad_battery_at=now - timedelta(minutes=4),
    )
    unit = make_unit(make_property(organization), "Guest Suite")
    make_door(unit, lock, "Side door")
    page = words(owner_client.get(LOCKS))
    assert "Lake House · Side door Guest Suite" in page
    assert "Locked 2 h ago" in page
    assert "85% 4 min ago" in page
    assert "62% 4 min ago" in page
    assert "Online" in page


def test_unknown_state_is_not_last_good_value(owner_client, organization, now):
    make_lock(
        organization,
        is_locked=None,
        locked_at=now - timedelta(hours=2),
        is_online=None,
        battery_level=None,
        battery_status="",
        battery_at=now - timedelta(days=2),
        has_keypad=None,
        read_at=None,
    )
    row = row_of(owner_client.get(LOCKS), "Front Door")
    # State, online, lock battery, keypad battery.
    assert row.count("Unknown</span>") == 4
    assert "85%" not in row
    assert "never" in row


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"is_locked": False}, "Unlocked"),
        ({"is_online": False}, "Offline"),
        ({"has_keypad": False}, "No keypad"),
        ({"battery_level": 0.2}, "Lock battery is low"),
        ({"battery_level": 0.1}, "10% Critical"),
        ({"battery_level": 0.0}, "0% Critical"),
        ({"keypad_battery_level": 0.2}, "Keypad battery is low"),
        ({"vanished_at": "2026-05-01T00:00Z"}, "No longer in the linked account"),
        ({"breaker_until": "2026-06-01T13:00Z"}, "Paused after repeated failures"),
        ({"errors": [{"error_code": "from_the_future", "message": "Something new."}]}, "Something new."),
        ({"errors": [{"error_code": "from_the_future"}]}, "from_the_future"),
        ({"read_at": "2026-05-29T00:00Z"}, "Not read for more than a day"),
    ],
)
def test_row_says_what_is_matter(owner_client, organization, now, fields, shown):
    make_lock(organization, **fields)
    assert shown in words(owner_client.get(LOCKS))


def test_lock_without_door_leads_to_suggestions(owner_client, organization):
    make_lock(organization)
    page = owner_client.get(LOCKS)
    assert "On no door" in words(page)
    assert reverse("door-suggestions") in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("front", ["Front Door"]),
        ("  FRONT ", ["Front Door"]),
        ("shed", ["Wyze 7"]),
        ("lake", ["Wyze 7"]),
        ("%", []),
        ("a\0b", []),
        ("", ["Front Door", "Wyze 7"]),
    ],
)
def test_search_looks_at_lock_door_and_property(owner_client, organization, query, found):
    make_lock(organization)
    other = make_lock(organization, "Wyze 7")
    make_door(make_unit(make_property(organization)), other, "Shed")
    page = owner_client.get(LOCKS, {"q": query})
    assert [lock["name"] for lock in page.context["rows"]] == found
    assert ("No lock matches" in words(page)) is (not found)


def test_filter_shows_what_needs_attention(owner_client, organization):
    make_lock(organization, "Fine")
    make_lock(organization, "Weak", battery_level=0.1)
    page = owner_client.get(LOCKS, {"show": "attention"})
    assert [lock["name"] for lock in page.context["rows"]] == ["Weak"]


def test_search_and_filter_go_together_and_stay_in_form(owner_client, organization):
    for name in ("Weak North", "Weak South"):
        make_lock(organization, name, battery_level=0.1)
    page = owner_client.get(LOCKS, {"q": "north", "show": "attention"})
    assert [lock["name"] for lock in page.context["rows"]] == ["Weak North"]
    assert 'value="north"' in page.content.decode()
    assert '<option value="attention" selected>' in page.content.decode()


@pytest.mark.parametrize(
    ("number", "first"), [("2", "Lock 100"), ("99", "Lock 100"), ("x", "Lock 000"), ("-1", "Lock 100")]
)
def test_many_locks_come_in_pages_that_keep_search(owner_client, organization, number, first):
    account = make_account(organization)
    Lock.objects.bulk_create(
        Lock(organization=organization, account=account, name=f"Lock {n:03}", seam_id=f"{n:032x}") for n in range(120)
    )
    page = owner_client.get(LOCKS, {"q": "lock", "page": number})
    assert page.context["rows"][0]["name"] == first
    assert "of 120 locks" in words(page)
    assert "q=lock&amp;page=" in page.content.decode()


def test_ten_thousand_locks_page_well(owner_client, organization, django_assert_max_num_queries):
    account = make_account(organization)
    Lock.objects.bulk_create(
        Lock(organization=organization, account=account, name=f"Lock {n:05}", seam_id=f"{n:032x}")
        for n in range(10_000)
    )
    # The first page of a session notes that it began.
    owner_client.get(LOCKS)
    with django_assert_max_num_queries(12):
        page = owner_client.get(LOCKS, {"page": "100"})
    assert "9901–10000 of 10000 locks" in words(page)
    assert len(gzip.compress(page.content)) < 20_000


def test_locks_of_unlinked_account_are_not_listed(owner_client, organization, now):
    make_lock(organization, account=make_account(organization, unlinked_at=now))
    page = words(owner_client.get(LOCKS))
    assert "Front Door" not in page
    assert "No lock linked" in page


def test_while_linked_account_is_read_page_says_so(owner_client, organization):
    make_account(organization)
    assert "An account is linked. Its locks appear here as soon as they are read." in words(owner_client.get(LOCKS))


def test_empty_list_says_what_to_do_next(owner_client):
    page = words(owner_client.get(LOCKS))
    assert "No lock linked" in page
    assert "you need its email address, password, API Key ID and API Key" in page


def test_name_cannot_bring_markup_in(owner_client, organization):
    make_lock(organization, "<script>alert(1)</script>")
    assert "<script>alert" not in owner_client.get(LOCKS).content.decode()


def test_stranger_sees_none_of_it(stranger_client, organization):
    make_lock(organization)
    assert "Front Door" not in words(stranger_client.get(LOCKS))


def test_it_is_page_to_be_read(owner_client):
    assert owner_client.post(LOCKS).status_code == 405


def test_listed_lock_says_what_its_model_says(organization, now):
    lock = make_lock(
        organization,
        is_online=False,
        battery_level=0.1,
        keypad_battery_level=None,
        keypad_battery_at=now - timedelta(days=3),
        read_at=now - timedelta(days=2),
        vanished_at=now - timedelta(hours=1),
        breaker_until=now + timedelta(hours=1),
    )
    [row] = Lock.objects.values_list(*LockColumns._fields)
    listed = ListedLock.of(row, {lock.account_id: lock.account})
    for told in (listed, lock):
        assert told.attention(now)[:3] == [
            "No longer in the linked account",
            "Paused after repeated failures",
            "Offline",
        ]
    assert listed.attention(now) == lock.attention(now)
    ages = [(each.last_read_at, each.last_battery_at, each.last_keypad_battery_at) for each in (listed, lock)]
    assert ages[0] == ages[1] == (lock.read_at, lock.read_at, lock.keypad_battery_at)
