"""Which addresses may be fetched, and the sentence for those that may not."""

import ipaddress

import pytest

from calendars.fetching.addresses import BadAddress, common_mistake, is_public, parse_address
from calendars.reasons import Why


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        (" https://www.airbnb.com/calendar/ical/1.ics?t=abc ", "https://www.airbnb.com/calendar/ical/1.ics?t=abc"),
        ("webcal://example.org/a.ics", "https://example.org/a.ics"),
        ("WEBCALS://Example.ORG./a.ics", "https://example.org/a.ics"),
        ("https://example.org:443", "https://example.org/"),
        ("https://ferien-müller.example/a.ics#x", "https://xn--ferien-mller-klb.example/a.ics"),
    ],
)
def test_address_is_taken(given, whole):
    assert parse_address(given).whole == whole


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", Why.BAD_ADDRESS),
        ("airbnb.com/calendar", Why.BAD_ADDRESS),
        ("ftp://example.org/a.ics", Why.BAD_ADDRESS),
        ("file:///etc/passwd", Why.BAD_ADDRESS),
        ("https://", Why.BAD_ADDRESS),
        ("https://exa mple.org/", Why.BAD_ADDRESS),
        ("https://example.org/a\r\nX: y", Why.BAD_ADDRESS),
        ("https://example.org/" + "a" * 2000, Why.BAD_ADDRESS),
        ("https://[::1/", Why.BAD_ADDRESS),
        ("https://example.org:99999/", Why.BAD_ADDRESS),
        ("https://-example..org/", Why.BAD_ADDRESS),
        ("http://example.org/a.ics", Why.NOT_HTTPS),
        ("https://me:secret@example.org/", Why.WITH_PASSWORD),
        ("https://example.org@127.0.0.1/", Why.WITH_PASSWORD),
        ("https://example.org:8443/", Why.OTHER_PORT),
        ("https://127.0.0.1/", Why.NUMBER_AS_HOST),
        ("https://127.1/", Why.NUMBER_AS_HOST),
        ("https://2130706433/", Why.NUMBER_AS_HOST),
        ("https://0x7f000001/", Why.NUMBER_AS_HOST),
        ("https://0177.0.0.1/", Why.NUMBER_AS_HOST),
        ("https://[::1]/", Why.NUMBER_AS_HOST),
        ("https://[::ffff:127.0.0.1]/", Why.NUMBER_AS_HOST),
        ("https://１２７.0.0.1/", Why.NUMBER_AS_HOST),
    ],
)
def test_address_is_refused(given, why):
    with pytest.raises(BadAddress) as refused:
        parse_address(given)
    assert refused.value.reason.why is why


def test_operator_may_name_private_hosts():
    address = parse_address("http://127.0.0.1:8010/feeds/1.ics", {"127.0.0.1"})
    assert address.whole == "http://127.0.0.1:8010/feeds/1.ics"


def test_address_shows_only_its_host():
    address = parse_address("https://example.org/secret.ics?s=token")
    assert f"{address} {address!r}" == "example.org/… Address(example.org/…)"


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - one of the numbers that lead to this machine
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
    ],
)
def test_number_is_private(number):
    assert not is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_number_is_public(number):
    assert is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("https://calendar.google.com/calendar/u/0/r", Why.GOOGLE_PAGE),
        ("https://calendar.google.com/calendar/u/0?cid=abc", Why.GOOGLE_PAGE),
        ("https://calendar.google.com/calendar/embed?src=abc", Why.GOOGLE_PAGE),
        ("https://calendar.google.com/calendar/ical/abc/private-x/basic.ics", None),
        ("https://app.guestyforhosts.com/calendar/1.ics", Why.GUESTY_FOR_HOSTS),
        ("https://www.airbnb.fr/rooms/123", Why.LISTING_PAGE),
        ("https://www.airbnb.fr/calendar/ical/123.ics?t=x", None),
        ("https://www.booking.com/hotel/at/x.html", Why.LISTING_PAGE),
        ("https://[broken", None),
    ],
)
def test_common_mistake(given, why):
    found = common_mistake(given)
    assert (found and found.why) is why
