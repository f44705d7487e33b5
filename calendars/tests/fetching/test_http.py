"""Fetching from real sockets: what a bad host may try, and what comes back for each."""

import gzip
import ipaddress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calendars.fetching.addresses import parse_address
from calendars.fetching.http import Answer, FetchLimits, Network, fetch, resolve, retry_after
from calendars.reasons import Why
from calendars.tests.fetching.hosts import LOOPBACK, certificate, drips, host, says

NOW = datetime(2031, 3, 4, 15, tzinfo=UTC)
BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
# The made-up host stands for one of the open internet; it leads to a local socket.
LOCAL = Network(resolve=lambda name, port: [LOOPBACK], is_public=lambda number: True)
NAME = "feeds.example"


def get(one, path="/a.ics?t=secret", name=NAME, network=LOCAL, limits=None, **options):
    """As if the operator allowed plain HTTP at this name, for which no check of numbers is skipped by LOCAL."""
    address = parse_address(f"http://{name}:{one.port}{path}", {name})
    return fetch(address, "Latchkey", NOW, private_hosts={name}, network=network, limits=limits, **options)


def raw(whole):
    return lambda connection, request: connection.sendall(whole)


def why(fetched):
    return fetched.problem and fetched.problem.why


def test_body_comes_with_its_validators():
    with host(says(BODY, ETag='"1"', Last_Modified="Tue, 04 Mar 2031 00:00:00 GMT")) as one:
        fetched = get(one, etag='"0"')
    assert (fetched.answer, fetched.body, fetched.etag) == (Answer.BODY, BODY, '"1"')
    (asked,) = one.asked
    assert asked.startswith("GET /a.ics?t=secret HTTP/1.1\r\n")
    assert f"Host: {NAME}:{one.port}" in asked
    assert 'If-None-Match: "0"' in asked
    assert "User-Agent: Latchkey" in asked


def test_not_modified():
    with host(says(status="304 Not Modified")) as one:
        assert get(one).answer is Answer.NOT_MODIFIED


@pytest.mark.parametrize(
    ("script", "body"),
    [
        (says(gzip.compress(BODY), Content_Encoding="gzip"), BODY),
        (raw(HEAD + b"\r\n" + BODY), BODY),
        (
            lambda connection, _: connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nBEG\r\n0\r\n\r\n"),
            b"BEG",
        ),
    ],
)
def test_body_in_other_forms(script, body):
    with host(script) as one:
        assert get(one).body == body


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("401 Unauthorized", Why.REFUSED),
        ("403 Forbidden", Why.REFUSED),
        ("404 Not Found", Why.NOT_THERE),
        ("410 Gone", Why.NOT_THERE),
        ("429 Too Many Requests", Why.BUSY_HOST),
        ("500 Oops", Why.HOST_ERROR),
        ("204 No Content", Why.HOST_ERROR),
    ],
)
def test_refusal_is_no_news(status, problem):
    with host(says(b"", status, Retry_After="120")) as one:
        fetched = get(one)
    assert why(fetched) is problem
    assert fetched.retry_after == timedelta(seconds=120)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (says(gzip.compress(b"0" * 5_000_000), Content_Encoding="gzip"), Why.TOO_LARGE),
        (says(b"0" * 2_000_000), Why.TOO_LARGE),
        (says(gzip.compress(BODY)[:-9], Content_Encoding="gzip"), Why.CUT_SHORT),
        (says(b"not packed", Content_Encoding="gzip"), Why.BAD_ANSWER),
        (says(BODY, Content_Encoding="br"), Why.BAD_ANSWER),
        (raw(HEAD + b"Content-Length: 99\r\n\r\n" + BODY), Why.CUT_SHORT),
        (
            lambda connection, _: connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nBEG"),
            Why.BAD_ANSWER,
        ),
        (raw(b"SSH-2.0-OpenSSH\r\n"), Why.BAD_ANSWER),
        (raw(HEAD + b"A: b\r\n" * 500), Why.BAD_ANSWER),
        (lambda connection, _: None, Why.BAD_ANSWER),
    ],
)
def test_bad_body(script, problem):
    with host(script) as one:
        assert why(get(one)) is problem


