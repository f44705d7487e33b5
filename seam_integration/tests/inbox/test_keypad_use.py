"""Who came in, as far as it can be known: named by Seam, probably the only one, or one of two; and it is dated once."""

from datetime import timedelta

import pytest

from properties.models import Activity, Certainty, CodeKind
from properties.models.stays import Window
from properties.tests.builders import NOW, make_code, make_lock, other_code
from seam_integration.inbox import events

HOUR = timedelta(hours=1)
HERE = {"window": Window(NOW - HOUR, NOW + HOUR), "on_lock_at": NOW - HOUR, "now": NOW - 2 * HOUR}
EVENT_ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def opened(lock, **fields) -> Activity:
    event = {
        "event_id": EVENT_ID,
        "event_type": "lock.unlocked",
        "device_id": str(lock.seam_id),
        "method": "keycode",
        "occurred_at": NOW.isoformat(),
    }
    events.take_in(event | fields, NOW)
    return Activity.objects.get(kind="lock.unlocked")


@pytest.fixture
def lock(organization):
    return make_lock(organization)


def test_only_live_code_was_probably_its_holder(lock):
    code = make_code(lock, **HERE)
    make_code(lock, "Next Lee", pin="739184", on_lock_at=NOW)
    entry = opened(lock)
    assert entry.text == (
        "Front Door was unlocked with a PIN at the keypad, probably by Anna Schmidt (our only live code)"
    )
    assert (entry.certainty, entry.access_code) == (Certainty.INFERRED, code)
    code.refresh_from_db()
    assert code.used_at == NOW


def test_foreign_code_on_lock_is_said_to_be_there(lock):
    lock.other_codes = [other_code("Cleaner")]
    lock.save(update_fields=["other_codes"])
    make_code(lock, **HERE)
    assert opened(lock).text.endswith("(our only live code, but unknown codes are on the lock too)")


def test_two_live_codes_are_named_and_not_used(lock):
    codes = [make_code(lock, **HERE), make_code(lock, "Plumber", pin="739184", kind=CodeKind.OTHER, **HERE)]
    entry = opened(lock)
    assert entry.text.endswith("by Anna Schmidt or Plumber: both codes were live")
    assert entry.certainty == Certainty.INFERRED
    for code in codes:
        code.refresh_from_db()
        assert code.used_at is None


@pytest.mark.parametrize("count", [0, 3])
def test_nobody_and_too_many_are_not_guessed_at(lock, count):
    for n in range(count):
        make_code(lock, f"Person {n}", pin=f"48291{n}", **HERE)
    entry = opened(lock)
    assert entry.text == "Front Door was unlocked with a PIN at the keypad"
    assert entry.certainty == Certainty.REPORTED


def test_code_that_seam_names_is_reported(lock):
    code = make_code(lock, seam_id="3f2504e0-4f89-11d3-9a0c-0305e82c3302", **HERE)
    entry = opened(lock, access_code_id=str(code.seam_id))
    assert entry.text.endswith("with the code of Anna Schmidt")
    assert entry.certainty == Certainty.REPORTED


def test_door_opened_by_hand_is_nobodys_code(lock):
    make_code(lock, **HERE)
    assert opened(lock, method="manual").text == "Front Door was unlocked by hand"
