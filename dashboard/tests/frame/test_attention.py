"""The count in each page's title: of stored verdicts, by an index, and never green where one is out of date."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.tests.pages import title
from properties.models import Lock, StayVerdict, VerdictMark
from properties.reading.attention import Attention
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit
from properties.verdict import storing
from seam_integration.models import Heartbeat


@pytest.fixture
def unit(organization):
    return make_unit(make_property(organization))


def attention(owner, now=NOW, seen_at=NOW) -> Attention:
    return Attention(owner, now, seen_at, [])


def test_count_judges_few_on_spot(owner, unit):
    make_stay(unit, days_ahead=1)
    assert attention(owner).count == 1
    assert not VerdictMark.objects.exists()


def test_stays_beyond_week_do_not_count(owner, unit):
    make_stay(unit, days_ahead=9)
    assert attention(owner).count == 0


def test_count_asks_no_more_for_many_stays_ahead(owner, unit):
    for day in range(1, 4):
        make_stay(unit, days_ahead=day, nights=1)
    storing.judge_marked(NOW, 1000)
    with CaptureQueriesContext(connection) as few:
        assert attention(owner).count == 3
    other = make_unit(unit.property, "Other")
    for day in range(1, 60):
        make_stay(other, days_ahead=day, nights=1)
    storing.judge_marked(NOW, 1000)
    with CaptureQueriesContext(connection) as many:
        assert attention(owner).count == 9
    assert len(many) <= len(few) <= 4


def test_verdicts_that_nobody_renews_count_as_unknown(owner, unit, monkeypatch):
    make_door(unit, make_lock(unit.organization, code_capacity=None))
    monkeypatch.setattr(storing, "ON_THE_SPOT", 0)
    make_stay(unit, days_ahead=1)
    assert attention(owner).count == 1
    storing.judge_marked(NOW, 10)
    StayVerdict.objects.update(verdict="ready", checks=[], fine_until=NOW + timedelta(hours=1))
    assert attention(owner).count == 0
    assert attention(owner, NOW + timedelta(hours=1)).count == 1
    Lock.objects.update(is_online=False)
    assert attention(owner).count == 1


def test_marked_stay_counts_on_page(owner_client, unit, now, monkeypatch):
    """A page learns with its accounts whether any stay is marked."""
    Heartbeat.objects.create(name="worker", beat_at=now)
    make_door(unit, make_lock(unit.organization, code_capacity=None))
    make_stay(unit, days_ahead=1)
    storing.judge_marked(NOW, 10)
    StayVerdict.objects.update(verdict="ready", checks=[], is_proved=True, fine_until=NOW + timedelta(hours=1))
    assert title(owner_client.get("/activity/")) == "History · Latchkey"
    monkeypatch.setattr(storing, "ON_THE_SPOT", 0)
    Lock.objects.update(is_online=False)
    assert title(owner_client.get("/activity/")) == "(1) History · Latchkey"


def test_count_does_not_search_marks_when_there_are_none(owner, unit):
    make_stay(unit, days_ahead=1)
    storing.judge_marked(NOW, 10)
    with CaptureQueriesContext(connection) as asked:
        assert Attention(owner, NOW, NOW, [], has_marks=False).stay_count == 1
    assert "verdictmark" not in "".join(query["sql"] for query in asked)


def test_silent_worker_makes_what_is_not_proved_count(owner, unit):
    make_stay(unit, days_ahead=1)
    storing.judge_marked(NOW, 10)
    StayVerdict.objects.update(verdict="working", fine_until=NOW + timedelta(hours=1))
    assert attention(owner).count == 0
    assert attention(owner, seen_at=NOW - timedelta(minutes=16)).count == 1
    StayVerdict.objects.update(is_proved=True)
    assert attention(owner, seen_at=None).count == 0


def test_count_is_answered_by_index(owner, unit):
    make_stay(unit, days_ahead=1)
    storing.judge_marked(NOW, 10)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A handful of rows is scanned whole by any planner.
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = attention(owner).rows.order_by().explain()
    # Of one row, PostgreSQL may as well take the one by its number.
    assert "verdict_asks" in plan or connection.vendor == "postgresql"
    assert "scan properties_stayverdict" not in plan.lower()
    assert "seq scan on properties_stayverdict" not in plan.lower()