@pytest.mark.parametrize("whole", [HEAD + b"\r\n" + BODY * 9, HEAD + b"X: y\r\n" * 90])
def test_drip_ends_at_deadline(whole):
    with host(drips(whole)) as one:
        assert why(get(one, limits=FetchLimits(seconds=0.3))) is Why.TOO_SLOW


def redirect(to):
    return says(b"", "302 Found", Location=to)


def test_redirect_is_followed():
    with host(says(BODY)) as last, host(redirect(f"http://{NAME}:{last.port}/b.ics")) as first:
        assert get(first).body == BODY


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "https://other.example:8443/",
        "//[",
        "",
    ],
)
def test_redirect_elsewhere_is_refused(location):
    with host(redirect(location)) as one:
        assert why(get(one)) in (Why.CANNOT_REACH, Why.TOO_MANY_REDIRECTS, Why.BAD_ANSWER)


def test_redirect_to_private_name_is_refused():
    numbers = {NAME: LOOPBACK, "inside.example": ipaddress.ip_address("10.0.0.1")}
    network = Network(lambda name, port: [numbers[name]], lambda number: number == LOOPBACK)
    with host(redirect("https://inside.example/")) as one:
        assert why(get(one, network=network)) is Why.CANNOT_REACH


def test_redirects_in_circle_end():
    with host(redirect("/again")) as one:
        assert why(get(one)) is Why.TOO_MANY_REDIRECTS
    assert len(one.asked) == 4


@pytest.mark.parametrize("numbers", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:127.0.0.1"]])
def test_name_of_private_number_is_refused(numbers):
    network = Network(resolve=lambda name, port: [ipaddress.ip_address(number) for number in numbers])
    assert why(fetch(parse_address("https://trap.example/"), "L", NOW, network=network)) is Why.CANNOT_REACH


def test_name_is_resolved_once():
    """A name that leads to a public number first and to a private one then (rebinding) has no second chance."""
    asked = []

    def rebind(name, port):
        asked.append(name)
        return [LOOPBACK] if len(asked) == 1 else [ipaddress.ip_address("10.0.0.1")]

    with host(says(BODY)) as one:
        assert get(one, network=Network(rebind, lambda number: number == LOOPBACK)).body == BODY
    assert asked == [NAME]


def test_next_number_is_tried_when_one_is_away():
    network = Network(lambda name, port: [ipaddress.ip_address("127.0.0.9"), LOOPBACK], lambda number: True)
    with host(says(BODY)) as one:
        assert get(one, network=network).body == BODY


def test_away_sounds_like_private():
    with host(says()) as one:
        pass
    assert why(get(one)) is Why.CANNOT_REACH
    network = Network(resolve=lambda name, port: [ipaddress.ip_address("10.0.0.1")])
    assert why(fetch(parse_address("https://trap.example/"), "L", NOW, network=network)) is Why.CANNOT_REACH


def over_tls(one, name, network, limits=None):
    address = replace(parse_address(f"https://{name}/"), port=one.port)
    return fetch(address, "Latchkey", NOW, network=network, limits=limits)


def test_certificate_is_asked_of_name(tmp_path):
    server, client = certificate(tmp_path, NAME)
    network = replace(LOCAL, tls=client)
    with host(says(BODY), server) as one:
        assert over_tls(one, NAME, network).body == BODY
        assert why(over_tls(one, "other.example", network)) is Why.BAD_CERTIFICATE
        assert why(over_tls(one, NAME, LOCAL)) is Why.BAD_CERTIFICATE


def test_handshake_without_end_ends_at_deadline():
    with host(says(BODY)) as one:
        assert why(over_tls(one, NAME, LOCAL, FetchLimits(seconds=0.3))) is Why.TOO_SLOW


def test_real_resolver_knows_this_machine():
    assert LOOPBACK in resolve("localhost", 443)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Tue, 04 Mar 2031 15:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 04 Mar 2031 14:00:00 GMT", None),
        ("999999", timedelta(days=1)),
        ("99999999999999", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(value, wait):
    assert retry_after(value, NOW) == wait
