"""Whether a battery is low: Python and the database's own column say the same."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from properties.models import Charge, Lock
from properties.models.locks import BATTERY_CRITICAL, BATTERY_LOW
from properties.tests.builders import make_lock, make_organization

JUST = 0.001
levels = st.none() | st.sampled_from(
    [0.0, BATTERY_CRITICAL - JUST, BATTERY_CRITICAL, BATTERY_LOW - JUST, BATTERY_LOW, 1.0]
)
statuses = st.sampled_from(["", "good", "full", "low", "critical", "a word of tomorrow"])


@pytest.mark.parametrize(
    ("level", "status", "expected"),
    [
        (None, "", Charge.UNKNOWN),
        (None, "good", Charge.FINE),
        (None, "low", Charge.LOW),
        (None, "critical", Charge.CRITICAL),
        (BATTERY_LOW, "", Charge.FINE),
        (BATTERY_LOW - JUST, "good", Charge.LOW),
        (BATTERY_CRITICAL, "good", Charge.LOW),
        (BATTERY_CRITICAL - JUST, "good", Charge.CRITICAL),
        (0.9, "low", Charge.LOW),
        (0.2, "critical", Charge.CRITICAL),
        (0.9, "a word of tomorrow", Charge.FINE),
    ],
)
def test_the_worse_of_level_and_status_counts(level, status, expected):
    assert Charge.of(level, status) is expected


@pytest.mark.django_db
@settings(max_examples=30)
@given(st.lists(st.tuples(levels, statuses, levels), min_size=1, max_size=20))
def test_the_column_says_what_python_says(batteries):
    with transaction.atomic():
        organization = make_organization()
        for level, status, keypad in batteries:
            fields = {"battery_level": level, "battery_status": status, "keypad_battery_level": keypad}
            make_lock(organization, **fields)
        for lock in Lock.objects.all():
            assert lock.has_low_battery is (lock.charge.is_low or lock.keypad_charge.is_low)
        transaction.set_rollback(True)
