"""Single sign-on: a provider's word lets in whom we know by a proved address, and no other; it makes no account."""

import json
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.urls import reverse


@pytest.mark.processes
def test_only_known_proved_people_get_in(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    names = ("SEAM_API_KEY", "PUBLIC_URL", "DATABASE_URL", "SEAM_ENDPOINT", "HOST", "SANDBOX_CLOCK", "EMAIL_URL")
    environment = os.environ | dict.fromkeys(names, "")
    environment |= {
        "DJANGO_SETTINGS_MODULE": "latchkey.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        "VAR_DIR": str(tmp_path),
        "ENV_FILE": os.devnull,
        # Static files without their manifest.
        "DEBUG": "true",
        "OIDC_SERVER_URL": f"http://127.0.0.1:{port}",
        "OIDC_CLIENT_ID": "latchkey",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_NAME": "Acme",
    }
    done = subprocess.run(
        [sys.executable, "-m", "dashboard.tests.entrance.single_sign_on_walk", str(port)],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # A stranger, one whose provider does not vouch for the address, the person, the person once more.
    assert json.loads(done.stdout) == ["out", "out", "in", "in"]


@pytest.mark.django_db
def test_without_provider_there_is_no_button(client):
    assert "oidc" not in client.get(reverse("account_login")).content.decode()
