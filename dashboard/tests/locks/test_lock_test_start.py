"""Testing a lock: one click puts a test code on it, and its page shows each step until the result stays, dated."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes.lock_test import LockTestOutcome
from properties.models import AccessCode, CodeKind
from properties.tests.builders import make_lock


def start_url(lock) -> str:
    return reverse("lock-test-start", args=[lock.pk])


def test_the_whole_test_is_seen_on_the_page(seam, owner, owner_client):
    seam.link_for(owner)
    lock = seam.lock()
    page = owner_client.get(reverse("lock", args=[lock.pk]))
    assert "Never tested." in words(page)

    answer = owner_client.post(start_url(lock), follow=True)
    assert answer.redirect_chain == [(reverse("lock", args=[lock.pk]) + "#lock-test", 302)]
    assert "Test under way" in words(answer)
    assert 'hx-trigger="every 2s, refresh"' in owner_client.get(reverse("lock-test", args=[lock.pk])).content.decode()

    seam.pass_time("PT1M", times=10)
    done = owner_client.get(reverse("lock-test", args=[lock.pk]))
    assert done.context["trial"].outcome is LockTestOutcome.PASSED
    assert "Your door works end to end" in words(done)
    assert "hx-trigger" not in done.content.decode()
    assert "Test again" in words(done)


def test_a_second_click_starts_no_second_test(owner_client, organization):
    lock = make_lock(organization)
    owner_client.post(start_url(lock))
    again = owner_client.post(start_url(lock), follow=True)
    assert "is under way already" in words(again)
    assert AccessCode.objects.filter(kind=CodeKind.TEST).count() == 1


def test_a_lock_that_takes_no_codes_says_why(owner_client, organization):
    lock = make_lock(organization, can_program_codes=None)
    answer = owner_client.post(start_url(lock), follow=True)
    assert "This lock takes no codes over the air." in words(answer)
    assert "Test this lock" not in words(answer)
    assert not AccessCode.objects.exists()


def test_a_lock_without_any_free_pin_says_so(owner_client, organization):
    lock = make_lock(organization, code_lengths=[3])
    answer = owner_client.post(start_url(lock), follow=True)
    assert not AccessCode.objects.exists()
    assert "share no PIN length" in words(answer)


def test_it_needs_the_right_to_issue_codes(colleague_client, organization):
    lock = make_lock(organization)
    assert colleague_client.post(start_url(lock)).status_code == 403
    assert not AccessCode.objects.exists()
    assert "Test this lock" not in words(colleague_client.get(reverse("lock", args=[lock.pk])))


@pytest.mark.parametrize("name", ["lock-test-start", "lock-test", "lock-guests"])
def test_a_stranger_gets_404(stranger_client, organization, name):
    url = reverse(name, args=[make_lock(organization).pk])
    answer = stranger_client.post(url) if name == "lock-test-start" else stranger_client.get(url)
    assert answer.status_code == 404


def test_get_is_refused(owner_client, organization):
    assert owner_client.get(start_url(make_lock(organization))).status_code == 405
