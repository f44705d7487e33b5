"""Fetch an address that a person gave, safely: connects to the very address it has checked, within fixed limits.

Plain `http.client` on a socket of our own: no proxy, no cookies, no netrc, no redirect that is not checked again.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any, cast
from urllib.parse import urljoin

from calendars.fetching.addresses import Address, BadAddress, IPAddress, is_public, parse_address
from calendars.reasons import Reason, Why, reason

MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
CHUNK = 65_536
LONGEST_VALIDATOR = 200


class Answer(Enum):
    """How a fetch ended."""

    BODY = "body"
    NOT_MODIFIED = "not modified"
    FAILED = "failed"


@dataclass(frozen=True)
class Fetched:
    """A body, or why there is none. The body is bytes of a stranger."""

    answer: Answer
    body: bytes = field(default=b"", repr=False)
    etag: str = ""
    last_modified: str = ""
    problem: Reason | None = None
    # The host said not to come before this.
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may cost, redirects included."""

    seconds: float = 20
    most_bytes: int = 1_000_000


def resolve(host: str, port: int) -> list[IPAddress]:
    """All addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A scope (fe80::1%eth0) has no place in an address of the open internet.
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


@dataclass(frozen=True)
class Network:
    """How hosts are found and trusted. Tests put local ones in its place."""

    resolve: Callable[[str, int], list[IPAddress]] = resolve
    is_public: Callable[[IPAddress], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


class _Failed(Exception):
    def __init__(self, why: Reason, retry_after: timedelta | None = None) -> None:
        super().__init__()
        self.reason = why
        self.retry_after = retry_after


def fetch(
    address: Address,
    user_agent: str,
    now: datetime,
    *,
    etag: str = "",
    last_modified: str = "",
    private_hosts: Collection[str] = (),
    limits: FetchLimits | None = None,
    network: Network | None = None,
) -> Fetched:
    """Fetch one address. Never raises for what the host does; the reason is the same whatever could not be reached."""
    limits = limits or FetchLimits()
    asked = {"User-Agent": user_agent, "Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip"}
    asked |= {"If-None-Match": etag} if etag else {}
    asked |= {"If-Modified-Since": last_modified} if last_modified else {}
    work = _Fetch(network or Network(), limits, set(private_hosts), monotonic() + limits.seconds, now)
    try:
        return work.follow(address, asked)
    except _Failed as failure:
        return Fetched(Answer.FAILED, problem=failure.reason, retry_after=failure.retry_after)
    except BadAddress:
        # A redirect to where no person could send us: said in the same words as a host that is away.
        return Fetched(Answer.FAILED, problem=reason(Why.CANNOT_REACH))
    except TimeoutError:
        return Fetched(Answer.FAILED, problem=reason(Why.TOO_SLOW, seconds=round(limits.seconds)))
    except (OSError, HTTPException, ValueError, zlib.error):
        return Fetched(Answer.FAILED, problem=reason(Why.BAD_ANSWER))


@dataclass
class _Fetch:
    network: Network
    limits: FetchLimits
    private_hosts: set[str]
    deadline: float
    now: datetime

    def follow(self, address: Address, headers: dict[str, str]) -> Fetched:
        for _ in range(MOST_REDIRECTS + 1):
            connection = self._connect(address)
            try:
                connection.putrequest("GET", address.target, skip_host=True, skip_accept_encoding=True)
                for name, value in {"Host": address.netloc, **headers, "Connection": "close"}.items():
                    connection.putheader(name, value)
                connection.endheaders()
                response = connection.getresponse()
                if response.status not in REDIRECTS:
                    return self._taken(response)
                address = parse_address(urljoin(address.whole, response.getheader("Location", "")), self.private_hosts)
            finally:
                connection.close()
        raise _Failed(reason(Why.TOO_MANY_REDIRECTS))

    # --- The connection -------------------------------------------------------------------------------------------

    def _connect(self, address: Address) -> HTTPConnection:
        """To one of the addresses that were checked, and to none that is resolved anew."""
        for checked in self._checked(address):
            try:
                plain = socket.create_connection((str(checked), address.port), timeout=self._remaining(5))
            except OSError:
                continue
            connection = HTTPConnection(address.host, address.port)
            connection.sock = cast(socket.socket, _TimedSocket(self._secured(plain, address), self.deadline))
            return connection
        raise _Failed(reason(Why.CANNOT_REACH))

    def _checked(self, address: Address) -> list[IPAddress]:
        try:
            found = self.network.resolve(address.host, address.port)
        except (OSError, UnicodeError, ValueError):
            raise _Failed(reason(Why.CANNOT_REACH)) from None
        # One private address among public ones is a trap: the host is refused as a whole.
        if address.host not in self.private_hosts and not all(map(self.network.is_public, found)):
            raise _Failed(reason(Why.CANNOT_REACH))
        return found

    def _secured(self, plain: socket.socket, address: Address) -> socket.socket:
        if address.scheme != "https":
            return plain
        try:
            plain.settimeout(self._remaining())
            # The certificate is asked of the name, though the connection goes to the number.
            return self.network.tls.wrap_socket(plain, server_hostname=address.host)
        except ssl.SSLCertVerificationError:
            plain.close()
            raise _Failed(reason(Why.BAD_CERTIFICATE)) from None
        except BaseException:
            plain.close()
            raise

    def _remaining(self, at_most: float = float("inf")) -> float:
        return remaining(self.deadline, at_most)

    # --- The answer -----------------------------------------------------------------------------------------------

    def _taken(self, response: HTTPResponse) -> Fetched:
        if response.status == 304:
            return Fetched(Answer.NOT_MODIFIED)
        if response.status != 200:
            raise _Failed(_refusal(response.status), retry_after(response.getheader("Retry-After", ""), self.now))
        return Fetched(
            Answer.BODY,
            self._body(response),
            _validator(response.getheader("ETag", "")),
            _validator(response.getheader("Last-Modified", "")),
        )

    def _body(self, response: HTTPResponse) -> bytes:
        """The body, unpacked. Counted on both sides of the packing, so that no bomb unfolds."""
        packing = response.getheader("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "", "gzip", "x-gzip"):
            raise _Failed(reason(Why.BAD_ANSWER))
        unpack = zlib.decompressobj(31) if "gzip" in packing else None
        parts, size, raw_size = [], 0, 0
        while raw := response.read1(CHUNK):
            raw_size += len(raw)
            # One byte more than allowed is enough to know.
            part = unpack.decompress(raw, self.limits.most_bytes + 1 - size) if unpack else raw
            size += len(part)
            parts.append(part)
            if max(size, raw_size) > self.limits.most_bytes:
                raise _Failed(reason(Why.TOO_LARGE, megabytes=self.limits.most_bytes // 1_000_000))
        if response.length or (unpack is not None and not unpack.eof):
            raise _Failed(reason(Why.CUT_SHORT))
        return b"".join(parts)


def remaining(deadline: float, at_most: float = float("inf")) -> float:
    """Seconds until a deadline. Raises TimeoutError when it has passed."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, at_most)


class _TimedSocket:
    """A socket for `http.client` with one deadline for all reads: a drip of single bytes ends, too."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(remaining(self._deadline))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def close(self) -> None:
        self._sock.close()


class _TimedReader(io.RawIOBase):
    """Reads through the socket's own file, which keeps the socket open as long as it is read."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(remaining(self._deadline))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


def _refusal(status: int) -> Reason:
    if status in (401, 403):
        return reason(Why.REFUSED, status=status)
    if status in (404, 410):
        return reason(Why.NOT_THERE, status=status)
    return reason(Why.BUSY_HOST if status in (429, 503) else Why.HOST_ERROR, status=status)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """How long a host asks to wait, in seconds or until a date; None when it does not say. A day at most."""
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 8:
        wait = timedelta(seconds=int(text))
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(wait, timedelta(days=1)) if wait > timedelta(0) else None


def _validator(value: str) -> str:
    """An ETag or a date as the host gave it; one too long or with odd letters is not sent back."""
    return value if len(value) <= LONGEST_VALIDATOR and value.isascii() and value.isprintable() else ""
