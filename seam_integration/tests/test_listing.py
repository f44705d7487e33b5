"""A listing reads as `json` reads it, whatever its spacing; a row's fingerprint follows its text and nothing else."""

import json

import pytest

from seam_integration.listing import read_listing

DEVICES = [{"device_id": "a", "name": "Tür ]},{", "properties": {"x": [1, {}]}}, {"device_id": "b", "errors": []}]
ANSWER = {"ok": True, "devices": DEVICES, "pagination": {"has_next_page": False, "next_page_cursor": None}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ANSWER),
        json.dumps(ANSWER, separators=(",", ":")),
        json.dumps(ANSWER, indent=2, ensure_ascii=False),
        f"\n {json.dumps(ANSWER, indent=1)} \n",
    ],
)
def test_a_listing_reads_as_json_does(text):
    rows, rest = read_listing(text, "devices")
    assert [listed.row for listed in rows] == DEVICES
    assert rest == {key: value for key, value in ANSWER.items() if key != "devices"}


def test_a_fingerprint_changes_with_its_row_alone():
    before, _ = read_listing(json.dumps(ANSWER), "devices")
    changed = ANSWER | {"devices": [DEVICES[0], DEVICES[1] | {"name": "B"}]}
    after, _ = read_listing(json.dumps(changed), "devices")
    assert before[0].fingerprint == after[0].fingerprint
    assert before[1].fingerprint != after[1].fingerprint


def test_an_empty_listing_is_one_and_a_missing_one_is_none():
    assert read_listing('{"devices": [ ]}', "devices") == ([], {})
    assert read_listing('{"devices": null, "ok": true}', "devices") == (None, {"devices": None, "ok": True})
    assert read_listing("{}", "devices") == (None, {})


@pytest.mark.parametrize("text", ["", "[]", "null", '{"devices": [', '{"devices": [{}', '{"devices": [7]}', "{]"])
def test_what_is_no_listing_is_refused(text):
    with pytest.raises(ValueError, match="JSON|object"):
        read_listing(text, "devices")
