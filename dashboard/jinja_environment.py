"""The Jinja2 environment of the pages: what a template may call, and how its lines are read."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import jinja2
from django.template.defaultfilters import date, linebreaksbr, truncatechars
from django.templatetags.static import static
from django.utils.html import urlize
from django.utils.translation import get_language, gettext, ngettext
from django_htmx.jinja import htmx_script
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup

from dashboard import marks, wording
from dashboard.addresses import address
from properties.models import AccessCode
from properties.reading.audit import proof
from properties.values.wording import clock

# A line that holds nothing but statements and comments.
STATEMENTS = re.compile(r"^((?:(?:\{%(?:(?!%\}).)*%\}|\{#(?:(?!#\}).)*#\})[ ]*)+)$", re.MULTILINE | re.DOTALL)


class Lines(Extension):
    """Indentation is for people; a line of statements alone leaves nothing. Any other break of a line is a space.

    Done as a template is compiled, so that neither costs a page time or weight. Line numbers stay as they are.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        source = re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)
        return STATEMENTS.sub(_without_its_end, source)


def _without_its_end(line: re.Match[str]) -> str:
    text = line[1].rstrip()
    # A translated sentence is text: the break after it is a space, too.
    is_kept = text[-3] in "-+" or text.endswith("endtrans %}")
    return text if is_kept else f"{text[:-2]}-{text[-2:]}"


class Environment(jinja2.Environment):
    """Rows are plain mappings: their items come before attributes, which they have none of."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def translated(message: str, **values: object) -> str:
    """`_()` in a template. The message is the template's own, so it is safe; the values are escaped."""
    words = _message(message, get_language())
    return words % values if values else words


@lru_cache(maxsize=4096)
def _message(message: str, language: str | None) -> Markup:
    """A message without values may be shown as it is; kept, for a table says the same few hundreds of times."""
    words = gettext(message)
    return Markup(words if "%(" in words else words.replace("%%", "%"))  # noqa: S704


def translated_number(singular: str, plural: str, number: int, **values: object) -> str:
    """`ngettext()` in a template, which knows the number as `num`."""
    return Markup(ngettext(singular, plural, number)) % {"num": number, **values}  # noqa: S704


@jinja2.pass_context
def querystring(context: Context, **changes: object) -> str:
    """The address' query with some of it changed; None leaves a part out."""
    asked = context["request"].GET
    params = asked.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}" if params or asked else ""


@jinja2.pass_context
def ago(
    context: Context, instant: datetime | None, now: datetime | None = None, zone: object = "", absent: str = ""
) -> str:
    return marks.ago(instant, now or _page_now(context), zone, absent)


@jinja2.pass_context
def battery(context: Context, level: float | None, status: str = "", read_at: datetime | None = None) -> str:
    return marks.battery(level, status, read_at, _page_now(context) if read_at else None)


def _page_now(context: Context) -> datetime:
    """The page's now, which may be a simulated one. A page without it is a mistake, not the wall clock."""
    now = context.get("now") or context["frame"].now
    if not isinstance(now, datetime):
        raise jinja2.TemplateRuntimeError("ago and battery need `now` or `frame.now` in the context")
    return now


def shortened(text: object, length: int) -> str:
    """As Django's `truncatechars`, which takes long to find that nothing is to be cut."""
    words = str(text)
    return words if len(words) <= length else truncatechars(words, length)


def has_unsettled(codes: Iterable[AccessCode], now: datetime) -> bool:
    """True while a person would wait for one of these codes."""
    return any(not code.is_settled(now) for code in codes)


def linked(text: str) -> str:
    """A text with its addresses as links; all else is escaped."""
    return Markup(urlize(text, autoescape=True))  # noqa: S704


GLOBALS: dict[str, Any] = {
    "_": translated,
    "gettext": translated,
    "ngettext": translated_number,
    "url": address,
    "static": static,
    "querystring": querystring,
    "htmx_script": htmx_script,
    "icon": marks.icon,
    "chip": marks.chip,
    "bolt": marks.bolt,
    "online": marks.online,
    "battery": battery,
    "pin": marks.pin,
    "ago": ago,
    "has_unsettled": has_unsettled,
}
FILTERS: dict[str, Any] = {
    "clock": clock,
    "code_proof": proof,
    "date": date,
    "linebreaksbr": linebreaksbr,
    "linked": linked,
    "message_tone": marks.message_tone,
    "tone_icon": marks.tone_icon,
    "truncatechars": shortened,
} | {
    rule.__name__: rule
    for rule in (
        wording.browser,
        wording.day,
        wording.duration,
        wording.how_known,
        wording.iso,
        wording.local,
        wording.local_day,
        wording.local_short,
        wording.local_time,
        wording.percent,
        wording.since,
        wording.zone_of,
    )
}


def environment(**options: Any) -> Environment:
    """What the settings name; a value that is missing is an error, never an empty place."""
    made = Environment(**options | {"undefined": jinja2.StrictUndefined, "extensions": ["jinja2.ext.i18n", Lines]})
    made.globals |= GLOBALS
    made.filters |= FILTERS
    # Messages take named values; their lines are one sentence.
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    return made
