"""SeamClient: one method per endpoint used, one kind of error that knows whether trying again makes sense."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Container, Iterator
from datetime import UTC, datetime
from typing import Any

import requests

from seam_integration.api.http import authorization
from seam_integration.api.listing import Page, Pagination, read_listing
from seam_integration.api.payloads import Unread, entries, finite, has_id, is_code, issues, unread, without_nul

Json = dict[str, Any]
OnDate = Callable[[str | None], None]

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
# Seam's own SDK waits 30 s.
READ_TIMEOUT = 30.0
PAGE = 500


class SeamError(Exception):
    """Seam did not do as asked. `status` 0: no (whole) answer came, so the work may or may not be done.

    `code` is Seam's `error.type` (an open set), `message` Seam's words, `retry_after` seconds if Seam named them.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after

    @property
    def is_retryable(self) -> bool:
        """No answer, too fast, or trouble at their side; 401 too, since a key can be put right."""
        return self.status in (0, 401, 408, 429) or self.status >= 500

    @property
    def is_unanswered(self) -> bool:
        """The work may have been done: check before doing it again."""
        return self.status == 0 or self.status >= 500

    @property
    def is_missing(self) -> bool:
        return self.status == 404

    def __str__(self) -> str:
        seen = f" (Seam request {self.request_id})" if self.request_id else ""
        return f"{self.status or 'no answer'} {self.code}: {self.message}{seen}"


class SeamTooSlow(SeamError):
    """No answer in time; it may still come."""


class UnreadableCode(SeamError):
    """Seam holds something under this id, and what it says of it cannot be read."""


