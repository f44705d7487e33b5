"""Staff codes: the list and one person's page, with each door's step and the coming hours."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from dashboard.tests.cast import client_as
from dashboard.tests.pages import title, words
from properties.codes import staff_codes
from properties.models import AccessCode, StaffMember
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit

LIST = "/staff/"


def url(member) -> str:
    return reverse("staff-member", args=[member.pk])


@pytest.fixture
def doors(organization):
    unit = make_unit(make_property(organization))
    return [make_door(unit, make_lock(organization, f"{name} lock"), name) for name in ("Front", "Back")]


@pytest.fixture
def maria(organization, owner, doors, now) -> StaffMember:
    member = StaffMember(organization=organization, name="Maria", job="Cleaner", hours_from=time(9), hours_to=time(17))
    staff_codes.save_member(member, doors, now, owner)
    return member


def test_empty_list_says_what_to_do_next(owner_client, colleague_client, organization):
    assert "Add a property with its doors first." in words(owner_client.get(LIST))
    make_door(make_unit(make_property(organization)), make_lock(organization))
    assert "Give your cleaner a code" in words(owner_client.get(LIST))
    assert "A person who may issue codes can add one." in words(colleague_client.get(LIST))


def test_list_shows_doors_hours_and_last_use(owner_client, maria):
    page = words(owner_client.get(LIST))
    assert "Maria Cleaner" in page
    assert "Every day, 09:00 to 17:00 Has access none seen" in page


def test_somebody_unused_for_sixty_days_is_suggested_for_removal(owner_client, maria):
    StaffMember.objects.update(created_at=NOW - timedelta(days=61))
    assert "still needed?" in words(owner_client.get(LIST))
    page = words(owner_client.get(url(maria)))
    assert "No use of this code was seen for 60 days." in page
    assert "Wyze does not say whose PIN was typed" in page


def test_each_door_has_steps_and_hours_are_explained(owner_client, maria):
    page = words(owner_client.get(url(maria)))
    assert page.count("On the lock") == 2
    assert "Mon 1 Jun, 09:00 to 17:00 PDT" in page
    assert "A Wyze lock cannot keep a timetable." in page
    assert maria.pin not in owner_client.get(url(maria)).content.decode()
    assert maria.pin not in title(owner_client.get(url(maria)))


def test_door_without_code_says_why(owner_client, owner, maria, doors):
    doors[1].lock = None
    doors[1].save(update_fields=["lock"])
    staff_codes.apply_staff_plan(maria, NOW, owner)
    AccessCode.objects.exclude(revoked_at=None).update(removed_at=NOW)
    assert "No lock is on this door yet." in words(owner_client.get(url(maria)))


def test_doors_fragment_polls_while_work_is_under_way(owner_client, maria):
    part = reverse("staff-doors", args=[maria.pk])
    assert 'hx-trigger="every 3s"' in owner_client.get(part).content.decode()
    AccessCode.objects.update(removed_at=NOW, revoked_at=NOW)
    StaffMember.objects.update(removed_at=NOW)
    assert 'hx-trigger="every 60s"' in owner_client.get(part).content.decode()


def test_stranger_finds_nobody(stranger_client, maria):
    assert "Maria" not in words(stranger_client.get(LIST))
    assert stranger_client.get(url(maria)).status_code == 404
    assert stranger_client.get(reverse("staff-doors", args=[maria.pk])).status_code == 404


def test_who_only_looks_sees_no_button_and_no_pin(colleague_client, maria):
    page = words(colleague_client.get(url(maria)))
    for word in ("Change", "New PIN", "Remove from every door", "Reveal"):
        assert word not in page


def test_somebody_limited_to_another_property_does_not_see_them(organization, maria, doors):
    elsewhere = make_property(organization, "Other")
    assert client_as(organization, Role.MANAGER, elsewhere).get(url(maria)).status_code == 404
    assert client_as(organization, Role.MANAGER, doors[0].property).get(url(maria)).status_code == 200


@pytest.mark.parametrize("page", ["list", "member"])
def test_number_of_queries_does_not_depend_on_rows(
    owner_client, owner, organization, maria, now, page, django_assert_max_num_queries
):
    unit = make_unit(make_property(organization, "Big House"))
    doors = [make_door(unit, make_lock(organization, f"Lock {n}"), f"Door {n}") for n in range(12)]
    for n in range(6):
        staff_codes.save_member(StaffMember(organization=organization, name=f"Person {n}"), doors, now, owner)
    last = StaffMember.objects.order_by("-pk").first()
    # The first page of a session notes that it began.
    owner_client.get(LIST)
    with django_assert_max_num_queries(20):
        owner_client.get(LIST if page == "list" else url(last))


def test_property_filter_shows_staff_of_its_doors(owner_client, organization, owner, maria, now):
    elsewhere = make_property(organization, "Harbor Loft")
    door = make_door(make_unit(elsewhere), make_lock(organization, "Loft lock"))
    pat = StaffMember(organization=organization, name="Pat")
    staff_codes.save_member(pat, [door], now, owner)
    page = owner_client.get(LIST, {"property": elsewhere.pk})
    assert [member.name for member, _, _ in page.context["rows"]] == ["Pat"]
    assert "Only people with a code for a door of Harbor Loft Show all properties" in words(page)
    assert "Property shown: Harbor Loft" in words(page)
    page = owner_client.get(LIST, {"property": "all"})
    assert [member.name for member, _, _ in page.context["rows"]] == ["Maria", "Pat"]


def test_staff_with_code_left_is_shown_at_property(owner_client, organization, owner, maria, doors, now):
    AccessCode.objects.update(create_sent_at=now)
    elsewhere = make_property(organization, "Harbor Loft")
    door = make_door(make_unit(elsewhere), make_lock(organization, "Loft lock"))
    staff_codes.save_member(maria, [door], now, owner)
    here = {"property": doors[0].property_id}
    assert [member.name for member, _, _ in owner_client.get(LIST, here).context["rows"]] == ["Maria"]
    AccessCode.objects.filter(lock__door__in=doors).update(removed_at=now)
    page = owner_client.get(LIST, here)
    assert not page.context["rows"]
    assert "No person matches" in words(page)
    assert "?property=all" in page.content.decode()


def test_page_says_which_days_are_left_out_and_why(owner_client, owner, organization, now):
    unit = make_unit(make_property(organization))
    door = make_door(unit, make_lock(organization))
    make_stay(unit, "Anna Schmidt", days_ahead=-1, nights=3)
    member = StaffMember(organization=organization, name="Maria", hours_from=time(9), hours_to=time(17))
    staff_codes.save_member(member, [door], now, owner)
    page = words(owner_client.get(reverse("staff-member", args=[member.pk])))
    assert "Not while a guest stays there." in page
    assert "Mon 1 Jun Front door: left out, because of the stay of Anna Schmidt" in page
    assert "Wed 3 Jun Front door: only Wed 3 Jun, 11:00 to 17:00 PDT, because of the stay of Anna Schmidt" in page
    StaffMember.objects.update(also_while_occupied=True)
    page = words(owner_client.get(reverse("staff-member", args=[member.pk])))
    assert "Also while guests are there." in page
    assert "left out" not in page
