"""Ids of Seam are text as it comes: linking, locks, codes and events with ids that are no UUIDs."""

import json

import pytest
from django.db import transaction

from properties.codes import planning
from properties.models import AccessCode, Activity, CodeState, LockCommand
from properties.tests.builders import NOW, make_door, make_lock, make_property, make_stay, make_unit, other_code
from seam_integration import tasks
from seam_integration.accounts import connect_webviews
from seam_integration.api.client import SeamError
from seam_integration.inbox import events, webhooks
from seam_integration.locks import commands
from seam_integration.locks.plan import plan
from seam_integration.models import ConnectWebview, SeamEvent, WebhookRegistration
from seam_integration.seam import seam_client
from seam_integration.tests.answers import Answers
from seam_integration.tests.unsaved import code


@pytest.fixture
def counted(seam):
    seam("/_sandbox/settings", id_shape="counted")
    return seam


def test_whole_path_with_counted_ids(counted, owner, organization):
    account = counted.link_for(owner)
    counted.register_webhook()
    lock = counted.lock()
    rows = (ConnectWebview.objects.get(), account, lock, WebhookRegistration.objects.get())
    kinds = [row.seam_id.rstrip("0123456789") for row in rows]
    assert kinds == ["connect_webview", "connected_account", "device", "webhook"]
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    stay = make_stay(unit, days_ahead=1, nights=2)
    with transaction.atomic():
        planning.apply_stay_plan(stay, counted.now_at, owner)
    counted.work()
    counted.pass_time("PT5M", times=4)
    guest_code = AccessCode.objects.get(stay=stay)
    assert guest_code.state(counted.now_at) is CodeState.ON_LOCK
    assert guest_code.seam_id.startswith("access_code")
    assert guest_code.on_lock_source.startswith("event event")
    counted.pass_time("P3DT12H")
    counted.pass_time("PT5M", times=4)
    guest_code.refresh_from_db()
    assert guest_code.state(counted.now_at) is CodeState.REMOVED
    assert Activity.objects.filter(access_code=guest_code, seam_event_id__startswith="event").exists()
    assert not SeamEvent.objects.filter(handled_at=None).exists()


def test_lock_opens_with_counted_ids(counted, owner):
    counted.link_for(owner)
    command = commands.request(counted.lock(), "unlock", owner, counted.now_at)
    tasks.operate_lock(command.pk)
    counted.pass_time("PT10S", times=3)
    command.refresh_from_db()
    assert command.outcome == LockCommand.Outcome.CONFIRMED
    assert command.attempt_id.startswith("action_attempt")


def test_case_of_ids_is_kept(organization):
    make_lock(organization, name="Upper", seam_id="Device-A")
    make_lock(organization, name="Lower", seam_id="device-a")
    assert events._lock_of({"device_id": "Device-A"}).name == "Upper"
    assert events._lock_of({"device_id": "device-a"}).name == "Lower"


def test_way_back_takes_id_as_it_is(counted, owner):
    url = connect_webviews.launch(owner, "http://testserver/back/", counted.now_at, seam_client())
    ConnectWebview.objects.update(seam_id="Webview-X")
    answer = counted.log_in(url)
    state = answer.headers["Location"].split("state=")[1].split("&")[0]
    outcome = connect_webviews.come_back(owner, state, "webview-x", counted.now_at, seam_client())
    assert "not one of ours" in outcome.text


@pytest.mark.parametrize("event_id", ["event7", "Event 7", "7", "e" * 200])
def test_event_is_kept_by_any_id(db, event_id):
    event = {"event_id": event_id, "event_type": "lock.locked", "occurred_at": NOW.isoformat()}
    assert webhooks.keep(event, "{}", NOW)
    assert not webhooks.keep(event, "{}", NOW)
    assert SeamEvent.objects.get().event_id == event_id


@pytest.mark.parametrize("event_id", ["", None, 7, "e" * 201, "a\nb", "\ud800"])
def test_event_without_usable_id_is_left_out(db, event_id):
    event = {"event_id": event_id, "event_type": "lock.locked", "occurred_at": NOW.isoformat()}
    assert not webhooks.keep(event, "{}", NOW)


def test_id_that_reads_none_is_no_missing_id():
    planned, foreign = code(1), other_code(access_code_id="None")
    result = plan([planned], [foreign], NOW)
    assert (result.observe, result.foreign) == ([], [foreign])


@pytest.mark.parametrize("webview_id", [None, 5, "w" * 201])
def test_launch_without_usable_id_is_refused(owner, webview_id):
    answers = Answers()
    made = {"connect_webview": {"connect_webview_id": webview_id, "url": "https://seam.test/x"}}
    answers.pages["/connect_webviews/create"] = [json.dumps(made)]
    with pytest.raises(SeamError):
        connect_webviews.launch(owner, "http://testserver/back/", NOW, answers.client())
    assert not ConnectWebview.objects.exists()
