"""Fixtures of all tests: people of two organizations, a fixed time, the sandbox in place of Seam."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import jinja2
import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management.commands import flush
from django.test import Client
from django.test.signals import template_rendered
from hypothesis import settings as hypothesis_settings

from accounts.models import Organization, Role, User
from latchkey.celery import app as celery_app
from outbox import clock as outbox_clock
from outbox.delivery import deliver
from outbox.models import Message
from properties.tests.builders import NOW, make_organization, make_user
from seam_integration import clock, seam_time
from seam_integration import seam as seam_connection
from seam_integration.api.http import new_session
from seam_integration.tests.driver import Driver
from seam_sandbox import Clock, SandboxAdapter, create_app
from seam_sandbox.tests.caller import API_KEY, ENDPOINT

# A busy machine must not fail a test.
hypothesis_settings.register_profile("latchkey", deadline=None)
hypothesis_settings.load_profile("latchkey")


def _tell_what_is_rendered(render: Callable[..., str]) -> Callable[..., str]:
    """Django's own engine sends this signal in tests, so that an answer has its context; for Jinja2 nothing does."""

    def told(self: jinja2.Template, context: dict[str, object] | None = None) -> str:
        template_rendered.send(sender=self, template=self, context=context or {})
        return render(self, context or {})

    return told


jinja2.Template.render = _tell_what_is_rendered(jinja2.Template.render)  # type: ignore[method-assign]

# A million rounds for each password cost a third of a second.
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _leave_permissions_away(*options: object, **more: object) -> None:
    """Emptying the tables after a transactional test must not fill Django's own again: no test needs their rows."""
    ContentType.objects.clear_cache()


flush.emit_post_migrate_signal = _leave_permissions_away  # type: ignore[attr-defined]

# No test uses a broker unless it starts one.
celery_app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.fixture(autouse=True)
def _real_clock(settings) -> None:
    """Use the machine's time, unless a test mounts the sandbox."""
    settings.SANDBOX_CLOCK = False
    seam_time.forget()
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    clock.forget()


@pytest.fixture
def now() -> Iterator[datetime]:
    """Stop time at the instant that the builders of test rows use."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


class ReceivedMails(Sequence[EmailMessage]):
    """What receivers got: asking is when the worker has sent whatever is due."""

    def _all(self) -> list[EmailMessage]:
        at = outbox_clock.now()
        for message_id in Message.objects.due(at).order_by("pk").values_list("pk", flat=True):
            deliver(message_id, at)
        return list(mail.outbox)

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())


@pytest.fixture
def mailoutbox(db) -> ReceivedMails:
    """In place of pytest-django's: mail goes by way of our outbox."""
    return ReceivedMails()


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
    client.force_login(owner)
    return client


@pytest.fixture
def colleague_client(colleague) -> Client:
    client = Client()
    client.force_login(colleague)
    return client


@pytest.fixture
def stranger_client(stranger) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


@pytest.fixture
def seam(transactional_db, settings, monkeypatch) -> Iterator[Driver]:
    """The sandbox in place of Seam, stopped at NOW; tasks run at once.

    The database is transactional, because tasks are enqueued on commit.
    """
    settings.SEAM_ENDPOINT, settings.SEAM_API_KEY = ENDPOINT, API_KEY
    settings.SANDBOX_CLOCK, settings.PUBLIC_URL = True, "http://testserver"
    app = create_app(api_key=API_KEY, clock=Clock(at=NOW, speed=0))
    monkeypatch.setattr(seam_connection, "seam_session", partial(new_session, SandboxAdapter(app)))
    celery_app.conf.update(task_always_eager=True, task_eager_propagates=True)
    clock.forget()
    yield Driver(app)
    celery_app.conf.update(task_always_eager=False)
    clock.forget()
    app.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the browser tests, the longest, so that two workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
