"""How the client asks for a listing, page by page, and what it makes of answers that are none."""

import json
from itertools import islice
from uuid import UUID

import pytest

from seam_integration.api.client import PAGE, SeamError
from seam_integration.tests.answers import Answers

DEVICES, UNMANAGED, CODES = "/devices/list", "/devices/unmanaged/list", "/access_codes/list"


@pytest.fixture
def answers() -> Answers:
    return Answers()


def page(key: str, *rows: object, then: str | None = None) -> str:
    return json.dumps({key: rows, "pagination": {"has_next_page": then is not None, "next_page_cursor": then}})


def names(pages) -> list[list[str]]:
    return [[listed.read()["name"] for listed in page.rows] for page in pages]


def test_next_page_uses_last_cursor(answers):
    answers.pages[DEVICES] = [page("devices", {"name": "a"}, then="1"), page("devices", {"name": "b"})]
    assert names(answers.client().list_device_pages("account", ())) == [["a"], ["b"]]
    first = {"connected_account_id": "account", "limit": PAGE}
    assert answers.asked == [(DEVICES, first), (DEVICES, first | {"page_cursor": "1"})]


@pytest.mark.parametrize(
    "pagination",
    [None, {}, {"has_next_page": False, "next_page_cursor": "0"}],
)
def test_last_page_is_one_that_leads_nowhere(answers, pagination):
    answers.pages[UNMANAGED] = [json.dumps({"devices": [{"name": "a"}], "pagination": pagination})]
    # A client that went on would never end.
    assert names(islice(answers.client().list_unmanaged_device_pages("account", ()), 2)) == [["a"]]


def test_list_that_breaks_off_is_none(answers):
    half = {"has_next_page": True, "next_page_cursor": None}
    answers.pages[UNMANAGED] = [json.dumps({"devices": [{"name": "a"}], "pagination": half})]
    with pytest.raises(SeamError, match="breaks off"):
        list(answers.client().list_unmanaged_device_pages("account", ()))


def test_codes_are_listed_from_all_pages(answers):
    one, two = ({"access_code_id": str(UUID(int=n)), "code": str(n)} for n in (1, 2))
    answers.pages[CODES] = [page("access_codes", one, {"code": "3"}, then="1"), page("access_codes", two)]
    assert [code["code"] for code in answers.client().list_codes("lock")] == ["1", "2"]


@pytest.mark.parametrize("text", ["<html>", "[]", '{"devices": 7}', b'{"devices": [{"a": "\xff"}]}'])
def test_answer_that_is_no_listing_could_not_be_read(answers, text):
    answers.pages[DEVICES] = [text]
    with pytest.raises(SeamError, match="could not be read"):
        list(answers.client().list_device_pages("account", ()))


@pytest.mark.parametrize("text", ["{}", '{"devices": null}', '{"access_codes": []}'])
def test_answer_without_listing_says_so(answers, text):
    answers.pages[DEVICES] = [text]
    with pytest.raises(SeamError, match="no devices"):
        list(answers.client().list_device_pages("account", ()))
