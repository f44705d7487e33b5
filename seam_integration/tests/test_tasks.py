"""Tasks survive what goes wrong around them: Seam away, rows gone, one member of staff that cannot be planned."""

import pytest

from properties.codes import staff_codes
from properties.models import StaffMember
from properties.tests.builders import NOW
from seam_integration import tasks
from seam_integration.api.client import SeamError
from seam_integration.inbox import webhooks


def test_sync_of_missing_account_does_nothing(db):
    tasks.sync_account(1)


def test_catch_up_leaves_warning_when_seam_is_away(db, monkeypatch, caplog):
    def fail(now, client):
        raise SeamError("away", status=503)

    monkeypatch.setattr(webhooks, "catch_up", fail)
    tasks.catch_up_events()
    assert "events not caught up: 503" in caplog.text


def test_unplannable_member_does_not_stop_others(organization, owner, monkeypatch):
    members = [
        StaffMember.objects.create(organization=organization, name=name, created_by=owner, created_at=NOW, plan_at=NOW)
        for name in ("Ada", "Ben")
    ]
    planned = []

    def plan(member, now, actor):
        planned.append(member)
        raise ValueError

    monkeypatch.setattr(staff_codes, "apply_staff_plan", plan)
    tasks.plan_staff(NOW)
    assert sorted(member.pk for member in planned) == [member.pk for member in members]


@pytest.mark.parametrize("kept", [0, 3])
def test_caught_up_events_are_handed_to_worker(db, monkeypatch, kept):
    sent = []
    monkeypatch.setattr(webhooks, "catch_up", lambda now, client: kept)
    monkeypatch.setattr(tasks, "enqueue", lambda task, *ids: sent.append(task))
    tasks.catch_up_events()
    assert sent == ([tasks.take_in_events] if kept else [])
