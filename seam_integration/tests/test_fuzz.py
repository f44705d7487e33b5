"""Every field of every answer, missing, null and of every other type: none costs more than its own row."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import transaction

from properties.models import AccessCode, ConnectedAccount, Lock, LockCommand
from properties.tests.builders import NOW, make_account, make_code, make_lock
from seam_integration.accounts import sync
from seam_integration.api.client import SeamError
from seam_integration.api.payloads import without_nul
from seam_integration.inbox import events, webhooks
from seam_integration.locks import commands
from seam_integration.locks.observe import observe
from seam_integration.locks.turn import reconcile
from seam_integration.models import LockWork, SeamEvent, Unreadable
from seam_integration.tests.answers import Answers
from seam_integration.tests.fuzzing import ODD, odd_versions

ISSUE = {"error_code": "x", "warning_code": "y", "message": "m", "created_at": NOW.isoformat()}
MUTATION = {"mutation_code": "updating_time_frame", "from": {}, "to": {}, "scheduled_at": NOW.isoformat()}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within leaves no trace."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def rows(seam, owner) -> dict[str, dict[str, Any]]:
    """The sandbox's own answers, as the engine gets them."""
    seam.link_for(owner)
    lock = seam.lock()
    device_id = str(lock.seam_id)
    made = seam("/access_codes/create", device_id=device_id, name="Anna", code="482917")["access_code"]
    attempt = seam("/locks/unlock_door", device_id=device_id)["action_attempt"]
    seam.advance("PT2M")
    found = {
        "device": seam("/devices/get", device_id=device_id)["device"],
        "code": seam("/access_codes/get", access_code_id=made["access_code_id"])["access_code"],
        "unmanaged": seam("/access_codes/unmanaged/list", device_id=device_id)["access_codes"][0],
        "account": seam("/connected_accounts/get", connected_account_id=str(lock.account.seam_id))["connected_account"],
        "attempt": seam("/action_attempts/get", action_attempt_id=attempt["action_attempt_id"])["action_attempt"],
        "webhook": seam("/webhooks/list")["webhooks"][0],
    }
    found["code"] |= {"errors": [ISSUE], "warnings": [ISSUE], "pending_mutations": [MUTATION]}
    found["device"] |= {"errors": [ISSUE], "warnings": [ISSUE]}
    for event in seam("/events/list", since="2020-01-01", limit=500)["events"]:
        found[f"event {event['event_type']}"] = event
    return found


def make_due(lock: Lock) -> None:
    """As a lock whose turn it is, whatever the sandbox said of it."""
    LockWork.objects.update_or_create(lock=lock, defaults={"reconcile_at": NOW, "codes_read_at": None, "failures": 0})
    Lock.objects.filter(pk=lock.pk).update(last_failure="", breaker_until=None)


def text(**answer: Any) -> str:
    return json.dumps(answer, default=str).replace("Infinity", "1e400")


def with_own_ids(rows: list[dict[str, Any]], name: str, right: str) -> list[dict[str, Any]]:
    """Odd versions of one row as rows of their own; one without an id, or with an odd one, stays so."""
    return [row | {name: str(uuid.uuid4())} if row.get(name) == right else row for row in rows]


def test_devices(rows, organization):
    account = make_account(organization)
    device_id = rows["device"]["device_id"]
    own = {"properties": {"online": True, "serial_number": "Neighbour"}}
    neighbour = rows["device"] | {"device_id": str(uuid.uuid4()), "display_name": "Neighbour"} | own
    for path, odd in odd_versions(rows["device"]):
        answers = Answers()
        answers.pages["/connected_accounts/get"] = [text(connected_account=rows["account"])]
        answers.pages["/devices/list"] = [text(devices=[*with_own_ids(odd, "device_id", device_id), neighbour])]
        answers.pages["/devices/unmanaged/list"] = [text(devices=[])]
        with undone():
            sync.sync_account(account, NOW, answers.client())
            assert Lock.objects.filter(name="Neighbour").exists(), path


def test_accounts(rows, organization):
    account = make_account(organization)
    for path, odd in odd_versions(rows["account"]):
        with undone():
            for row in odd:
                sync.refresh_account(ConnectedAccount.objects.get(pk=account.pk), without_nul(row), NOW)
            assert ConnectedAccount.objects.get(pk=account.pk).provider, path


@pytest.mark.parametrize("kind", ["code", "unmanaged"])
def test_codes(rows, organization, kind):
    """Each odd row is one of our codes; beside them stands one that is as it should be."""
    lock = make_lock(organization)
    neighbour = make_code(lock, "Neighbour", "731946", seam_id=uuid.uuid4(), accepted_at=NOW)
    right = {"access_code_id": str(neighbour.seam_id), "name": neighbour.seam_name, "code": "731946"}
    ours = [make_code(lock, f"Anna {n}", f"60{n:04d}", seam_id=uuid.uuid4(), accepted_at=NOW) for n in range(len(ODD))]
    make_due(lock)
    for path, odd in odd_versions(rows[kind]):
        theirs = odd
        if path != ("access_code_id",):
            theirs = [row | {"access_code_id": str(code.seam_id)} for row, code in zip(odd, ours, strict=True)]
        answers = Answers()
        managed, unmanaged = (theirs, []) if kind == "code" else ([], theirs)
        answers.pages["/access_codes/list"] = [text(access_codes=[*managed, rows["code"] | right])]
        answers.pages["/access_codes/unmanaged/list"] = [text(access_codes=unmanaged)]
        answers.pages["/access_codes/get"] = [text(access_code=theirs[0])]
        answers.pages["/access_codes/update"] = answers.pages["/access_codes/delete"] = [text()]
        with undone():
            reconcile(lock.pk, NOW, answers.client())
            assert Lock.objects.get(pk=lock.pk).last_failure == "", path
            assert AccessCode.objects.get(pk=neighbour.pk).observed_at == NOW, path
            after = list(AccessCode.objects.filter(pk__in=[code.pk for code in ours]))
            assert all(code.removed_at is None and code.seam_id for code in after), path
            assert all(code.ladder(NOW) for code in after)
            assert all(code.is_settled(NOW) in (True, False) for code in after)


