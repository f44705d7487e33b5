"""Random requests never break the sandbox; one jump equals many steps of time."""

import uuid
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seam_sandbox import Clock, create_app
from seam_sandbox.incoming.registry import ENDPOINTS
from seam_sandbox.tests.caller import API_KEY, Caller
from seam_sandbox.tests.conftest import START

REPEATABLE = {"derandomize": True, "deadline": None, "database": None}

PATHS = sorted(ENDPOINTS.keys() - {"/workspaces/reset_sandbox"})

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["*", "1234", "2030-01-05", "2030-01-09T10:00Z", "jane@example.com", "https://a.test"]),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


def start_busy() -> Caller:
    """Start a sandbox with Jane's locks and some codes."""
    seam = Caller(create_app(api_key=API_KEY, clock=Clock(at=START, speed=0)))
    seam.link("jane@example.com")
    seam.create_code(name="Anna", common_code_key="group")
    seam.create_code(starts_at="2030-01-02", ends_at="2030-01-05", use_backup_access_code_pool=True)
    seam.advance("PT1M")
    return seam


def ids_of(seam: Caller) -> list[str]:
    devices = seam("/devices/list")["devices"]
    found = [device["device_id"] for device in devices]
    for device_id in found[:]:
        codes = seam("/access_codes/list", device_id=device_id)["access_codes"]
        found += [code["access_code_id"] for code in codes]
    return [*found, str(uuid.UUID(int=1)), "nonsense"]


@settings(max_examples=40, **REPEATABLE)
@given(drawn=st.data())
def test_random_requests_never_cause_server_error(drawn: st.DataObject) -> None:
    busy = start_busy()
    for path in drawn.draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=8)):
        send_random(busy, path, drawn)


def send_random(busy: Caller, path: str, drawn: st.DataObject) -> None:
    known = ids_of(busy)
    params: dict[str, Any] = {}
    for name in ENDPOINTS[path].fields:
        if drawn.draw(st.booleans()):
            value = st.sampled_from(known) if name.endswith("_id") else odd
            params[name] = drawn.draw(st.lists(st.sampled_from(known), max_size=3) if name.endswith("_ids") else value)
    response = busy.post(path, **params)
    assert response.status_code in (200, 400, 404, 409, 429), response.text
    busy.advance("PT20S")


moves = st.lists(
    st.tuples(
        st.sampled_from(["wait", "create", "delete", "extend", "offline", "online", "lose", "link"]),
        st.integers(1, 200),
        st.integers(1, 200),
    ),
    min_size=3,
    max_size=12,
)


def play(script: list[tuple[str, int, int]], steps: int) -> list[tuple[str, str]]:
    """Act with this many steps of time in between; return the events and their times."""
    app = create_app(api_key=API_KEY, clock=Clock(at=START, speed=0))
    seam = Caller(app)
    seam.link("jane@example.com")
    device = {"device_id": seam.device_id()}
    account = {"connected_account_id": seam.device()["connected_account_id"]}
    for what, after, length in script:
        _do(seam, what, device, account, app.clock.now() + timedelta(hours=after), timedelta(hours=length))
        for _ in range(steps):
            app.advance(hours=after / steps)
    return [(event["event_type"], event["occurred_at"]) for event in seam.events(limit=5000)]


def _do(seam: Caller, what: str, device: dict, account: dict, start: Any, length: timedelta) -> None:
    codes = seam("/access_codes/list", **device)["access_codes"]
    times = {"starts_at": start.isoformat(), "ends_at": (start + length).isoformat()}
    if what == "create":
        seam("/access_codes/create", **device, **times)
    elif what == "delete" and codes:
        seam("/access_codes/delete", access_code_id=codes[0]["access_code_id"])
    elif what == "extend" and codes and codes[-1]["status"] != "removing":
        seam.post("/access_codes/update", access_code_id=codes[-1]["access_code_id"], **times)
    elif what in ("offline", "online"):
        seam.set_device(device["device_id"], online=what == "online")
    elif what == "lose":
        seam("/connected_accounts/simulate/disconnect", **account)
    elif what == "link":
        seam.link("jane@example.com")


@settings(max_examples=25, **REPEATABLE)
@given(script=moves, steps=st.integers(2, 5))
def test_one_jump_equals_many_steps(script: list[tuple[str, int, int]], steps: int) -> None:
    at_once = play(script, 1)
    assert play(script, steps) == at_once
    times = [at for _, at in at_once]
    assert times == sorted(times)
