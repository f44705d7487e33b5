"""What a measurement runs in: an empty database, its owner, an account, a stand-in for Seam."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Organization, Role, User
from properties.models import ConnectedAccount

ROOT = Path(__file__).resolve().parents[2]


def fresh_database() -> None:
    """Create the tables, or empty those of an earlier measurement."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("flush", interactive=False, verbosity=0)


def server_pid() -> int | None:
    """Return the process of our connection, where the database is a server."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def owner() -> User:
    organization = Organization.objects.create(name="Bench")
    user = User.objects.create_user("bench@example.org")
    Membership.objects.create(user=user, organization=organization, role=Role.OWNER)
    return user


@contextmanager
def replayed_fleet(locks: int) -> Iterator[ConnectedAccount]:
    """Create an account whose `locks` devices are answered from memory, and point the settings there."""
    command = [sys.executable, "-m", "workbench.measuring.replay", str(locks)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: S603 - our own program
    before = settings.SEAM_ENDPOINT
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        settings.SEAM_ENDPOINT = f"http://127.0.0.1:{told['port']}"
        seam_id = told["connected_account"]["connected_account_id"]
        organization = owner().organization
        yield ConnectedAccount.objects.create(organization=organization, seam_id=seam_id, linked_at=timezone.now())
    finally:
        settings.SEAM_ENDPOINT = before
        process.terminate()
        process.wait(10)
