"""A listing reads as `json` reads it, whatever its spacing; a row's fingerprint follows its text and nothing else."""

import json

import pytest

from seam_integration.api.listing import Page, Pagination, read_listing

DEVICES = [{"device_id": "a", "name": "Tür ]},{", "properties": {"x": [1, {}]}}, {"device_id": "b", "errors": []}]
ANSWER = {"ok": True, "devices": DEVICES, "pagination": {"has_next_page": True, "next_page_cursor": "c", "url": "u"}}


def rows(text: str) -> list[dict[str, object]]:
    page, _ = read_listing(text, "devices")
    return [listed.read() for listed in page.rows]


def fingerprints(answer: dict[str, object]) -> list[str]:
    page, _ = read_listing(json.dumps(answer), "devices")
    return [listed.fingerprint for listed in page.rows]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ANSWER),
        json.dumps(ANSWER, separators=(",", ":")),
        json.dumps(ANSWER, indent=2, ensure_ascii=False),
        f"\n {json.dumps(ANSWER, indent=1)} \r\n\t",
    ],
)
def test_listing_reads_as_json_does(text):
    page, pagination = read_listing(text, "devices")
    assert [listed.read() for listed in page.rows] == DEVICES
    assert page.unchanged == []
    assert (pagination.has_next_page, pagination.next_page_cursor) == (True, "c")


def test_fingerprint_changes_with_its_row_alone():
    before = fingerprints(ANSWER)
    after = fingerprints(ANSWER | {"ok": False, "devices": [DEVICES[0], DEVICES[1] | {"name": "B"}]})
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_known_row_is_named_by_fingerprint():
    first, second = fingerprints(ANSWER)
    page, _ = read_listing(json.dumps(ANSWER), "devices", {first})
    assert page.unchanged == [first]
    assert [(listed.read(), listed.fingerprint) for listed in page.rows] == [(DEVICES[1], second)]


def test_rows_that_are_no_objects_are_counted_and_left_out():
    page, _ = read_listing('{"devices": [7, {"a": "x\\u0000y"}, null, "x"]}', "devices")
    assert [listed.read() for listed in page.rows] == [{"a": "xy"}]
    assert len(page.unreadable) == 3


def test_row_that_comes_twice_is_named_twice():
    text = json.dumps({"devices": [DEVICES[1], DEVICES[1]]})
    assert rows(text) == [DEVICES[1], DEVICES[1]]
    page, _ = read_listing(text, "devices", set(fingerprints({"devices": [DEVICES[1]]})))
    assert (len(page.rows), len(page.unchanged)) == (0, 2)


def test_empty_listing_is_one_and_missing_one_is_none():
    assert read_listing('{"devices": [ ]}', "devices") == (Page([], []), Pagination())
    assert read_listing('{"devices": null, "ok": true}', "devices") == (None, Pagination())
    assert read_listing('{"access_codes": []}', "devices") == (None, Pagination())


@pytest.mark.parametrize("pagination", ["null", "{}", '{"has_next_page": null, "next_page_cursor": null}'])
def test_without_pagination_there_is_no_further_page(pagination):
    _, found = read_listing(f'{{"devices": [], "pagination": {pagination}}}', "devices")
    assert not found.has_next_page
    assert not found.next_page_cursor


def test_half_character_is_read_as_question_mark():
    assert rows('{"devices": [{"name": "Emoji cut \\ud83d"}, {"name": "\\ud83d\\ude00 é"}]}') == [
        {"name": "Emoji cut ?"},
        {"name": "😀 é"},
    ]


def test_number_too_large_is_unknown():
    assert rows('{"devices": [{"a": 1e999, "b": 123456789012345678901234567890}]}') == [
        {"a": None, "b": 123456789012345678901234567890}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "<html>",
        "{]",
        '{"devices": [',
        '{"devices": [{}',
        '{"devices": [{"a": 1,}]}',
        '{"devices": [{}]} {}',
        '{"devices": {}}',
        '{"devices": [], "pagination": []}',
        '\ufeff{"devices": []}',
    ],
)
def test_what_is_no_listing_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - each in the words of its own parser
        read_listing(text, "devices")
