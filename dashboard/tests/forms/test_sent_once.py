"""A form that creates something and is sent twice creates it once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dashboard.models import SentForm
from dashboard.tests.forms.test_opened_with import fields_of
from dashboard.tests.pages import words
from properties.models import AccessCode, Property, Stay
from properties.tests.builders import make_door, make_lock, make_property, make_unit


@pytest.fixture
def unit(organization, now):
    unit = make_unit(make_property(organization))
    make_door(unit, make_lock(organization))
    return unit


def test_property_sent_twice_is_one(owner_client, now):
    url = reverse("property-add")
    typed = fields_of(owner_client.get(url)) | {
        "name": "Lake House",
        "time_zone": "America/Los_Angeles",
        "check_in_time": "16:00",
        "check_out_time": "11:00",
        "minutes_before": "0",
        "minutes_after": "0",
    }
    first = owner_client.post(url, typed)
    second = owner_client.post(url, typed, follow=True)
    place = Property.objects.get()
    assert first.url == reverse("property", args=[place.pk])
    assert second.redirect_chain == [(first.url, 302)]
    assert "This form was sent twice. It was saved once." in words(second)


def test_code_sent_twice_is_one(owner_client, unit):
    url = reverse("access-code-issue")
    typed = fields_of(owner_client.get(url)) | {"holder_name": "Ben", "lock": unit.doors.get().lock_id}
    assert owner_client.post(url, typed).url == owner_client.post(url, typed).url
    assert AccessCode.objects.count() == 1


def test_going_back_and_typing_another_name_makes_another_one(owner_client, unit):
    url = reverse("access-code-issue")
    typed = fields_of(owner_client.get(url)) | {"holder_name": "Ben", "lock": unit.doors.get().lock_id}
    owner_client.post(url, typed)
    owner_client.post(url, typed | {"holder_name": "Ida"})
    assert set(AccessCode.objects.values_list("holder_name", flat=True)) == {"Ben", "Ida"}


def test_form_opened_again_makes_another_one(owner_client, unit):
    url = reverse("access-code-issue")
    for _ in range(2):
        owner_client.post(
            url, fields_of(owner_client.get(url)) | {"holder_name": "Ben", "lock": unit.doors.get().lock_id}
        )
    assert AccessCode.objects.count() == 2


def test_refused_form_can_be_sent_again(owner_client, unit):
    url = reverse("stay-add")
    typed = fields_of(owner_client.get(url)) | {
        "unit": unit.pk,
        "check_in_on": "2026-07-01",
        "check_out_on": "2026-07-03",
    }
    assert owner_client.post(url, typed | {"guest_name": ""}).status_code == 422
    assert owner_client.post(url, typed | {"guest_name": "Anna"}).status_code == 302
    assert Stay.objects.count() == 1


@pytest.mark.parametrize("key", ["", "no-key", "7"])
def test_form_without_key_is_taken(owner_client, unit, key):
    url = reverse("access-code-issue")
    typed = {"holder_name": "Ben", "lock": unit.doors.get().lock_id, "form_key": key}
    assert owner_client.post(url, typed).status_code in (302, 422)


def test_another_persons_key_is_another_form(owner_client, client, colleague, unit, organization):
    url = reverse("access-code-issue")
    typed = fields_of(owner_client.get(url)) | {"holder_name": "Ben", "lock": unit.doors.get().lock_id}
    owner_client.post(url, typed)
    colleague.membership.set_rights("manager", {})
    colleague.membership.save(update_fields=["role", "granted", "withheld"])
    client.force_login(colleague)
    assert client.post(url, typed).status_code == 302
    assert AccessCode.objects.count() == 2


def test_old_keys_are_forgotten(owner_client, owner, unit, now):
    url = reverse("access-code-issue")
    old = SentForm.objects.create(key="0" * 32, user=owner, answer_url="/", sent_at=now - timedelta(days=3))
    owner_client.post(url, fields_of(owner_client.get(url)) | {"holder_name": "Ben", "lock": unit.doors.get().lock_id})
    assert not SentForm.objects.filter(pk=old.pk).exists()