def seam_time(moment: datetime | None) -> str | None:
    """How times are sent: UTC with a Z, which every server parses."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


class SeamClient:
    """Seam's HTTP API, as far as Latchkey uses it. POST and JSON everywhere: accepted by every endpoint."""

    def __init__(
        self,
        endpoint: str,
        key: str,
        session: requests.Session,
        *,
        within: float | None = None,
        on_date: OnDate | None = None,
    ) -> None:
        """`session` must not retry by itself: see `new_session`. `within`: seconds for all of its calls together.

        `on_date` is told the `Date` of each answer.
        """
        self._on_date = on_date
        self._unread: list[Unread] = []
        self._endpoint = endpoint
        self._until = None if within is None else time.monotonic() + within
        self._headers = authorization(key)
        self._session = session

    def take_unread(self) -> list[Unread]:
        """What could not be read since this was last asked: rows that were set aside."""
        found, self._unread = self._unread, []
        return found

    def set_aside(self, path: str, row: Any) -> None:
        """Keep what cannot be read, without its secrets."""
        logger.warning("%s: a row could not be read and was set aside", path)
        self._unread.append(unread(path, row))

    # --- Connect Webviews and accounts ------------------------------------------------------------------------------

    def create_connect_webview(self, **parameters: Any) -> Json:
        return self._one("/connect_webviews/create", "connect_webview", parameters)

    def get_connect_webview(self, webview_id: str) -> Json:
        return self._one("/connect_webviews/get", "connect_webview", {"connect_webview_id": webview_id})

    def get_account(self, account_id: str) -> Json:
        return self._one("/connected_accounts/get", "connected_account", {"connected_account_id": account_id})

    def list_accounts(self) -> Iterator[Json]:
        return self._pages("/connected_accounts/list", "connected_accounts", {})

    def sync_account(self, account_id: str) -> None:
        self.post("/connected_accounts/sync", {"connected_account_id": account_id})

    def delete_account(self, account_id: str) -> None:
        self.post("/connected_accounts/delete", {"connected_account_id": account_id})

    # --- Devices ----------------------------------------------------------------------------------------------------

    def list_device_pages(self, account_id: str, known: Container[str]) -> Iterator[Page]:
        """Managed devices of an account, a page at a time (a fleet does not fit in memory).

        Those whose fingerprint is `known` are named by it alone.
        """
        return self._page_lists("/devices/list", "devices", {"connected_account_id": account_id}, known)

    def list_unmanaged_device_pages(self, account_id: str, known: Container[str]) -> Iterator[Page]:
        return self._page_lists("/devices/unmanaged/list", "devices", {"connected_account_id": account_id}, known)

    def find_device(self, device_id: str) -> Json | None:
        """None when Seam, asked for this very device, does not know it."""
        return self._find("/devices/get", "device", {"device_id": device_id})

    def get_device(self, device_id: str) -> Json:
        return self._one("/devices/get", "device", {"device_id": device_id})

    def lock_door(self, device_id: str) -> Json:
        return self._object("/locks/lock_door", "action_attempt", {"device_id": device_id})

    def unlock_door(self, device_id: str) -> Json:
        return self._object("/locks/unlock_door", "action_attempt", {"device_id": device_id})

    def get_action_attempt(self, attempt_id: str) -> Json:
        return self._object("/action_attempts/get", "action_attempt", {"action_attempt_id": attempt_id})

    # --- Access codes -----------------------------------------------------------------------------------------------

    def find_code(self, code_id: str) -> Json | None:
        """None when Seam, asked for this very code, does not know it. Raises UnreadableCode when it does not tell."""
        path = "/access_codes/get"
        code = self._find(path, "access_code", {"access_code_id": code_id})
        if code is not None and not is_code(code):
            self.set_aside(path, code)
            raise UnreadableCode("Seam's answer about a code could not be read", status=200)
        return None if code is None else _with_lists(code)

    def list_codes(self, device_id: str) -> list[Json]:
        return self._codes("/access_codes/list", device_id)

    def list_unmanaged_codes(self, device_id: str) -> list[Json]:
        return self._codes("/access_codes/unmanaged/list", device_id)

    def _codes(self, path: str, device_id: str) -> list[Json]:
        rows = list(self._pages(path, "access_codes", {"device_id": device_id}))
        for row in rows:
            if not is_code(row):
                self.set_aside(path, row)
        return [_with_lists(row) for row in rows if is_code(row)]

    def create_code(self, device_id: str, name: str, pin: str, window: tuple[datetime, datetime] | None) -> Json:
        """Never repeated blindly: see `new_session`. Both times or none, as Seam asks."""
        body: Json = {"device_id": device_id, "name": name, "code": pin}
        if window:
            body |= {"starts_at": seam_time(window[0]), "ends_at": seam_time(window[1])}
        path = "/access_codes/create"
        code = self._object(path, "access_code", body)
        if not is_code(code):
            self.set_aside(path, code)
            raise UnreadableCode("Seam's answer about a new code could not be read")
        return _with_lists(code)

    def update_code(self, code_id: str, window: tuple[datetime, datetime] | None, pin: str = "") -> None:
        """Absolute values, both times: safe to send twice. A PIN is sent only to put back a changed one."""
        body: Json = {"access_code_id": code_id}
        if window:
            body |= {"type": "time_bound", "starts_at": seam_time(window[0]), "ends_at": seam_time(window[1])}
        else:
            body |= {"type": "ongoing"}
        if pin:
            body |= {"code": pin}
        self.post("/access_codes/update", body)

    def delete_code(self, code_id: str) -> None:
        self.post("/access_codes/delete", {"access_code_id": code_id})

    # --- Events and webhooks ----------------------------------------------------------------------------------------

    def list_events(self, since: datetime, until: datetime, limit: int = PAGE) -> list[Json]:
        body = {"between": [seam_time(since), seam_time(until)], "limit": limit}
        path = "/events/list"
        rows = self.post(path, body).get("events")
        if not isinstance(rows, list):
            raise SeamError("Seam's answer has no events", status=200)
        for row in rows:
            if not isinstance(row, dict):
                self.set_aside(path, row)
        return entries(rows)

    def create_webhook(self, url: str) -> Json:
        return self._one("/webhooks/create", "webhook", {"url": url})

    def list_webhooks(self) -> list[Json]:
        return [row for row in entries(self.post("/webhooks/list", {}).get("webhooks")) if has_id(row, "webhook_id")]

    def delete_webhook(self, webhook_id: str) -> None:
        self.post("/webhooks/delete", {"webhook_id": webhook_id})

    def get_workspace(self) -> Json:
        return self._one("/workspaces/get", "workspace", {})

    # --- How it is sent ---------------------------------------------------------------------------------------------

    def post(self, path: str, body: Json) -> Json:
        """The answer's body. Raises SeamError, and nothing else, whatever goes wrong on the way."""
        return self._read(self._send(path, body))

    def _send(self, path: str, body: Json) -> requests.Response:
        try:
            answer = self._session.post(
                self._endpoint + path,
                json=body,
                headers=self._headers,
                timeout=self._timeouts(),
                # A redirect to another host would carry the key along.
                allow_redirects=False,
            )
        except requests.Timeout as error:
            raise SeamTooSlow(f"No answer from Seam in time ({type(error).__name__})") from None
        except requests.RequestException as error:
            # Its text may hold the address, never the body; still only its kind is kept.
            raise SeamError(f"No answer from Seam ({type(error).__name__})") from None
        if self._on_date is not None and "Age" not in answer.headers:
            # An answer with an age comes from a cache, and its date with it.
            self._on_date(answer.headers.get("Date"))
        return answer

    def _timeouts(self) -> tuple[float, float]:
        """For connecting and for reading, in seconds. Raises SeamTooSlow when the time of all calls is over."""
        if self._until is None:
            return CONNECT_TIMEOUT, READ_TIMEOUT
        left = self._until - time.monotonic()
        if left <= 0:
            raise SeamTooSlow("No answer from Seam in time")
        return left / 2, left / 2

    def _read(self, answer: requests.Response) -> Json:
        try:
            body = json.loads(answer.content, parse_float=finite, parse_constant=lambda name: None)
        except ValueError:
            body = None
        if answer.status_code == 200 and isinstance(body, dict):
            cleaned: Json = without_nul(body) if "\\u0000" in answer.text else body
            return cleaned
        if answer.status_code == 200:
            raise SeamError("Seam's answer could not be read", request_id=self._request_id(answer))
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        raise SeamError(
            str(error.get("message") or f"Seam answered {answer.status_code} without an explanation")[:400],
            status=answer.status_code,
            code=str(error.get("type") or ""),
            request_id=self._request_id(answer),
            retry_after=_seconds(answer.headers.get("Retry-After")),
        )

    @staticmethod
    def _request_id(answer: requests.Response) -> str:
        return answer.headers.get("seam-request-id", "")

    def _find(self, path: str, key: str, body: Json) -> Json | None:
        try:
            return self._object(path, key, body)
        except SeamError as error:
            if not error.is_missing:
                raise
            return None

    def _one(self, path: str, key: str, body: Json) -> Json:
        """What can be told from others: without an id it is no answer."""
        found = self._object(path, key, body)
        if not has_id(found, f"{key}_id"):
            raise SeamError(f"Seam's answer has no {key} with an id")
        return found

    def _object(self, path: str, key: str, body: Json) -> Json:
        """What stands under this key; its id may be missing or odd."""
        found = self.post(path, body).get(key)
        if not isinstance(found, dict):
            raise SeamError(f"Seam's answer has no {key}")
        return found

    def _page_lists(self, path: str, key: str, filters: Json, known: Container[str] = ()) -> Iterator[Page]:
        body = filters | {"limit": PAGE}
        listed = 0
        while True:
            page, pagination = self._listing(path, key, body, known)
            for text in page.unreadable:
                self.set_aside(path, text)
            yield page
            listed += len(page.rows) + len(page.unchanged) + len(page.unreadable)
            if not pagination.has_next_page:
                if pagination.total_count is not None and pagination.total_count > listed:
                    raise SeamError("Seam's list is shorter than it says")
                return
            if not pagination.next_page_cursor:
                # Half a list proves nothing of what it does not hold.
                raise SeamError("Seam's list breaks off: it has a next page and says not where")
            body = filters | {"limit": PAGE, "page_cursor": pagination.next_page_cursor}

    def _listing(self, path: str, key: str, body: Json, known: Container[str]) -> tuple[Page, Pagination]:
        answer = self._send(path, body)
        if answer.status_code != 200:
            self._read(answer)
        try:
            page, pagination = read_listing(answer.content.decode(), key, known)
        except ValueError:
            raise SeamError("Seam's answer could not be read", request_id=self._request_id(answer)) from None
        if page is None:
            raise SeamError(f"Seam's answer has no {key}")
        return page, pagination

    def _pages(self, path: str, key: str, filters: Json) -> Iterator[Json]:
        for page in self._page_lists(path, key, filters):
            yield from (listed.read() for listed in page.rows)


def _with_lists(code: Json) -> Json:
    """A code whose lists are lists of objects, whatever was sent."""
    return code | {name: issues(code.get(name)) for name in ("errors", "warnings", "pending_mutations")}


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
