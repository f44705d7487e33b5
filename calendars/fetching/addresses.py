"""Addresses that people give: which may be fetched, what people often paste by mistake, and how they are shown."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from calendars.reasons import Reason, Why, reason

LONGEST = 2000
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# IPv4 addresses hidden in IPv6 ones: translated by a gateway, or carried to a relay.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
NOT_PRINTABLE = re.compile(r"[\s\x00-\x20\x7f<>\"\\^`{|}]")
# What a resolver takes for a number: 127.1, 0x7f000001, 2130706433.
LIKE_A_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)


class BadAddress(Exception):
    """Says in a sentence why an address is not fetched."""

    def __init__(self, why: Reason) -> None:
        super().__init__(str(why))
        self.reason = why


@dataclass(frozen=True)
class Address:
    """An address that may be fetched, taken apart. Its path and query are a secret."""

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        """For logs and pages: nothing but the host."""
        return f"{self.host}/…"

    def __repr__(self) -> str:
        return f"Address({self})"

    @property
    def whole(self) -> str:
        """The secret itself."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


DEFAULT_PORTS = {"https": 443, "http": 80}


def parse_address(text: str, private_hosts: Collection[str] = ()) -> Address:
    """An address as a person pasted it, or a redirect gave it. Raises BadAddress.

    `private_hosts` are the operator's exceptions: they may be numbers, speak plain HTTP and use any port.
    """
    parts = _split(text)
    host = _ascii_host(parts.hostname or "")
    try:
        port = parts.port
    except ValueError:
        raise BadAddress(reason(Why.BAD_ADDRESS)) from None
    if parts.username is not None or parts.password is not None:
        raise BadAddress(reason(Why.WITH_PASSWORD))
    if host not in private_hosts:
        if parts.scheme != "https":
            raise BadAddress(reason(Why.NOT_HTTPS))
        if ":" in host or LIKE_A_NUMBER.fullmatch(host):
            raise BadAddress(reason(Why.NUMBER_AS_HOST))
        if port not in (None, 443):
            raise BadAddress(reason(Why.OTHER_PORT))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], target)


def _split(text: str) -> SplitResult:
    text = text.strip()
    if text.lower().startswith(("webcal://", "webcals://")):
        text = "https://" + text.split("://", 1)[1]
    try:
        parts = urlsplit(text)
        is_address = bool(parts.hostname) and parts.scheme in DEFAULT_PORTS
    except ValueError:
        is_address = False
    if not is_address or len(text) > LONGEST or NOT_PRINTABLE.search(text):
        raise BadAddress(reason(Why.BAD_ADDRESS))
    return parts


def _ascii_host(host: str) -> str:
    """As resolvers know it: lower case, ASCII."""
    if ":" in host:
        return host.lower()
    try:
        ascii_host = host.encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        raise BadAddress(reason(Why.BAD_ADDRESS)) from None
    if len(ascii_host) > 253 or not all(LABEL.fullmatch(label) for label in ascii_host.split(".")):
        raise BadAddress(reason(Why.BAD_ADDRESS))
    return ascii_host


def common_mistake(text: str) -> Reason | None:
    """What people paste instead of a calendar's address, with where to find the right one."""
    try:
        parts = urlsplit(text.strip())
        host, query = (parts.hostname or "").lower(), parse_qs(parts.query)
    except ValueError:
        return None
    if host == "calendar.google.com" and not parts.path.startswith("/calendar/ical/"):
        return reason(Why.GOOGLE_PAGE)
    if host.endswith("google.com") and "cid" in query:
        return reason(Why.GOOGLE_PAGE)
    if host == "guestyforhosts.com" or host.endswith(".guestyforhosts.com"):
        return reason(Why.GUESTY_FOR_HOSTS)
    is_listing = "airbnb." in host and parts.path.startswith(("/rooms/", "/h/", "/hosting", "/multicalendar"))
    if is_listing or (host.endswith("booking.com") and parts.path.startswith("/hotel/")):
        return reason(Why.LISTING_PAGE)
    return None


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the open internet, also when it hides another one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if hidden is not None and not is_public(hidden):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
