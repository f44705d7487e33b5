"""Every address, asked by a stranger and without a log-in: neither learns nor changes a thing."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from accounts.models import Invitation, Membership, Role
from calendars.models import ChangeItem, ChangeSet, FeedBooking
from calendars.tests.applying.scene import make_feed
from dashboard.tests.pages import body, words
from outbox.models import Message
from outbox.tests.drafts import posted
from properties.models import AccessCode, Activity, StaffMember, Unit
from properties.tests.builders import (
    NOW,
    make_account,
    make_code,
    make_door,
    make_lock,
    make_property,
    make_stay,
    make_user,
)
from properties.verdict import storing
from seam_integration.models import ConnectWebview

# The number of each of the owner's rows, so that any address with a number leads to one of them.
NUMBER = 4711
SECRETS = [
    "Moor Cottage",
    "Attic Flat",
    "Anna Schmidt",
    "Oak Door",
    "West Gate",
    "jane@example.com",
    "owner@example.org",
    "Lake Homes",
    "482917",
    "482 917",
    "Allergic to dogs",
    "Maria Lopez",
    "somebody@example.org",
    "invited@example.org",
    "605318",
    "605 318",
    "ana@example.org",
    "Jo Example",
    "secret-token",
]
# PINs, and what is for the receivers of messages only.
KEPT_FROM_OWNERS = {"482917", "482 917", "605318", "605 318", "ana@example.org", "secret-token"}
# What forms and filters send when a stranger tries numbers.
TRIED = {
    **dict.fromkeys(["lock", "unit", "units", "property", "door", "doors", "stay", "code", "account"], NUMBER),
    **dict.fromkeys(["name", "holder_name", "guest", "guest_name", "reason"], "Somebody"),
    "confirmed": "yes",
    "at_once": "yes",
    "show": "all",
    "q": "o",
}
# Addresses for people who are not logged in, or for other programs.
OPEN = re.compile(r"/sandbox/outbox/|/accounts/|/admin/(login|jsi18n)/|/healthz$|/invitations?/|/seam/webhook/$")
LOG_IN = re.compile(r"/(accounts|admin)/login/")


def addresses(patterns=None, before: str = "/"):
    """All of them, with numbers and words put in."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = before + filled(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from addresses(entry.url_patterns, path)


def filled(pattern) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda found: str(NUMBER) if found[1] == "int" else "x", str(pattern))
    return re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "x", str(pattern)).strip("^$").replace(r"\Z", "")


ADDRESSES = sorted(set(addresses()))


@pytest.fixture
def world(organization, owner, now, settings):
    """One row of each kind, all with the same number."""
    settings.SEAM_ENDPOINT = "http://127.0.0.1:1"
    account = make_account(organization, pk=NUMBER)
    lock = make_lock(organization, "Oak Door", account=account, pk=NUMBER)
    place = make_property(organization, "Moor Cottage", pk=NUMBER)
    unit = Unit.objects.create(pk=NUMBER, organization=organization, property=place, name="Attic Flat")
    make_door(unit, lock, "West Gate", pk=NUMBER)
    cleaner = StaffMember(pk=NUMBER, organization=organization, name="Maria Lopez", created_at=now)
    cleaner.set_pin("605318")
    cleaner.save(force_insert=True)
    cleaner.doors.add(NUMBER)
    somebody = make_user("somebody@example.org")
    Membership.objects.filter(user=somebody).update(id=NUMBER, organization=organization, role=Role.READ_ONLY)
    Invitation.objects.create(
        pk=NUMBER, organization=organization, email="invited@example.org", sent_at=now, expires_at=now
    )
    stay = make_stay(unit, days_ahead=2, pk=NUMBER, notes="Allergic to dogs")
    code = make_code(lock, stay=stay)
    Activity.objects.update(access_code=None)
    AccessCode.objects.filter(pk=code.pk).update(id=NUMBER)
    ConnectWebview.objects.create(
        pk=NUMBER, organization=organization, launched_by=owner, launched_at=now, nonce_hash="x"
    )
    message = posted(organization_id=organization.pk)
    Message.objects.filter(pk=message.pk).update(id=NUMBER)
    Activity.objects.update(access_code=NUMBER, text="Code for Anna Schmidt planned on Oak Door")
    feed = make_feed(organization, unit=unit, pk=NUMBER)
    nights = {"starts_on": NOW.date() + timedelta(days=30), "ends_on": NOW.date() + timedelta(days=33)}
    booking = FeedBooking.objects.create(
        pk=NUMBER, feed=feed, outcome="unclear", guest="Jo Example", seen_at=now, **nights
    )
    Authenticator.objects.create(pk=NUMBER, user=owner, type="webauthn", data={"name": "Key", "credential": {}})
    change_set = ChangeSet.objects.create(pk=NUMBER, organization=organization, feed=feed, at=now)
    ChangeItem.objects.create(pk=NUMBER, change_set=change_set, booking=booking, act="cancel", state="waiting")


