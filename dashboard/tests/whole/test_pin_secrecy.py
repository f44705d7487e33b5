"""A PIN is worth all of its doors: who may see and change it, what a form tells of it, how often, and what stays."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Right, Role
from dashboard.tests.cast import client_as, client_of
from dashboard.tests.pages import words
from properties.codes import secrecy, staff_codes
from properties.models import AccessCode, Activity, StaffMember
from properties.tests.builders import NOW, make_code, make_door, make_lock, make_property, make_unit, make_user

PASSWORD = "correct horse battery"


def to(action: str, code: AccessCode) -> str:
    return reverse(f"access-code-{action}", args=[code.pk])


@pytest.fixture
def cleaner_code(organization, owner, now) -> AccessCode:
    """The code at Hill of a cleaner who works at Hill and Dune."""
    doors = [
        make_door(make_unit(make_property(organization, home)), make_lock(organization, f"{home} lock"))
        for home in ("Hill", "Dune")
    ]
    member = StaffMember(organization=organization, name="Maria")
    staff_codes.save_member(member, doors, now, owner)
    return member.access_codes.get(lock__name="Hill lock")


@pytest.fixture
def hill_client(organization, cleaner_code):
    return client_as(organization, Role.MANAGER, cleaner_code.lock.door.property)


@pytest.mark.parametrize("action", ["reveal", "reissue", "revoke"])
def test_pin_of_other_homes_too_is_not_theirs(hill_client, cleaner_code, action):
    answer = hill_client.post(to(action, cleaner_code), {"reason": "Lost"})
    assert answer.status_code == 403
    assert "This PIN opens doors at other properties too." in words(answer)
    assert cleaner_code.pin not in answer.content.decode()
    assert AccessCode.objects.standing().count() == 2


def test_page_offers_no_reveal_of_pin_of_other_homes(hill_client, owner_client, cleaner_code):
    assert "Reveal" not in words(hill_client.get(reverse("access-code", args=[cleaner_code.pk])))
    assert "Reveal" in words(owner_client.get(reverse("access-code", args=[cleaner_code.pk])))


def test_pin_at_each_door_counts_without_staff(organization, hill_client, cleaner_code):
    code = make_code(cleaner_code.lock, "Guest", "739164")
    make_code(AccessCode.objects.get(lock__name="Dune lock").lock, "Guest", "739164")
    assert hill_client.post(to("reveal", code)).status_code == 403


def test_pin_of_own_doors_is_shown(hill_client, cleaner_code):
    code = make_code(cleaner_code.lock, "Guest", "739164")
    assert "739 164" in words(hill_client.post(to("reveal", code)))


def test_removed_code_is_not_revealed(owner_client, organization, now):
    code = make_code(make_lock(organization), removed_at=now)
    page = owner_client.post(to("reveal", code), follow=True)
    assert "This code is off the lock, so its PIN is not shown any more." in words(page)
    assert "482 917" not in words(page)
    assert "Reveal" not in words(owner_client.get(reverse("access-code", args=[code.pk])))


# --- What a form tells about PINs ---------------------------------------------------------------------------


def issue(client, lock, pin: str):
    return client.post(reverse("access-code-issue"), {"holder_name": "Eve", "lock": lock.pk, "pin": pin})


def test_refused_pins_are_recorded_without_pin(owner_client, owner, organization, now):
    lock = make_lock(organization)
    make_code(lock, pin="482917")
    issue(owner_client, lock, "482917")
    told = Activity.objects.get(kind="code.pin_refused")
    assert (told.actor, told.lock, told.text) == (owner, lock, "A PIN that was typed for Front Door was refused")


def test_after_ten_refusals_no_more_is_told(owner_client, organization, now):
    lock = make_lock(organization)
    make_code(lock, pin="482917")
    for _ in range(secrecy.TRIES_AN_HOUR):
        issue(owner_client, lock, "482917")
    # Neither of one that there is nor of one that there is not.
    for pin in ("482917", "604183"):
        page = issue(owner_client, lock, pin)
        assert page.status_code == 422
        assert "Too many PINs were refused within an hour." in words(page)
    assert Activity.objects.filter(kind="code.pin_refused").count() == secrecy.TRIES_AN_HOUR
    assert issue(owner_client, lock, "").status_code == 302


def test_tries_are_forgotten_after_hour(owner_client, organization, now):
    lock = make_lock(organization)
    make_code(lock, pin="482917")
    for _ in range(secrecy.TRIES_AN_HOUR):
        issue(owner_client, lock, "482917")
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert issue(owner_client, lock, "604183").status_code == 302


def test_without_right_to_see_pins_none_is_chosen(organization, now):
    client = client_as(organization, Role.FRONT_DESK, withheld=[Right.SEE_PIN.value])
    lock = make_lock(organization)
    make_code(lock, "Ben", pin="482917")
    assert 'name="pin"' not in client.get(reverse("access-code-issue")).content.decode()
    # What is sent all the same is not even looked at.
    assert issue(client, lock, "482917").status_code == 302
    assert AccessCode.objects.get(holder_name="Eve").pin != "482917"


# --- How many, and what stays -------------------------------------------------------------------------------


@pytest.fixture
def person(organization, now):
    """Logged in by the form, as a person who can prove it once more."""
    user = make_user("desk@example.org", organization, Role.FRONT_DESK)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = client_of(user)
    client.logout()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def see_many(client, code) -> None:
    for _ in range(secrecy.REVEALS_AN_HOUR):
        assert "482 917" in words(client.post(to("reveal", code)))


def test_many_reveals_ask_who_one_is(person, organization, now):
    code = make_code(make_lock(organization))
    see_many(person, code)
    answer = person.post(to("reveal", code))
    page = reverse("access-code", args=[code.pk])
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Activity.objects.filter(kind="code.revealed").count() == secrecy.REVEALS_AN_HOUR
    proved = person.post(answer["Location"], {"password": PASSWORD, "next": page})
    assert proved["Location"] == page
    assert "482 917" in words(person.post(to("reveal", code)))


def test_one_proof_is_good_for_one_round(person, organization, now):
    code = make_code(make_lock(organization))
    see_many(person, code)
    person.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert "482 917" in words(person.post(to("reveal", code)))
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        see_many(person, code)
        assert person.post(to("reveal", code)).status_code == 302


def test_fragment_opens_proof_as_page(person, organization, now):
    code = make_code(make_lock(organization))
    see_many(person, code)
    answer = person.post(to("reveal", code), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith(reverse("account_reauthenticate"))


def test_other_session_of_same_person_does_not_start_anew(person, organization, now):
    code = make_code(make_lock(organization))
    see_many(person, code)
    person.logout()
    person.post(reverse("account_login"), {"login": "desk@example.org", "password": PASSWORD})
    assert person.post(to("reveal", code)).status_code == 302


@pytest.mark.parametrize("address", ["/", "/stays/", "/access-codes/", "/activity/", "/accounts/email/"])
def test_pages_of_person_are_kept_nowhere(owner_client, now, address):
    assert "no-store" in owner_client.get(address, follow=True)["Cache-Control"]


def test_pages_are_still_compressed_but_not_pin(owner_client, organization, now):
    code = make_code(make_lock(organization))
    accepts = {"Accept-Encoding": "gzip"}
    assert owner_client.get("/stays/", headers=accepts)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in owner_client.post(to("reveal", code), headers=accepts)


@pytest.mark.parametrize("name", ["lock-refresh", "connection-sync"])
def test_who_only_looks_causes_no_call_of_seam(colleague_client, organization, now, name):
    lock = make_lock(organization)
    pk = lock.pk if name == "lock-refresh" else lock.account_id
    assert colleague_client.post(reverse(name, args=[pk])).status_code == 403


def test_lock_is_read_anew_once_in_while(owner_client, organization, now):
    lock = make_lock(organization)
    address = reverse("lock-refresh", args=[lock.pk])
    assert "Reading Front Door anew." in words(owner_client.post(address, follow=True))
    assert "Front Door was asked a moment ago." in words(owner_client.post(address, follow=True))
