"""How templates are written: short lines, and no text that cannot be translated."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR, "templates")
TEMPLATES = sorted(ROOT.rglob("*.html"))
LONGEST = 120
# What is said of a page is between tags, and in these attributes.
SPOKEN = re.compile(r"""\b(?:aria-label|alt|placeholder|title|data-label)=("[^"]*"|'[^']*')""")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
TRANSLATED = re.compile(r"\{%-? trans\b.*?endtrans [-+]?%\}", re.DOTALL)
STATEMENT = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<!?/?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
# The name of the product, alone and at the end of a title; attributes of a tag that is in another template.
NAMES = {"Latchkey", "· Latchkey", 'class="bare"', 'hx-get="" hx-trigger="" hx-swap="outerHTML"'}


def untranslated(source: str) -> list[str]:
    """Words that a person would read and no catalogue would know."""
    rest = TRANSLATED.sub("", COMMENT.sub("", source))
    bare = STATEMENT.sub("", rest)
    spoken = [value[1:-1] for value in SPOKEN.findall(bare)]
    shown = TAG.sub("\n", bare).split("\n")
    return [text.strip() for text in [*spoken, *shown] if re.search(r"[^\W\d_]{2}", text) and text.strip() not in NAMES]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_lines_are_short(path: Path) -> None:
    assert [line for line in path.read_text().splitlines() if len(line) > LONGEST] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_is_translatable(path: Path) -> None:
    assert untranslated(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    ["<p>Hello</p>", '<a title="Go there">{{ x }}</a>', "{% if x %}or else{% endif %}", '<td data-label="Lock"></td>'],
)
def test_text_outside_of_translation_is_found(source: str) -> None:
    assert untranslated(source) != []


@pytest.mark.parametrize(
    "source",
    ['<p class="muted">{{ _("Hello") }} · {{ x }}</p>', "{% trans x %}Hello {{ x }}{% endtrans %}", "{# Hello #}"],
)
def test_translated_text_is_no_finding(source: str) -> None:
    assert untranslated(source) == []
