"""What a person reads on a page: its words without the tags, its title, its messages."""

import html
import re

INLINE = re.compile(r"</?(?:a|b|bdi|em|strong|time)\b[^>]*>")
TAG = re.compile(r"<(script|style|head)\b.*?</\1>|<[^>]*>", re.DOTALL)


def body(response) -> str:
    """All that came, also where it is sent bit by bit."""
    came = response.getvalue()
    if response.streaming:
        # It can be read once only: for the next reader.
        response.streaming_content = [came]
    return came.decode()


def words(response) -> str:
    """The text of a page as one line."""
    source = INLINE.sub("", body(response))
    return " ".join(html.unescape(TAG.sub(" ", source)).split())


def title(response) -> str:
    return html.unescape(re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)[1])
