"""Answers in Seam's place, word for word what a test wrote down: for texts that the sandbox never sends."""

from __future__ import annotations

import json
from typing import Any

import requests
from requests.adapters import BaseAdapter

from seam_integration.api.client import SeamClient
from seam_integration.api.http import new_session


class Answers(BaseAdapter):
    """The pages of each path; a cursor is the number of its page. What is asked for by id and is none is not known."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, list[str | bytes]] = {}
        # Statuses other than 200, by path.
        self.statuses: dict[str, int] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def client(self) -> SeamClient:
        return SeamClient("http://answers.test", "seam_test_answers", new_session(self))

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        asked = json.loads(request.body or b"{}")
        self.asked.append((request.path_url, asked))
        answer = requests.Response()
        answer.status_code, answer.request = self.statuses.get(request.path_url, 200), request
        answer.headers.update(self.headers)
        text: str | bytes = '{"error": {"type": "not_found", "message": "Not known."}}'
        if request.path_url in self.pages:
            text = self.pages[request.path_url][int(asked.get("page_cursor") or 0)]
        else:
            answer.status_code = 404
        answer._content = text.encode() if isinstance(text, str) else text
        return answer

    def close(self) -> None:
        """Nothing is open."""
