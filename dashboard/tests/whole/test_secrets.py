"""PINs are seen where a person asked to see them, and nowhere else, whatever happens on the way."""

import logging
import re
from dataclasses import dataclass, field

import pytest
from celery.signals import task_prerun
from django.apps import apps
from django.test import Client
from django.urls import reverse

from properties.codes import planning
from properties.models import AccessCode, Activity
from properties.tests.builders import make_door, make_property, make_stay, make_unit
from seam_integration import tasks
from seam_integration.api.client import SeamClient, SeamError
from seam_integration.locks.turn import reconcile
from seam_integration.seam import seam_client

OWN_PIN = "48291736"


@dataclass
class Ears:
    """What others could hear of a run: pages and their addresses, tasks, logs."""

    pages: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)


class Listening(Client):
    """A browser that remembers where it was and what it was shown."""

    ears: Ears

    def request(self, **request):
        answer = super().request(**request)
        asked = f"{answer.request['PATH_INFO']}?{answer.request.get('QUERY_STRING', '')}"
        self.ears.addresses += [asked, answer.get("Location", "")]
        self.ears.pages.append(answer.content.decode())
        return answer


@pytest.fixture
def ears():
    found = Ears()

    def listen(task=None, args=(), kwargs=None, **_):
        found.payloads.append(f"{task.name} {args!r} {kwargs!r}")

    task_prerun.connect(listen)
    yield found
    task_prerun.disconnect(listen)


def pin_in(text: str, pins: set[str]) -> list[str]:
    """The PINs in a text, as a whole number or grouped as on the page."""
    shapes = {pin: "[ -]?".join(pin) for pin in pins}
    return [pin for pin, shape in shapes.items() if re.search(rf"(?<!\d){shape}(?!\d)", text)]


@pytest.fixture
def run(seam, owner, organization, ears, caplog):
    """Codes through their lives: issued, moved, reissued, revoked, refused by Seam, with every kind of trouble."""
    caplog.set_level(logging.DEBUG)
    browser = Listening()
    browser.ears = ears
    browser.force_login(owner)
    seam.link_for(owner)
    seam.register_webhook()
    lock = seam.lock()
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    stay = make_stay(unit, days_ahead=1)
    planning.apply_stay_plan(stay, seam.now_at, owner)
    typed = {"holder_name": "Ben Ito", "lock": lock.pk, "pin": OWN_PIN}
    browser.post(reverse("access-code-issue"), typed)
    # The same PIN once more, and one on a lock that cannot have it.
    browser.post(reverse("access-code-issue"), typed | {"holder_name": "Other"})
    for fault in ({"what": "status", "status": 400}, {"what": "html"}, {"what": "cut_off"}, {"what": "answer_lost"}):
        seam.break_down({"path": "/access_codes/*", **fault})
        browser.post(reverse("access-code-issue"), {"holder_name": f"Trouble {fault['what']}", "lock": lock.pk})
        seam.pass_time("PT2M")
    seam.mend()
    for code in AccessCode.objects.order_by("pk")[:3]:
        browser.post(reverse("access-code-retry", args=[code.pk]))
        seam.pass_time("PT5M")
        browser.post(reverse("access-code-reissue", args=[code.pk]), {"reason": "Lost", "pin": ""})
    seam.pass_time("PT5M", times=3)
    for code in AccessCode.objects.standing().order_by("pk"):
        seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=code.pin)
        browser.post(reverse("access-code-reveal", args=[code.pk]))
        ears.pages.pop()
        browser.get(reverse("access-code", args=[code.pk]))
        browser.get(reverse("access-code-pin", args=[code.pk]))
    browser.post(reverse("access-code-revoke", args=[AccessCode.objects.standing().first().pk]))
    seam.pass_time("P2D")
    seam.pass_time("PT5M", times=3)
    for name in ("overview", "stays", "locks", "access-codes", "activity", "connections", "properties"):
        browser.get(reverse(name), {"show": "all"})
    browser.get(reverse("lock", args=[lock.pk]))
    browser.get(reverse("stay", args=[stay.pk]))
    return ears


def all_pins() -> set[str]:
    pins = {code.pin for code in AccessCode.objects.all()}
    assert OWN_PIN in pins
    assert len(pins) > 5
    return pins


