"""The one HTTP session per thread on which everything talks to Seam."""

from __future__ import annotations

import threading

import requests
from django.conf import settings
from requests.adapters import BaseAdapter, HTTPAdapter

# Put by tests in place of the network: the sandbox, in process.
adapter_for_tests: BaseAdapter | None = None


class _Sessions(threading.local):
    session: requests.Session | None = None


_sessions = _Sessions()


def seam_session() -> requests.Session:
    """A kept-alive session that carries the key and retries nothing by itself.

    Seam knows no idempotency key, so a POST that got no answer must never be sent again blindly: retries are
    decided by the caller, who looks first (Seam docs name no such key; its SDK does not retry POST either).
    """
    if adapter_for_tests is not None:
        return _new_session(adapter_for_tests)
    if _sessions.session is None:
        _sessions.session = _new_session(HTTPAdapter(max_retries=0, pool_maxsize=10))
    return _sessions.session


def _new_session(adapter: BaseAdapter) -> requests.Session:
    session = requests.Session()
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers["Authorization"] = f"Bearer {settings.SEAM_API_KEY}"
    session.headers["User-Agent"] = "latchkey/0.1"
    # Neither proxies of the environment nor ~/.netrc may see the key.
    session.trust_env = False
    return session
