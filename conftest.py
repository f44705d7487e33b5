"""Fixtures of all tests: people of two organizations, a fixed time, the sandbox in place of Seam."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from hypothesis import settings as hypothesis_settings

from accounts.models import Organization, Role, User
from latchkey.celery import app as celery_app
from properties.tests.builders import NOW, make_organization, make_user
from seam_integration import clock
from seam_integration.api import http
from seam_integration.tests.driver import Driver
from seam_sandbox import Clock, SandboxAdapter, create_app
from seam_sandbox.tests.caller import API_KEY, ENDPOINT

# A busy machine must not fail a test.
hypothesis_settings.register_profile("latchkey", deadline=None)
hypothesis_settings.load_profile("latchkey")

# No test uses a broker unless it starts one.
celery_app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.fixture(autouse=True)
def _real_clock(settings) -> None:
    """Use the machine's time, unless a test mounts the sandbox."""
    settings.SANDBOX_CLOCK = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    clock.forget()


@pytest.fixture
def now() -> Iterator[datetime]:
    """Stop time at the instant that the builders of test rows use."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def organization(db) -> Organization:
    return make_organization()


@pytest.fixture
def owner(organization) -> User:
    return make_user("owner@example.org", organization)


@pytest.fixture
def colleague(organization) -> User:
    """A read-only member of the owner's organization."""
    return make_user("colleague@example.org", organization, Role.READ_ONLY)


@pytest.fixture
def stranger(db) -> User:
    """The owner of another organization."""
    return make_user("stranger@example.net", make_organization("Elsewhere"))


@pytest.fixture
def owner_client(owner) -> Client:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def colleague_client(colleague) -> Client:
    client = Client()
    client.force_login(colleague, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def stranger_client(stranger) -> Client:
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def seam(transactional_db, settings) -> Iterator[Driver]:
    """The sandbox in place of Seam, stopped at NOW; tasks run at once.

    The database is transactional, because tasks are enqueued on commit.
    """
    settings.SEAM_ENDPOINT, settings.SEAM_API_KEY = ENDPOINT, API_KEY
    settings.SANDBOX_CLOCK, settings.PUBLIC_URL = True, "http://testserver"
    app = create_app(api_key=API_KEY, clock=Clock(at=NOW, speed=0))
    http.adapter_for_tests = SandboxAdapter(app)
    celery_app.conf.update(task_always_eager=True, task_eager_propagates=True)
    clock.forget()
    yield Driver(app)
    http.adapter_for_tests = None
    celery_app.conf.update(task_always_eager=False)
    clock.forget()
    app.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the browser tests, the longest, so that two workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
