"""HTTP sessions on which Seam is talked to."""

from __future__ import annotations

import requests
from requests.adapters import BaseAdapter, HTTPAdapter


def new_session(adapter: BaseAdapter | None = None) -> requests.Session:
    """A kept-alive session that retries nothing by itself.

    Seam knows no idempotency key, so a POST that got no answer must never be sent again blindly: the caller lists
    first, then decides (Seam's documents name no such key; its SDK does not retry POST either).
    """
    session = requests.Session()
    adapter = adapter or HTTPAdapter(max_retries=0, pool_maxsize=10)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers["User-Agent"] = "latchkey/0.1"
    # Neither proxies of the environment nor ~/.netrc may see the key.
    session.trust_env = False
    return session


def authorization(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
