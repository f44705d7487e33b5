"""Fixtures: a sandbox on a stopped clock, and a client that calls it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from seam_sandbox import Clock, SeamSandbox, create_app
from seam_sandbox.tests.caller import API_KEY, Caller
from seam_sandbox.tests.contract import VARIABLE, Contract, Recorder, published

START = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(at=START, speed=0)


@pytest.fixture
def app(clock: Clock) -> Iterator[SeamSandbox]:
    app = create_app(api_key=API_KEY, clock=clock)
    app.wsgi_app = recorder = Recorder(app)
    yield app
    app.close()
    assert recorder.problems == []


@pytest.fixture
def seam(app: SeamSandbox) -> Caller:
    return Caller(app)


@pytest.fixture
def jane(seam: Caller) -> Caller:
    """A client whose sandbox has Jane's account linked."""
    seam.link("jane@example.com")
    return seam


@pytest.fixture
def contract() -> Contract:
    found = published()
    if found is None:
        reason = f"{VARIABLE} does not say where Seam's OpenAPI document is"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