def test_answers_to_a_create(rows, organization):
    """What cannot be read is no answer: the claim stays, and the next turn finds what was made."""
    code = make_code(make_lock(organization), "Anna")
    for _, odd in odd_versions({"access_code": rows["code"]}):
        for answer in odd:
            answers = Answers()
            answers.pages["/access_codes/create"] = [text(**answer)]
            with undone(), suppress(SeamError):
                made = answers.client().create_code("x", code.seam_name, code.pin, code.window)
                observe(code, made, NOW, "answer")
            code.refresh_from_db()


def test_events(rows, organization):
    lock = make_lock(organization, seam_id=uuid.uuid4())
    code = make_code(lock, seam_id=uuid.uuid4())
    ids = {"device_id": str(lock.seam_id), "access_code_id": str(code.seam_id)}
    for name, event in rows.items():
        if name.startswith("event "):
            event |= {key: value for key, value in ids.items() if key in event}
            for path, odd in odd_versions(event):
                with undone():
                    for row in odd:
                        assert take_in(row), (name, path)


def take_in(event: dict[str, Any]) -> bool:
    """Whether an event is handled; what is wrong is told by the caller, who knows where."""
    try:
        events.take_in(event, NOW)
    except Exception:
        logging.getLogger(__name__).exception("not handled: %s", event)
        return False
    return True


def test_lists_of_events(rows, organization):
    event = next(row for name, row in rows.items() if name.startswith("event "))
    neighbour = event | {"event_id": str(uuid.uuid4())}
    for path, odd in odd_versions(event):
        answers = Answers()
        answers.pages["/events/list"] = [text(events=[*odd, neighbour])]
        with undone():
            webhooks.catch_up(NOW, answers.client())
            assert SeamEvent.objects.filter(event_id=neighbour["event_id"]).exists(), path


def test_attempts(rows, organization):
    lock = make_lock(organization)
    command = LockCommand.objects.create(organization=organization, lock=lock, action="unlock", requested_at=NOW)
    for path, odd in odd_versions(rows["attempt"] | {"error": {"type": "x", "message": "m"}}):
        for row in odd:
            answers = Answers()
            answers.pages["/locks/unlock_door"] = [text(action_attempt=row)]
            with undone():
                commands.send(command.pk, NOW, answers.client())
                assert LockCommand.objects.get(pk=command.pk).received_at == NOW, path


def test_webhooks(rows, settings):
    settings.PUBLIC_URL = "http://testserver"
    for _, odd in odd_versions(rows["webhook"] | {"secret": "whsec_1"}):
        for row in odd:
            answers = Answers()
            answers.pages["/webhooks/list"] = [text(webhooks=[row])]
            answers.pages["/webhooks/create"] = [text(webhook=row)]
            answers.pages["/webhooks/delete"] = [text()]
            with undone(), suppress(SeamError):
                webhooks.ensure_registered(answers.client())


def test_pages_of_a_list(rows, organization):
    """An odd page is a failure of this lock, in words."""
    lock = make_lock(organization)
    make_due(lock)
    answer = {"access_codes": [], "pagination": {"has_next_page": False, "next_page_cursor": None}}
    for path, odd in odd_versions(answer):
        for each in odd:
            answers = Answers()
            answers.pages["/access_codes/list"] = [text(**each)]
            answers.pages["/access_codes/unmanaged/list"] = [text(access_codes=[])]
            with undone():
                reconcile(lock.pk, NOW, answers.client())
                assert "unexpected" not in Lock.objects.get(pk=lock.pk).last_failure, path


def test_set_aside_row_is_kept_without_its_pin(rows, organization):
    lock = make_lock(organization)
    make_due(lock)
    answers = Answers()
    odd = rows["code"] | {"starts_at": 5, "code": "482917", "name": "PIN 482917"}
    answers.pages["/access_codes/list"] = [text(access_codes=[odd, None])]
    answers.pages["/access_codes/unmanaged/list"] = [text(access_codes=[])]
    reconcile(lock.pk, NOW, answers.client())
    assert lock.unreadable.count() == 2
    assert not any("482917" in row.text for row in Unreadable.objects.all())
    answers.pages["/access_codes/list"] = [text(access_codes=[])]
    make_due(lock)
    reconcile(lock.pk, NOW, answers.client())
    assert lock.unreadable.count() == 0
