"""What needs somebody is asked for once a page, and never in the place of what a page itself wants to know."""

from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from dashboard.frame.attention import Attention
from properties.tests.builders import make_property, make_stay, make_unit


def test_who_wants_more_is_told_though_somebody_only_counted_before(owner, organization, now):
    stay = make_stay(make_unit(make_property(organization)), days_ahead=1)
    attention = Attention(owner, now, now, [])
    assert attention.count == 1
    assert [(each.pk, each.is_wanted) for each in attention.look_ahead(Q(pk=stay.pk))] == [(stay.pk, True)]


def test_who_only_counts_asks_no_more_after_a_page_that_wanted_more(owner, organization, now):
    make_stay(make_unit(make_property(organization)), days_ahead=1)
    attention = Attention(owner, now, now, [])
    attention.look_ahead(~Q(pk=None))
    with CaptureQueriesContext(connection) as asked:
        attention.look_ahead()
    assert not asked.captured_queries
