"""Unlinking an account: the page says how many codes would stay, and they come off the locks first."""

import pytest
from django.urls import reverse

from dashboard.tests.pages import words
from properties.codes import pins, planning
from properties.models import AccessCode, Activity, ConnectedAccount
from properties.tests.builders import make_account, make_code, make_lock
from seam_integration import tasks

DROPPED = [{"error_code": "account_disconnected", "message": "The account is disconnected."}]


def unlink(pk: int) -> str:
    return reverse("connection-unlink", args=[pk])


@pytest.fixture
def account(organization):
    return make_account(organization)


@pytest.fixture
def linked(seam, owner):
    """An account with two codes on one of its locks."""
    account = seam.link_for(owner)
    for holder in ("Anna Schmidt", "Ben Ito"):
        planning.issue(seam.lock(), holder, None, pins.choose_pin([seam.lock()], seam.now_at), seam.now_at, owner)
    seam.work()
    assert len(seam.pins_on(seam.lock())) == 2
    return account


def test_question_says_how_many_codes_would_stay(owner_client, account, organization, now):
    lock = make_lock(organization)
    make_code(lock, pin="482917")
    make_code(lock, "Ben Ito", pin="739184")
    make_code(lock, "Gone", pin="561728", removed_at=now)
    page = words(owner_client.get(unlink(account.pk)))
    assert "2 codes would stay on its locks and go on opening doors" in page
    assert "Unlink and remove 2 codes" in page


def test_question_says_that_no_code_is_there(owner_client, account):
    page = words(owner_client.get(unlink(account.pk)))
    assert "No code is on its locks. The account is unlinked within a minute or two." in page


def test_asking_changes_nothing(owner_client, account, organization, now):
    code = make_code(make_lock(organization))
    owner_client.get(unlink(account.pk))
    account.refresh_from_db()
    code.refresh_from_db()
    assert (account.unlink_requested_at, code.revoked_at) == (None, None)


def test_codes_come_off_locks_before_account_is_unlinked(seam, owner_client, linked):
    lock = seam.lock()
    page = owner_client.post(unlink(linked.pk), follow=True)
    assert "jane@example.com is being unlinked. Codes come off its locks first." in words(page)
    assert "Unlinking" in words(page)
    assert "2 codes of 2 still to come off its locks" in words(page)
    linked.refresh_from_db()
    assert linked.unlinked_at is None

    seam.pass_time("PT2M", times=3)
    linked.refresh_from_db()
    assert linked.unlinked_at is not None
    last_removal = max(AccessCode.objects.values_list("removed_at", flat=True))
    assert last_removal <= linked.unlinked_at
    assert seam.post("/connected_accounts/get", connected_account_id=str(linked.seam_id)).status_code == 404
    after = words(owner_client.get(reverse("connections")))
    assert "No account is linked" in after
    assert "No lock linked" in words(owner_client.get(reverse("locks")))
    assert lock.access_codes.count() == 2


def test_history_keeps_who_asked_for_it(seam, owner_client, linked):
    owner_client.post(unlink(linked.pk))
    told = Activity.objects.get(kind="account.unlink_requested")
    assert (str(told), str(told.actor)) == ("Unlinking of jane@example.com was asked for", "owner@example.org")


def test_while_code_cannot_be_removed_account_stays(seam, owner_client, linked):
    seam.break_down({"path": "/access_codes/delete", "what": "empty_503"})
    owner_client.post(unlink(linked.pk))
    seam.pass_time("PT2M", times=2)
    linked.refresh_from_db()
    assert linked.unlinked_at is None
    assert "still to come off its locks" in words(owner_client.get(reverse("connections")))


def test_disconnected_account_can_be_unlinked_at_once(seam, owner_client, linked):
    seam("/connected_accounts/simulate/disconnect", connected_account_id=str(linked.seam_id))
    tasks.sync_all()
    question = words(owner_client.get(unlink(linked.pk)))
    assert "Unlink anyway. Codes stay on: Lake House Front Door. I will delete them in the Wyze app." in question
    page = owner_client.post(unlink(linked.pk), {"at_once": "yes"}, follow=True)
    assert "No account is linked" in words(page)
    told = Activity.objects.get(kind="account.unlinked").text
    assert told == "jane@example.com was unlinked; codes stay on Lake House Front Door"


