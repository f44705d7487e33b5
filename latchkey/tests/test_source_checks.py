"""The architecture tests can fail: each check on small bad and good pieces of source."""

import pytest

from latchkey.tests.source_checks import asserts_over_wall_time, clock_reads, unscoped_queries, untranslated_texts


@pytest.mark.parametrize(
    "source",
    [
        "begun = time.monotonic()\nassert time.monotonic() - begun < 5",
        "begun = time.perf_counter()\nassert time.perf_counter() - begun < 5",
        "begun = time.time()\nwork()\ntook = time.time() - begun\nassert took < 5",
        "self.sent_at.append(time.monotonic())\nassert post.sent_at[1] - post.sent_at[0] < 1",
        "post, begun = Post(), time.monotonic()\nassert all(at >= begun for at in ats)",
        "assert answer.elapsed.total_seconds() < 1",
        "assert abs(int(stamp) - time.time()) < 10",
        "assert timezone.now() - row.at < timedelta(seconds=5)",
        "assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)",
    ],
)
def test_assert_over_wall_time_is_found(source):
    assert asserts_over_wall_time(source)


@pytest.mark.parametrize(
    "source",
    [
        "deadline = time.monotonic() + 9\nwhile not done():\n    assert time.monotonic() < deadline",
        "assert Lock.objects.lease(lock.pk, timezone.now() - LEASE, LEASE)",
        "child.started_at = time.monotonic()\nassert child.is_alive",
        "assert sent == ['first', 'second']",
        "opens = time(16, 0)\nassert stay.check_in_time == opens",
        "begun = time.process_time()\nassert time.process_time() - begun < 5",
    ],
)
def test_waiting_loop_and_order_are_let_through(source):
    assert not asserts_over_wall_time(source)


@pytest.mark.parametrize(
    "source",
    [
        "Stay.objects.get(pk=pk)",
        "Stay.objects.all()",
        "rows = Stay.objects",
        "models.Stay.objects.filter(pk=pk).first()",
        "Stay._default_manager.get(pk=pk)",
        "get_object_or_404(Stay, pk=pk)",
        "show(Stay.objects.filter(pk=pk), request)",
        "own_or_404(rows, request, pk=Stay.objects.first().pk)",
        "Stay.objects.get(pk=pk) if request.user.for_user else None",
    ],
)
def test_query_of_everybodys_rows_is_found(source):
    assert unscoped_queries(f"def page(request, pk):\n    {source.replace(chr(10), chr(10) + '    ')}")


@pytest.mark.parametrize(
    "source",
    [
        "Stay.objects.for_user(request.user).filter(pk=pk)",
        "Stay.objects.with_places().for_user(request.user)",
        "own_or_404(Stay.objects.all(), request, pk=pk)",
        "own_or_404(_with_parts(Stay.objects.all()), request, pk=pk)",
        "rows.prefetch_related(Prefetch('doors', Door.objects.select_related('lock')))",
    ],
)
def test_query_of_persons_rows_is_let_through(source):
    assert not unscoped_queries(source)


def test_unscoped_query_is_told_with_its_function():
    assert unscoped_queries("def page(request):\n    return Stay.objects.first()") == [(2, "page", "Stay.objects")]


@pytest.mark.parametrize(
    "source",
    [
        "timezone.now()",
        "timezone.localdate()",
        "timezone.localtime()",
        "datetime.now(UTC)",
        "datetime.utcnow()",
        "dt.datetime.now(tz)",
        "dt.date.today()",
        "date.today()",
        "time.time()",
        "time.monotonic()",
        "clock.now()",
        "at = DateTimeField(default=timezone.now)",
        "from time import time",
        "from django.utils.timezone import localdate",
        "from django.db.models.functions import Coalesce, Now",
        "from seam_integration.clock import now",
    ],
)
def test_clock_read_is_found(source):
    assert clock_reads(source)


@pytest.mark.parametrize(
    "source",
    [
        "request.now",
        "timezone.localdate(now)",
        "timezone.localtime(value=now)",
        "datetime.combine(day, time(16, 0), UTC)",
        "from datetime import date, datetime, time",
        "from django.utils import timezone",
    ],
)
def test_told_instant_is_let_through(source):
    assert not clock_reads(source)


@pytest.mark.parametrize(
    "source",
    [
        "return 'This code has ended.'",
        "return f'{lock} is offline.'",
        "messages.info(request, 'Nothing was changed.')",
        "FILTERS = {'': ('All locks', rows)}",
        "raise NotAllowed('Only an owner can do this.')",
        "title = f'Edit {place} now'",
        "return self.words or 'No code'",
    ],
)
def test_untranslated_text_is_found(source):
    assert untranslated_texts(source)


@pytest.mark.parametrize(
    "source",
    [
        "return _('This code has ended.')",
        "return _('%(lock)s is offline.') % {'lock': lock}",
        "return ngettext('%(count)s code is here', '%(count)s codes are here', count)",
        'def page():\n    """Show a page."""',
        "raise ValueError('No person is logged in.')",
        "logger.warning('The worker is silent.')",
        "Activity.record(1, now, kind, f'{lock} was locked')",
        "format_html('<p>All is well</p>')",
        "url = 'access-codes'",
        "return 'Latchkey'",
    ],
)
def test_text_of_no_person_is_let_through(source):
    assert not untranslated_texts(source)
