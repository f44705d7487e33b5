"""What the client makes of refusals and of answers that are none: one kind of error that says what to do next."""

import pytest
import requests

from seam_integration.api.client import SeamError
from seam_integration.tests.answers import Answers

GET, CODE = "/devices/get", "/access_codes/get"


@pytest.fixture
def answers() -> Answers:
    return Answers()


def refused(answers: Answers, status: int, text: str, **headers: str) -> SeamError:
    answers.pages[GET], answers.statuses[GET], answers.headers = [text], status, headers
    with pytest.raises(SeamError) as refusal:
        answers.client().get_device("x")
    return refusal.value


@pytest.mark.parametrize(
    ("status", "is_retryable", "is_unanswered", "is_missing"),
    [
        (400, False, False, False),
        (401, True, False, False),
        (404, False, False, True),
        (408, True, False, False),
        (409, False, False, False),
        (429, True, False, False),
        (499, False, False, False),
        (500, True, True, False),
        (503, True, True, False),
    ],
)
def test_status_says_what_to_do(answers, status, is_retryable, is_unanswered, is_missing):
    error = refused(answers, status, '{"error": {"type": "odd", "message": "No."}}')
    assert (error.status, error.code, error.message) == (status, "odd", "No.")
    assert (error.is_retryable, error.is_unanswered, error.is_missing) == (is_retryable, is_unanswered, is_missing)


@pytest.mark.parametrize("text", ["<html>", "[]", "null", '{"error": "No."}', '{"error": {}}'])
def test_refusal_without_words_names_status(answers, text):
    assert refused(answers, 502, text).message == "Seam answered 502 without an explanation"


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)]
)
def test_pause_is_read_from_header(answers, header, seconds):
    assert refused(answers, 429, "{}", **{"Retry-After": header}).retry_after == seconds


def test_error_names_request_for_support(answers):
    error = refused(answers, 400, '{"error": {"type": "t", "message": "No."}}', **{"seam-request-id": "r1"})
    assert str(error) == "400 t: No. (Seam request r1)"
    assert str(SeamError("Away")) == "no answer : Away"


def test_long_refusal_is_cut(answers):
    assert refused(answers, 400, '{"error": {"message": "%s"}}' % ("x" * 900)).message == "x" * 400


@pytest.mark.parametrize("text", ["<html>", "[]", "7"])
def test_unreadable_answer_may_have_been_done(answers, text):
    error = refused(answers, 200, text, **{"seam-request-id": "r1"})
    assert (error.status, error.is_unanswered, error.request_id) == (0, True, "r1")


@pytest.mark.parametrize("text", ["{}", '{"device": null}', '{"device": []}', '{"device": {}}'])
def test_answer_without_its_object_says_so(answers, text):
    assert refused(answers, 200, text).message.startswith("Seam's answer has no device")


@pytest.mark.parametrize(("kind", "when"), [(requests.ConnectTimeout, " in time"), (requests.ConnectionError, "")])
def test_no_answer_keeps_kind_of_error_alone(answers, monkeypatch, kind, when):
    def fail(*arguments, **options):
        raise kind("https://secret.example")

    monkeypatch.setattr(answers, "send", fail)
    with pytest.raises(SeamError) as failure:
        answers.client().get_device("x")
    assert str(failure.value) == f"no answer : No answer from Seam{when} ({kind.__name__})"
    assert failure.value.__cause__ is None


def test_only_missing_code_is_none(answers):
    assert answers.client().find_code("x") is None
    answers.pages[CODE], answers.statuses[CODE] = ["{}"], 500
    with pytest.raises(SeamError, match="500"):
        answers.client().find_code("x")


def test_refused_listing_is_no_empty_list(answers):
    answers.pages["/access_codes/list"], answers.statuses["/access_codes/list"] = ["{}"], 503
    with pytest.raises(SeamError, match="503"):
        answers.client().list_codes("x")