def removed_by_record(seam) -> AccessCode:
    """A code that our row says is gone, while it opens the door."""
    code = AccessCode.objects.earliest("pk")
    wrong = {"revoked_at": seam.now_at, "removed_at": seam.now_at, "removed_source": "read back: no longer there"}
    AccessCode.objects.filter(pk=code.pk).update(**wrong)
    return code


def test_code_that_still_answers_is_deleted_first(seam, owner_client, linked):
    code = removed_by_record(seam)
    AccessCode.objects.exclude(pk=code.pk).update(seam_id=None, removed_at=seam.now_at, revoked_at=seam.now_at)
    owner_client.post(unlink(linked.pk))
    tasks.sweep()
    linked.refresh_from_db()
    assert linked.unlinked_at is None
    assert code.pin not in [pin for pin, status in seam.pins_on(seam.lock()).items() if status != "removing"]
    assert "1 code of 1 still to come off" in words(owner_client.get(reverse("connections")))
    seam.pass_time("PT2M", times=3)
    linked.refresh_from_db()
    assert linked.unlinked_at is not None


def test_account_stays_while_removed_code_answers(seam, owner_client, linked):
    removed_by_record(seam)
    seam.break_down({"path": "/access_codes/get", "what": "empty_503"})
    owner_client.post(unlink(linked.pk))
    AccessCode.objects.filter(removed_at=None).update(removed_at=seam.now_at)
    tasks.sweep()
    linked.refresh_from_db()
    assert linked.unlinked_at is None


def test_page_offers_way_out_while_codes_stay(seam, owner_client, linked):
    seam.break_down({"path": "/access_codes/delete", "what": "empty_503"})
    owner_client.post(unlink(linked.pk))
    page = owner_client.get(reverse("connections"))
    assert "Unlink anyway" in words(page)
    assert "Try again now" in words(page)
    assert "Unlink anyway. Codes stay on: Lake House Front Door." in words(owner_client.get(unlink(linked.pk)))
    seam.mend()
    owner_client.post(unlink(linked.pk))
    seam.pass_time("PT2M", times=3)
    linked.refresh_from_db()
    assert linked.unlinked_at is not None


def test_unlinking_twice_is_unlinking_once(seam, owner_client, linked):
    owner_client.post(unlink(linked.pk))
    owner_client.post(unlink(linked.pk))
    assert Activity.objects.filter(kind="account.unlink_requested").count() == 1
    assert Activity.objects.filter(kind="code.revoked").count() == 2


def test_account_that_is_unlinked_is_no_page_any_more(owner_client, organization, now):
    account = make_account(organization, unlink_requested_at=now, unlinked_at=now)
    assert owner_client.get(unlink(account.pk)).status_code == 404
    assert owner_client.post(unlink(account.pk)).status_code == 404


def test_linking_same_account_again_brings_its_locks_back(seam, owner, owner_client, linked):
    owner_client.post(unlink(linked.pk))
    seam.pass_time("PT2M", times=3)
    again = seam.link_for(owner)
    assert again.unlinked_at is None
    page = words(owner_client.get(reverse("locks")))
    assert page.count("Lake House Front Door") == 1
    assert ConnectedAccount.objects.filter(unlinked_at=None).count() == 1


def test_stranger_gets_404(stranger_client, account):
    assert stranger_client.get(unlink(account.pk)).status_code == 404
    assert stranger_client.post(unlink(account.pk)).status_code == 404
    account.refresh_from_db()
    assert account.unlink_requested_at is None


def test_colleague_who_may_only_look_is_told_so(colleague_client, account):
    page = colleague_client.post(unlink(account.pk))
    assert page.status_code == 403
    assert "does not allow you to link or unlink accounts" in words(page)
    account.refresh_from_db()
    assert account.unlink_requested_at is None
