"""Sessions: listed, ended one by one, ended when idle; what is delicate asks again and tells the old address."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dashboard.tests.pages import words
from dashboard.wording import browser
from properties.tests.builders import NOW

LIST, EMAIL, HOME = reverse("usersessions_list"), reverse("account_email"), reverse("overview")
PASSWORD = "correct-horse-9"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"


@pytest.fixture
def person(owner, settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    owner.set_password(PASSWORD)
    owner.save(update_fields=["password"])
    return owner


def logged_in(person, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_each_browser_is_listed(person, now):
    here = logged_in(person)
    logged_in(person, PHONE)
    page = words(here.get(LIST))
    assert "Firefox on Linux This one 127.0.0.1" in page
    assert "Safari on iPhone" in page


def test_one_session_is_ended_by_itself(person, now):
    here, phone, tablet = (logged_in(person) for _ in range(3))
    ended = UserSession.objects.order_by("pk")[1]
    page = here.post(reverse("session-end", args=[ended.pk]), follow=True)
    assert "That browser is logged out." in words(page)
    assert [one.get(HOME).status_code for one in (here, phone, tablet)] == [200, 302, 200]


def test_all_others_are_ended_at_once(person, now):
    here, phone = logged_in(person), logged_in(person, PHONE)
    here.post(LIST)
    assert [one.get(HOME).status_code for one in (here, phone)] == [200, 302]


def test_session_of_another_person_is_not_there(person, stranger_client, now):
    logged_in(person)
    session = UserSession.objects.get()
    assert stranger_client.post(reverse("session-end", args=[session.pk])).status_code == 404
    assert UserSession.objects.filter(pk=session.pk).exists()


def test_get_ends_no_session(person, now):
    client = logged_in(person)
    assert client.get(reverse("session-end", args=[UserSession.objects.get().pk])).status_code == 405


def test_idle_session_ends(owner_client, settings):
    with time_machine.travel(NOW, tick=False):
        assert owner_client.get(HOME).status_code == 200
    with time_machine.travel(NOW + timedelta(hours=settings.SESSION_IDLE_HOURS, minutes=1), tick=False):
        answer = owner_client.get(HOME)
        assert answer["Location"] == f"{reverse('account_login')}?next=/"
        assert "you were away for long" in words(owner_client.get(answer["Location"]))


def test_used_session_goes_on(owner_client, settings):
    for hours in range(0, 160, 40):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            assert owner_client.get(HOME).status_code == 200


def test_page_that_asks_for_itself_is_no_use(owner_client, settings):
    part, asks = reverse("overview-day"), {"hx-request": "true"}
    with time_machine.travel(NOW, tick=False):
        owner_client.get(HOME)
    with time_machine.travel(NOW + timedelta(hours=40), tick=False):
        assert owner_client.get(part, headers=asks).status_code == 200
    with time_machine.travel(NOW + timedelta(hours=73), tick=False):
        assert owner_client.get(part, headers=asks)["HX-Refresh"] == "true"
        assert owner_client.get(HOME).status_code == 302


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (EMAIL, {"action_add": "", "email": "other@example.net"}),
        (EMAIL, {"action_primary": "", "email": "second@example.org"}),
        (EMAIL, {"action_remove": "", "email": "second@example.org"}),
        (reverse("mfa_activate_totp"), {"code": "123456"}),
    ],
)
def test_open_browser_changes_nothing_delicate(person, owner_client, address, typed):
    """Some minutes after the log-in, or with a stolen session, the password is asked for again."""
    EmailAddress.objects.create(user=person, email="second@example.org", verified=True)
    before = list(EmailAddress.objects.order_by("pk").values())
    answer = owner_client.post(address, typed)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert list(EmailAddress.objects.order_by("pk").values()) == before


def test_old_address_is_told_of_new_one(person, now, mailoutbox):
    EmailAddress.objects.create(user=person, email="second@example.org", verified=True)
    client = logged_in(person)
    asked = client.post(EMAIL, {"action_primary": "", "email": "second@example.org"})
    # After the password it goes on where it was.
    client.post(asked["Location"], {"password": PASSWORD})
    assert User.objects.get(pk=person.pk).email == "second@example.org"
    assert [mail.to for mail in mailoutbox] == [["owner@example.org"]]


def test_changed_password_is_told_and_ends_other_sessions(person, now, mailoutbox):
    here, phone = logged_in(person), logged_in(person, PHONE)
    typed = {"oldpassword": PASSWORD, "password1": "other-horse-99", "password2": "other-horse-99"}
    here.post(reverse("account_change_password"), typed)
    assert [one.get(HOME).status_code for one in (here, phone)] == [200, 302]
    assert "password" in mailoutbox[0].subject.lower()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Safari on iPhone"),
        ("curl/8", "An unknown browser"),
        ("Edg", "Edge"),
    ],
)
def test_browser_is_named_in_words(agent, name):
    assert browser(agent) == name
