"""Messages for tests."""

from typing import Any

from outbox.models import Content, Message
from outbox.posting import Draft, post
from properties.tests.builders import NOW

TEXT = Content("A subject", "Open https://latchkey.example/secret-token")


def draft(dedupe_key: str = "invitation 1", **fields: Any) -> Draft:
    values = {"channel": "email", "address": "ana@example.org", "title": "Invitation", "content": TEXT}
    return Draft(dedupe_key=dedupe_key, **(values | fields))


def posted(dedupe_key: str = "invitation 1", **fields: Any) -> Message:
    return post(draft(dedupe_key, **fields), NOW)
