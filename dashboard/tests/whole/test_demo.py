"""The demo: filled once, and its well-known password fits only where the page cannot be reached from elsewhere."""

import io

import pytest
from django.core.management import call_command

from accounts.models import Organization, User
from dashboard import demo
from properties.models import AccessCode, Door, Stay, Unit
from properties.tests.builders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.delenv("HOST", raising=False)
    return tmp_path


def counts() -> list[int]:
    return [model.objects.count() for model in (User, Organization, Unit, Door, Stay, AccessCode)]


def test_there_is_person_with_homes_doors_and_stays():
    demo.fill(NOW)
    user = User.objects.get()
    assert user.check_password("latchkey-demo")
    assert [place.name for place in user.organization.properties.order_by("name")] == ["Harbor Loft", "Lake House"]
    assert all(unit.doors.exists() for unit in Unit.objects.all())
    assert [stay.guest.name for stay in Stay.objects.all() if stay.starts_at <= NOW < stay.ends_at] == ["Kenji Mori"]
    assert Stay.objects.filter(starts_at__gt=NOW).count() == 4


def test_filling_it_again_changes_nothing():
    first = demo.fill(NOW)
    before = counts(), User.objects.get().password
    assert demo.fill(NOW) == first
    assert (counts(), User.objects.get().password) == before


def test_what_person_removed_does_not_come_back():
    demo.fill(NOW)
    Stay.objects.all().delete()
    demo.fill(NOW)
    assert not Stay.objects.exists()


@pytest.mark.parametrize("host", ["", "127.0.0.1", "localhost", "::1"])
def test_on_this_machine_only_password_is_well_known_one(monkeypatch, host):
    monkeypatch.setenv("HOST", host)
    assert demo.fill(NOW).password == "latchkey-demo"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])  # noqa: S104
def test_where_others_can_reach_it_password_is_random(monkeypatch, host):
    monkeypatch.setenv("HOST", host)
    login = demo.fill(NOW)
    assert login.password != "latchkey-demo"
    assert len(login.password) >= 16
    assert User.objects.get().check_password(login.password)
    assert demo.fill(NOW) == login


def test_opened_demo_loses_known_password(monkeypatch):
    demo.fill(NOW)
    monkeypatch.setenv("HOST", "example.org")
    demo.fill(NOW)
    assert not User.objects.get().check_password("latchkey-demo")


def test_log_in_that_is_printed_always_fits():
    demo.fill(NOW)
    user = User.objects.get()
    user.set_password("my-own-choice-9")
    user.save(update_fields=["password"])
    printed = demo.fill(NOW)
    assert User.objects.get().check_password(printed.password)


def test_note_with_password_is_for_its_owner_only(own_folder):
    demo.fill(NOW)
    path = demo.log_in_path()
    assert path.parent == own_folder
    assert path.stat().st_mode & 0o077 == 0
    assert demo.log_in() == demo.LogIn("demo@example.com", "latchkey-demo")


@pytest.mark.parametrize("content", [None, "", "only-one-line"])
def test_without_whole_note_there_is_no_log_in_to_show(content):
    if content is not None:
        demo.log_in_path().write_text(content)
    assert demo.log_in() is None


def test_command_prints_log_in(seam):
    said = io.StringIO()
    call_command("demo", stdout=said)
    assert said.getvalue() == "Demo log-in: demo@example.com / latchkey-demo\n"


def test_on_real_workspace_there_is_no_demo(settings):
    settings.HAS_SEAM_API_KEY = True
    said = io.StringIO()
    call_command("demo", stdout=said)
    assert said.getvalue() == "No demo: SEAM_API_KEY is set. Sign up in the browser.\n"
    assert not User.objects.exists()


def test_log_in_page_shows_it_in_demo_only(seam, client, settings):
    demo.fill(NOW)
    assert "latchkey-demo" in client.get("/accounts/login/").content.decode()
    settings.SANDBOX_CLOCK = False
    assert "latchkey-demo" not in client.get("/accounts/login/").content.decode()
