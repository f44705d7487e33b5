"""Nothing of the demo outlives it: with a key or a public address its person gets in nowhere."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from dashboard import demo
from properties.tests.builders import NOW

SHOW = (
    "import json; from django.conf import settings as s;"
    "print(json.dumps([s.MAY_HAVE_DEMO, s.DATABASES['default']['NAME'].rpartition('/')[2], s.SESSION_COOKIE_NAME,"
    "s.CSRF_COOKIE_NAME, s.TRUSTED_PROXIES]))"
)


@pytest.fixture
def person(db, settings, tmp_path, monkeypatch) -> User:
    settings.VAR_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SANDBOX_CLOCK, settings.SEAM_ENDPOINT = True, "http://127.0.0.1:1"
    monkeypatch.delenv("HOST", raising=False)
    demo.fill(NOW)
    return User.objects.get()


@pytest.fixture(params=["a key", "a public address"])
def live(request, person, settings) -> None:
    if request.param == "a key":
        settings.SANDBOX_CLOCK, settings.HAS_SEAM_API_KEY = False, True
    settings.MAY_HAVE_DEMO = False


def log_in(client):
    return client.post(reverse("account_login"), {"login": demo.EMAIL, "password": demo.LOCAL_PASSWORD})


def test_demo_log_in_works_in_demo(client, person):
    assert log_in(client)["Location"] == reverse("overview")


def test_known_password_opens_nothing_once_live(client, live):
    assert log_in(client)["Location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


def test_session_of_demo_ends_once_live(client, person, settings):
    client.force_login(person)
    assert client.get(reverse("account_email")).status_code == 200
    settings.MAY_HAVE_DEMO = False
    assert client.get(reverse("account_email"))["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session


def test_log_in_page_names_no_password_once_live(client, live):
    assert demo.LOCAL_PASSWORD not in client.get(reverse("account_login")).content.decode()


def test_start_says_that_demo_is_over(live):
    said = io.StringIO()
    call_command("demo", stdout=said)
    assert "The demo's demo@example.com can no longer log in" in said.getvalue()
    assert not User.objects.get().has_usable_password()
    assert demo.log_in() is None
    again = io.StringIO()
    call_command("demo", stdout=again)
    assert "can no longer" not in again.getvalue()


def shown(tmp_path, **variables: str) -> list:
    names = ("SEAM_API_KEY", "PUBLIC_URL", "DATABASE_URL", "SEAM_ENDPOINT", "HOST", "SANDBOX_CLOCK", "TRUSTED_PROXIES")
    environment = os.environ | dict.fromkeys(names, "") | {"VAR_DIR": str(tmp_path), "ENV_FILE": os.devnull} | variables
    environment["DJANGO_SETTINGS_MODULE"] = "latchkey.settings"
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_demo_and_live_have_files_of_their_own(tmp_path):
    assert shown(tmp_path)[:2] == [True, "demo.sqlite3"]
    assert shown(tmp_path, SEAM_API_KEY="seam_x")[:2] == [False, "latchkey.sqlite3"]
    assert shown(tmp_path, PUBLIC_URL="https://demo.example.com")[:2] == [False, "latchkey.sqlite3"]


def test_cookies_are_of_our_own_name(tmp_path):
    assert shown(tmp_path)[2:4] == ["latchkey-session", "latchkey-csrf"]
    safe = shown(tmp_path, PUBLIC_URL="https://latchkey.example.com", SEAM_API_KEY="seam_x")
    assert safe[2:4] == ["__Host-latchkey-session", "__Host-latchkey-csrf"]


def test_proxies_are_counted_by_environment(tmp_path):
    assert shown(tmp_path)[4] == 0
    assert shown(tmp_path, TRUSTED_PROXIES="2")[4] == 2