def test_no_pin_is_heard_of_or_left_behind_in_whole_run(run, caplog):
    pins = all_pins()
    look_at_pages(run, pins)
    look_at_tasks(run, pins)
    look_at_logs(caplog.get_records("setup"), pins)
    look_at_rows(pins)


def look_at_pages(run: Ears, pins: set[str]) -> None:
    # The form that came back with its mistake keeps what was typed into it.
    pages = [page for page in run.pages if 'aria-invalid="true"' not in page]
    assert len(pages) > 20
    for page in pages:
        assert not pin_in(page, pins)
    titles = re.findall(r"<title>(.*?)</title>", " ".join(run.pages), re.DOTALL)
    assert not pin_in(" ".join(titles), pins)
    assert not pin_in(" ".join(run.addresses), pins)


def look_at_tasks(run: Ears, pins: set[str]) -> None:
    """Arguments are numbers of rows."""
    assert len(run.payloads) > 20
    assert not pin_in(" ".join(run.payloads), pins)
    for payload in run.payloads:
        assert re.fullmatch(r"[\w.]+ [\[(](\d+,?)?[\])] \{\}", payload), payload


def look_at_logs(records: list[logging.LogRecord], pins: set[str]) -> None:
    assert len(records) > 20
    for record in records:
        assert not pin_in(f"{record.getMessage()} {record.__dict__!r}", pins)


def look_at_rows(pins: set[str]) -> None:
    """Neither as the database holds them nor as they name themselves."""
    for model in apps.get_models():
        for columns in model._default_manager.values_list():
            assert not pin_in(" ".join(map(str, columns)), pins), model.__name__
        for row in model._default_manager.all():
            assert not pin_in(f"{row!r} {row}", pins), model.__name__
    assert Activity.objects.count() > 20


def test_link_to_log_in_and_key_to_seam_are_not_in_logs(seam, owner, caplog):
    caplog.set_level(logging.DEBUG)
    seam.link_for(owner)
    tasks.sync_all()
    for secret in ("auth_token", "seam_test_key", "Bearer"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "fault", [{"what": "status", "status": 400}, {"what": "empty_503"}, {"what": "reset"}, {"what": "cut_off"}]
)
def test_error_of_call_does_not_carry_its_body(seam, owner, fault):
    seam.link_for(owner)
    seam.break_down({"path": "/access_codes/create", **fault})
    with pytest.raises(SeamError) as error:
        seam_client().create_code(str(seam.lock().seam_id), "Ben Ito X", OWN_PIN, None)
    assert OWN_PIN not in f"{error.value!r} {error.value} {error.value.__dict__} {error.value.__cause__!r}"


def test_words_of_seam_that_repeat_pin_are_kept_without_it(seam, owner, owner_client, monkeypatch, caplog):
    """Seam's own message may name the code it refuses."""
    seam.link_for(owner)
    caplog.set_level(logging.DEBUG)
    refusal = SeamError(f"Code {OWN_PIN} is not allowed", status=400, code="invalid_code")

    def refuse(*_):
        raise refusal

    monkeypatch.setattr(SeamClient, "create_code", refuse)
    typed = {"holder_name": "Ben Ito", "lock": seam.lock().pk, "pin": OWN_PIN}
    page = owner_client.post(reverse("access-code-issue"), typed, follow=True)
    code = AccessCode.objects.get()
    assert code.rejection == "Seam refused: Code •••• is not allowed"
    told = " ".join(Activity.objects.values_list("text", flat=True))
    seam.lock().refresh_from_db()
    for text in (page.content.decode(), told, seam.lock().last_failure, caplog.text):
        assert OWN_PIN not in text


def test_crash_on_way_does_not_print_pin(seam, owner, monkeypatch, caplog):
    """Even an unexpected error names rows by their numbers."""
    seam.link_for(owner)
    monkeypatch.setattr("seam_integration.notify.send", lambda *message: None)
    planning.issue(seam.lock(), "Ben Ito", None, OWN_PIN, seam.now_at, owner)

    def crash(*_, **__):
        raise RuntimeError("the network card caught fire")

    client = seam_client()
    monkeypatch.setattr(client._session, "post", crash)
    reconcile(seam.lock().pk, seam.now_at, client)
    assert "An unexpected error (RuntimeError)" in seam.lock().last_failure
    assert "the network card caught fire" in caplog.text
    assert OWN_PIN not in caplog.text