def rows_of(organization) -> dict[str, list[tuple]]:
    """Everything the organization owns, as it is in the database. Whoever looks may have stays judged."""
    storing.judge_marked(NOW, 100)
    found = {}
    for model in apps.get_models():
        if any(field.name == "organization" for field in model._meta.get_fields()):
            # When a person was last seen is written while they read.
            kept = [field.name for field in model._meta.concrete_fields if field.name != "seen_at"]
            rows = model._default_manager.filter(organization=organization).order_by("pk")
            found[model.__name__] = list(rows.values_list(*kept))
    return found


def leaks(answer) -> list[str]:
    """The owner's data in an answer or in where it leads."""
    seen = words(answer) + body(answer) + answer.get("Location", "")
    return [secret for secret in SECRETS if secret in seen]


def test_walk_reaches_every_kind_of_page():
    assert len(ADDRESSES) > 60
    for name in ("lock-unlock", "access-code-reveal", "connection-unlink", "stay-edit", "door-delete"):
        assert reverse(name, args=[NUMBER]) in ADDRESSES


def test_each_number_in_address_is_row_of_owner(world, owner_client):
    """Else the tests below would prove nothing."""
    missing = [
        path
        for path in ADDRESSES
        if str(NUMBER) in path and not path.startswith("/sandbox/") and owner_client.get(path).status_code == 404
    ]
    assert not missing


def test_owner_does_see_it(world, owner_client):
    seen = "".join(words(owner_client.get(path)) for path in ADDRESSES if not path.startswith("/a"))
    assert {secret for secret in SECRETS if secret not in seen} <= {
        "482917",
        "482 917",
        "605318",
        "605 318",
        "ana@example.org",
        "secret-token",
    }


def test_stranger_learns_and_changes_nothing(world, stranger, organization):
    before = rows_of(organization)
    assert all(before[name] for name in ("Lock", "Stay", "AccessCode", "ConnectedAccount", "Door", "Unit", "Property"))
    found = {}
    for path in ADDRESSES:
        client = Client()
        client.force_login(stranger, settings.AUTHENTICATION_BACKENDS[0])
        for answer in (client.get(path), client.get(path, TRIED), client.post(path, TRIED, follow=True)):
            is_as_if_absent = answer.status_code in (404, 405) or str(NUMBER) not in path
            if leaks(answer) or not is_as_if_absent:
                found[f"{answer.request['REQUEST_METHOD']} {path}"] = (answer.status_code, leaks(answer))
    assert not found
    assert rows_of(organization) == before


def test_nobody_gets_further_than_log_in_page(world, organization):
    before = rows_of(organization)
    found = {}
    for path in ADDRESSES:
        client = Client()
        for answer in (client.get(path), client.post(path, TRIED)):
            is_sent_to_log_in = answer.status_code == 302 and LOG_IN.match(answer["Location"])
            if leaks(answer) or not (is_sent_to_log_in or OPEN.match(path)):
                found[f"{answer.request['REQUEST_METHOD']} {path}"] = (answer.status_code, leaks(answer))
    assert not found
    assert rows_of(organization) == before


def test_colleague_who_may_only_look_changes_nothing(world, colleague, organization):
    """Reading anew is allowed to everybody who may look; it moves nothing but the hour of the next look."""
    before = rows_of(organization)
    for path in ADDRESSES:
        if path in (reverse("lock-refresh", args=[NUMBER]), reverse("connection-sync", args=[NUMBER])):
            continue
        client = Client()
        client.force_login(colleague, settings.AUTHENTICATION_BACKENDS[0])
        client.post(path, TRIED)
    assert rows_of(organization) == before


def test_only_listed_addresses_are_open_to_all():
    assert [path for path in ADDRESSES if OPEN.match(path) and not path.startswith(("/accounts/", "/admin/"))] == [
        "/healthz",
        "/invitation/",
        "/invitations/x/",
        "/sandbox/outbox/",
        "/sandbox/outbox/4711/",
        "/sandbox/outbox/4711/body/",
        "/seam/webhook/",
    ]


def test_somebody_of_no_organization_meets_no_error_and_no_data(world, django_user_model, organization):
    nobody = django_user_model._default_manager.create_user("nobody@example.org")
    before = rows_of(organization)
    found = {}
    for path in ADDRESSES:
        client = Client(raise_request_exception=False)
        client.force_login(nobody, settings.AUTHENTICATION_BACKENDS[0])
        for answer in (client.get(path), client.post(path, TRIED)):
            if answer.status_code >= 500 or leaks(answer):
                found[f"{answer.request['REQUEST_METHOD']} {path}"] = (answer.status_code, leaks(answer))
    assert not found
    assert rows_of(organization) == before
