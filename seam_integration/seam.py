"""The one place where the settings become a connection to Seam: a kept session per thread, and clients on it."""

from __future__ import annotations

import threading

import requests
from django.conf import settings

from seam_integration import seam_time
from seam_integration.api.client import SeamClient
from seam_integration.api.http import authorization, new_session


class _PerThread(threading.local):
    def __init__(self) -> None:
        self.session = new_session()


_per_thread = _PerThread()


def seam_session() -> requests.Session:
    return _per_thread.session


def seam_client(within: float | None = None) -> SeamClient:
    """Seam, or the sandbox in its place, as the settings say; `within`: seconds for all calls, inside a page."""
    return SeamClient(
        settings.SEAM_ENDPOINT, settings.SEAM_API_KEY, seam_session(), within=within, on_date=seam_time.hear
    )


def ask_sandbox(method: str, path: str, body: dict[str, str] | None, timeout: float) -> requests.Response:
    """Call one of the sandbox's own endpoints, which Seam has not. Raises requests.RequestException."""
    address, headers = settings.SEAM_ENDPOINT + path, authorization(settings.SEAM_API_KEY)
    answer = seam_session().request(method, address, json=body, headers=headers, timeout=timeout)
    answer.raise_for_status()
    return answer
