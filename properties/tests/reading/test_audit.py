"""The audit's filters say the same as a code's state, and its list holds every code once."""

from datetime import timedelta
from itertools import product

import pytest

from properties.models import AccessCode, CodeKind, CodeState, Lock, Tone
from properties.models.stays import Window
from properties.reading import audit
from properties.tests.builders import NOW, make_code, make_lock, other_code

HOUR = timedelta(hours=1)
WINDOWS = {
    "ongoing": None,
    "to come": Window(NOW + 80 * HOUR, NOW + 90 * HOUR),
    "running": Window(NOW - 5 * HOUR, NOW + 5 * HOUR),
    "just over": Window(NOW - 5 * HOUR, NOW - HOUR / 10),
    "long over": Window(NOW - 50 * HOUR, NOW - 40 * HOUR),
}
FACTS = {
    "planned": {},
    "accepted": {"seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "observed_at": NOW},
    "on the lock": {"seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3302", "on_lock_at": NOW, "observed_at": NOW},
    "live": {
        "seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3303",
        "on_lock_at": NOW,
        "live_at": NOW,
        "observed_at": NOW,
    },
    "with its own error": {
        "seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3304",
        "on_lock_at": NOW,
        "errors": [{"error_code": "failed_to_set_on_device", "is_access_code_error": True}],
        "observed_at": NOW,
    },
    "out of reach": {
        "seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3307",
        "on_lock_at": NOW,
        "live_at": NOW,
        "errors": [{"error_code": "hub_disconnected", "is_device_error": True}],
        "observed_at": NOW,
    },
    "being changed": {
        "seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3305",
        "on_lock_at": NOW,
        "pending_mutations": [{"mutation_code": "updating_time_frame"}],
        "observed_at": NOW,
    },
    "refused": {"rejected_at": NOW, "rejection": "No."},
    "revoked": {"revoked_at": NOW - HOUR / 10, "seam_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3306"},
    "removed": {"revoked_at": NOW - HOUR, "removed_at": NOW - HOUR / 2},
}
WAITING = (CodeState.PLANNED, CodeState.ACCEPTED, CodeState.CHANGING, CodeState.LIVE_CHANGING, CodeState.UNSURE)


@pytest.fixture
def codes(organization, now):
    """One code of each window with each fact, Seam's times being ours."""
    found = {}
    for n, (window, facts) in enumerate(product(WINDOWS, FACTS)):
        times = WINDOWS[window]
        seam = {"seam_starts_at": times.starts_at, "seam_ends_at": times.ends_at} if times else {}
        values = FACTS[facts]
        if "seam_id" in values:
            values = values | {"seam_id": values["seam_id"][:-4] + f"{n:04x}"}
        lock = make_lock(organization, f"Lock {n}")
        found[window, facts] = make_code(
            lock,
            f"{window}, {facts}",
            window=times,
            now=NOW - 100 * HOUR,
            **(seam if "seam_id" in values else {}),
            **values,
        )
    return found


def names(name: str) -> set[str]:
    return set(audit.select(AccessCode.objects.all(), name, NOW).values_list("holder_name", flat=True))


def those(codes, is_so) -> set[str]:
    return {code.holder_name for code in codes.values() if is_so(code)}


def test_failed_are_those_whose_state_is_bad(codes):
    assert names("failed") == those(codes, lambda code: code.state(NOW).tone is Tone.BAD)


def test_waiting_are_those_that_are_wanted_and_on_their_way(codes):
    assert names("waiting") == those(codes, lambda code: code.state(NOW) in WAITING)


def test_to_remove_are_those_that_are_not_wanted_and_not_gone(codes):
    assert names("remove") == those(codes, lambda code: not code.is_wanted(NOW) and code.removed_at is None)


def test_expiring_codes_end_within_three_days(codes):
    found = names("expiring")
    assert found == those(
        codes, lambda code: code.is_wanted(NOW) and code.ends_at is not None and code.ends_at <= NOW + 72 * HOUR
    )
    assert found


def test_current_and_ended_share_all_codes(codes):
    assert names("current") | names("ended") == names("all")
    assert not names("current") & names("ended")
    assert len(names("all")) == len(codes)


def test_numbers_are_those_of_lists(codes, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        found = audit.tallies(AccessCode.objects.all(), NOW)
    assert found == {name: len(names(name)) for name in audit.TALLIED}
    assert all(found.values())


@pytest.mark.parametrize("seconds", [-59, 0, 59])
def test_window_rounded_by_seam_is_same_window(organization, now, seconds):
    window = Window(NOW - HOUR, NOW + HOUR)
    facts = FACTS["live"] | {
        "seam_starts_at": window.starts_at,
        "seam_ends_at": window.ends_at + timedelta(seconds=seconds),
    }
    make_code(make_lock(organization), window=window, now=NOW - HOUR, **facts)
    assert names("waiting") == set()


def test_list_holds_each_code_once_across_pages(organization, now, django_assert_max_num_queries):
    locks = [
        make_lock(organization, f"Lock {n}", other_codes=[other_code(f"Foreign {n}.{m}") for m in range(n)])
        for n in range(4)
    ]
    for n, lock in enumerate(locks):
        make_code(lock, f"Ours {n}")
    places = audit.find_unrecognized_codes(Lock.objects.all())
    rows = audit.AuditRows(audit.select(AccessCode.objects.all(), "current", NOW), places)
    assert len(rows) == 10
    with django_assert_max_num_queries(3):
        middle = rows[3:5]
    assert [row.holder_name for row in middle] == ["Ours 0", "Foreign 1.0"]
    paged = [row.holder_name for start in range(0, 10, 3) for row in rows[start : start + 3]]
    assert len(set(paged)) == 10
    assert rows[10:13] == []


def test_unrecognized_codes_are_found_by_name_and_lock(organization, now):
    make_lock(organization, "Front", other_codes=[other_code("Cleaner"), other_code(None)])
    make_lock(organization, "Gone", other_codes=[other_code("Cleaner")], vanished_at=now)
    find = lambda words: len(audit.find_unrecognized_codes(Lock.objects.all(), words))  # noqa: E731
    assert [find("clean"), find("FRONT"), find("gone"), find("")] == [1, 2, 0, 2]


def test_proof_is_last_one_and_says_how_it_is_known(organization, now):
    lock = make_lock(organization)
    code = make_code(lock, on_lock_at=NOW - HOUR, on_lock_source="event 123", live_at=NOW, live_source="read back")
    assert audit.proof(code) == (NOW, "read back")
    code.live_at = None
    assert audit.proof(code) == (NOW - HOUR, "event")
    assert audit.proof(make_code(lock, pin="739184")) is None


def test_lock_is_counted_by_sorts_of_codes(organization, now):
    lock = make_lock(organization, other_codes=[other_code("Cleaner")])
    make_code(lock, "Coming", pin="482917", kind=CodeKind.GUEST)
    make_code(lock, "Here", pin="739184", kind=CodeKind.GUEST, window=Window(NOW - HOUR, NOW + HOUR))
    make_code(lock, "Plumber", pin="561728", window=None)
    make_code(lock, "Over", pin="918273", window=Window(NOW - HOUR, NOW + HOUR), revoked_at=NOW, create_sent_at=NOW)
    make_code(lock, "Gone", pin="640193", kind=CodeKind.GUEST, removed_at=NOW)
    found = {share.label: share.count for share in audit.census(lock, NOW)}
    assert found == {"for guests now": 1, "other": 1, "to remove": 1, "not ours": 1}
    AccessCode.objects.filter(holder_name="Here").update(ends_at=NOW + 240 * HOUR)
    AccessCode.objects.filter(holder_name="Over").update(removed_at=NOW)
    found = {share.label: share.count for share in audit.census(lock, NOW)}
    assert found == {"for guests now": 1, "for guests to come": 1, "other": 1, "not ours": 1}
