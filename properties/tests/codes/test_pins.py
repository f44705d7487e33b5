"""PINs: hard to guess, free on every lock, kept back for a while when they were in use."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from properties.codes import pins
from properties.models import Lock
from properties.tests.builders import NOW, make_code, make_lock


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("111111", "too few different digits"),
        ("121212", "too few different digits"),
        ("123456", "a run"),
        ("4567", "a run"),
        ("890123", "a run"),
        ("654321", "a run"),
        ("210987", "a run"),
        ("444928", "three times"),
        ("490002", "three times"),
        ("481481", "repeats itself"),
        ("1987", "a year"),
        ("482019", "a year"),
        ("199347", "a year"),
    ],
)
def test_pin_that_would_be_guessed_is_weak(pin, reason):
    assert reason in pins.weakness(pin)


@pytest.mark.parametrize("pin", ["4829", "482917", "90417", "8205931", "48290173", "38201947"])
def test_mixed_pin_is_good(pin):
    assert pins.weakness(pin) == ""


def test_end_of_guests_phone_is_weak():
    assert "phone" in pins.weakness("384567", avoid=pins.phone_ends("+49 (170) 123-4567"))
    assert pins.weakness("384567", avoid=pins.phone_ends("12")) == ""


@pytest.mark.parametrize(
    ("pin", "taken", "clashes"),
    [
        ("4829", ["4829"], True),
        ("4829", ["482917"], True),
        ("482917", ["4829"], True),
        ("482917", ["4928", "829174", "91"], False),
        ("4829", [], False),
    ],
)
def test_pin_clashes_with_itself_and_with_its_own_beginning(pin, taken, clashes):
    assert pins.clash(pin, taken) is clashes


@pytest.mark.parametrize(
    ("lengths", "common"),
    [
        ([[4, 5, 6, 7, 8]], [4, 5, 6, 7, 8]),
        ([[4, 5, 6], [6, 7, 8]], [6]),
        ([[4], [6]], []),
        ([[]], [4, 5, 6, 7, 8]),
        ([[], [8, 9]], [8]),
    ],
)
def test_pin_must_fit_every_lock(lengths, common):
    assert pins.common_lengths([Lock(code_lengths=each) for each in lengths]) == common


@pytest.mark.parametrize(
    ("lengths", "chosen"), [([4, 5, 6, 7, 8], 6), ([4, 5], 5), ([7, 8], 7), ([4, 8], 8), ([5, 7], 7), ([4], 4)]
)
def test_six_digits_where_allowed_else_nearest_length(db, lengths, chosen):
    assert len(pins.choose_pin([Lock(pk=1, code_lengths=lengths)], NOW)) == chosen


def test_locks_without_common_length_say_so(db):
    locks = [Lock(pk=1, name="Front", code_lengths=[4]), Lock(pk=2, name="Back", code_lengths=[8])]
    with pytest.raises(pins.NoPinLeft, match="Front and Back share no PIN length"):
        pins.choose_pin(locks, NOW)


@pytest.mark.parametrize(
    ("kind", "broken", "fits"),
    [
        ("no_zeros", "480917", "481917"),
        ("cannot_start_with_12", "128417", "218417"),
        ("no_triple_consecutive_ints", "483456", "483546"),
        ("no_triple_consecutive_ints", "489876", "489786"),
        ("no_ascending_or_descending_sequence", "3456", "3465"),
        ("at_least_three_unique_digits", "474747", "474748"),
        ("cannot_contain_089", "481567", "641567"),
        ("cannot_contain_0789", "461567", "461562"),
        ("no_all_same_digits", "4444", "4445"),
        ("something_new", "", "4444"),
    ],
)
def test_rules_of_lock_are_kept(kind, broken, fits):
    lock = Lock(code_constraints=[{"constraint_type": kind}])
    assert pins.constraint_broken(fits, lock) == ""
    assert not broken or pins.constraint_broken(broken, lock) == kind


def test_pin_stays_taken_for_while_after(organization):
    lock = make_lock(organization)
    make_code(lock, pin="482917")
    make_code(lock, pin="730514", removed_at=NOW - pins.COOLING + timedelta(minutes=1))
    make_code(lock, pin="915260", removed_at=NOW - pins.COOLING - timedelta(minutes=1))
    make_code(make_lock(organization, "Elsewhere"), pin="264081")
    assert pins.taken_pins([lock], NOW) == {"482917", "730514"}


def test_when_every_pin_is_taken_it_says_what_to_do(organization, monkeypatch):
    lock = make_lock(organization, code_lengths=[4])
    monkeypatch.setattr(pins, "taken_pins", lambda locks, now: {str(digit) for digit in range(10)})
    with pytest.raises(pins.NoPinLeft, match="Remove codes that are no longer needed"):
        pins.choose_pin([lock], NOW)


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ("12a4", "digits only"),
        ("٤٨٢٩١٧", "digits only"),
        ("482", "takes PINs of 4, 5, 6, 7 or 8 digits; this one has 3"),
        ("123456", "is a run of digits"),
        ("609173", ""),
    ],
)
def test_what_is_wrong_with_typed_pin(organization, pin, words):
    problem = pins.problem_with_own_pin(pin, make_lock(organization))
    assert words in problem
    assert bool(problem) is bool(words)


@pytest.mark.parametrize(
    ("pin", "is_free"), [("482917", False), ("48291", False), ("4829173", False), ("609173", True)]
)
@pytest.mark.parametrize("removed_at", [None, NOW - timedelta(days=1)])
def test_pin_near_another_is_not_free(organization, removed_at, pin, is_free):
    lock = make_lock(organization)
    make_code(lock, pin="482917", removed_at=removed_at)
    assert pins.is_free(pin, lock, NOW) is is_free


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lengths=st.lists(st.sets(st.integers(4, 8), min_size=3), min_size=1, max_size=3),
    taken=st.sets(st.from_regex(r"[0-9]{4,8}", fullmatch=True), max_size=40),
    phone=st.from_regex(r"\+?[0-9]{4,12}", fullmatch=True),
)
def test_chosen_pin_is_never_weak_and_never_clashes(monkeypatch, lengths, taken, phone):
    monkeypatch.setattr(pins, "taken_pins", lambda locks, now: taken)
    locks = [Lock(pk=n, seam_id=str(uuid.uuid4()), code_lengths=sorted(each)) for n, each in enumerate(lengths)]
    avoid = pins.phone_ends(phone)
    try:
        pin = pins.choose_pin(locks, NOW, avoid)
    except pins.NoPinLeft:
        assert not pins.common_lengths(locks)
        return
    assert len(pin) in pins.common_lengths(locks)
    assert not pins.weakness(pin, avoid)
    assert not pins.clash(pin, taken)
