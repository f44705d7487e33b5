"""Odd answers on demand: rows and pages as no document announces them, and lists that are old."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from seam_sandbox import Clock, SeamSandbox, create_app
from seam_sandbox.incoming import odd
from seam_sandbox.tests.caller import API_KEY, Caller

LIST = "/access_codes/list"


@pytest.fixture
def app(clock: Clock) -> Iterator[SeamSandbox]:
    """Without the comparison with Seam's contract: these answers break it on purpose."""
    app = create_app(api_key=API_KEY, clock=clock)
    yield app
    app.close()


def set_rule(seam: Caller, what: str, **rule: object) -> None:
    seam("/_sandbox/faults", rules=[{"path": "/*", "what": what, **rule}])


@pytest.fixture
def jane_with_code(jane: Caller) -> Caller:
    jane("/access_codes/create", device_id=jane.device_id(), name="Anna", code="482917")
    return jane


@pytest.mark.parametrize(
    ("what", "check"),
    [
        ("row_without_id", lambda row: "access_code_id" not in row),
        ("row_of_wrong_types", lambda row: row["name"] == ["Anna"] and row["errors"] == "x" and row["access_code_id"]),
        ("row_with_nul", lambda row: row["name"] == "Anna\0"),
        ("row_with_huge_numbers", lambda row: row["properties"]["max_active_codes_supported"] == odd.HUGE),
        ("row_is_null", lambda row: row is None),
    ],
)
@pytest.mark.parametrize("path", [LIST, "/access_codes/get"])
def test_row_is_odd(jane_with_code: Caller, what, check, path):
    given = {"device_id": jane_with_code.device_id()}
    if path != LIST:
        given = {"access_code_id": jane_with_code(LIST, **given)["access_codes"][0]["access_code_id"]}
    set_rule(jane_with_code, what)
    answer = jane_with_code(path, **given)
    assert check(answer["access_codes"][0] if path == LIST else answer["access_code"])


def test_old_failure_stands_beside_set(jane_with_code: Caller):
    jane_with_code.advance("PT1M")
    set_rule(jane_with_code, "old_failure")
    (row,) = jane_with_code(LIST, device_id=jane_with_code.device_id())["access_codes"]
    assert row["status"] == "set"
    assert row["errors"][-1]["error_code"] == "failed_to_set_on_device"


@pytest.mark.parametrize(("what", "key"), [("no_cursor", "has_next_page"), ("count_too_large", "total_count")])
def test_pages_are_odd(jane_with_code: Caller, what, key):
    given = {"device_id": jane_with_code.device_id()}
    set_rule(jane_with_code, what)
    assert jane_with_code(LIST, **given)["pagination"][key]


def test_event_of_a_list_is_from_the_future(jane_with_code: Caller):
    set_rule(jane_with_code, "future")
    first = jane_with_code("/events/list", since="2020-01-01")["events"][0]
    assert first["occurred_at"] > "2031"


def test_list_is_behind(jane: Caller):
    given = {"device_id": jane.device_id()}
    set_rule(jane, "behind", seconds=60)
    jane("/access_codes/create", device_id=given["device_id"], name="Anna", code="482917")
    assert jane(LIST, **given)["access_codes"] == []
    jane.advance("PT2M")
    assert [row["name"] for row in jane(LIST, **given)["access_codes"]] == ["Anna"]


def test_date_is_wrong(jane: Caller):
    set_rule(jane, "date", seconds=-172_800)
    wrong = parsedate_to_datetime(jane.post("/workspaces/get").headers["Date"])
    set_rule(jane, "date", seconds=0)
    right = parsedate_to_datetime(jane.post("/workspaces/get").headers["Date"])
    assert timedelta(days=1) < right - wrong < timedelta(days=3)


def test_codes_are_told_as_they_are(jane_with_code: Caller):
    set_rule(jane_with_code, "omit")
    (code,) = jane_with_code.send("GET", "/_sandbox/access_codes").json()["access_codes"]
    assert (code["name"], code["opens"]) == ("Anna", False)
    jane_with_code.advance("PT1M")
    (code,) = jane_with_code.send("GET", "/_sandbox/access_codes").json()["access_codes"]
    assert (code["is_on_lock"], code["opens"]) == (True, True)
