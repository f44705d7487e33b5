"""What pages are drawn with beside words: icons, chips, batteries, ages that stay fresh, PINs."""

import datetime as dt
from functools import lru_cache

import heroicons
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.wording import age, iso, local
from properties.models.locks import Charge

ICON_SIZES = {"micro": 16, "mini": 20, "outline": 24, "solid": 24}
TONE_ICONS = {
    "ok": "check-circle",
    "warn": "exclamation-triangle",
    "bad": "x-circle",
    "info": "clock",
    "idle": "question-mark-circle",
}
MESSAGE_TONES = {"success": "ok", "error": "bad", "warning": "warn"}


# --- Icons and chips --------------------------------------------------------------------------------------
@lru_cache(maxsize=512)
def _icon(name: str, style: str, label: str) -> SafeString:
    attributes: dict[str, object] = {"class": "icon"}
    if label:
        attributes |= {"role": "img", "aria-label": label, "aria-hidden": "false"}
    # The package offers its renderer only as a template tag of another name.
    svg = heroicons._render_icon(style, name, ICON_SIZES[style], attributes)
    return mark_safe(" ".join(svg.split()).replace("> <", "><"))  # noqa: S308 (made from a file of the package)


def icon(name: str, style: str = "mini", label: str = "") -> SafeString:
    """`icon("key")` beside a word; `icon("key", label=_("Code"))` where it stands alone."""
    return _icon(str(name), str(style), str(label))


def chip(label: str, tone: str = "idle", icon: str = "", title: str = "") -> SafeString:
    """A state as icon, word and colour. The icon follows the tone unless given."""
    return _chip(str(label), str(tone), str(icon), str(title))


@lru_cache(maxsize=1024)
def _chip(label: str, tone: str, icon: str, title: str) -> SafeString:
    """Kept: a page has hundreds of the same few. All is escaped, for a safe string is equal to an unsafe one."""
    words = f' title="{escape(title)}"' if title else ""
    svg = _icon(icon or TONE_ICONS.get(tone, TONE_ICONS["idle"]), "micro", "")
    return mark_safe(f'<span class="chip tone-{escape(tone)}"{words}>{svg}{escape(label)}</span>')  # noqa: S308


def bolt(is_locked: bool | None) -> SafeString:
    """Locked, unlocked or unknown."""
    return _bolt(is_locked, get_language())


@lru_cache(maxsize=64)
def _bolt(is_locked: bool | None, language: str | None) -> SafeString:
    if is_locked is None:
        return _chip(_("Unknown"), "idle", "", "")
    return _chip(_("Locked"), "idle", "lock-closed", "") if is_locked else _chip(_("Unlocked"), "warn", "lock-open", "")


def online(is_online: bool | None) -> SafeString:
    """Online, offline or unknown."""
    return _online(is_online, get_language())


@lru_cache(maxsize=64)
def _online(is_online: bool | None, language: str | None) -> SafeString:
    if is_online is None:
        return _chip(_("Unknown"), "idle", "", "")
    return _chip(_("Online"), "ok", "signal", "") if is_online else _chip(_("Offline"), "bad", "signal-slash", "")


def tone_icon(tone: str) -> str:
    """The icon that goes with a tone."""
    return TONE_ICONS.get(tone, TONE_ICONS["idle"])


def message_tone(level_tag: str) -> str:
    """The tone of one of Django's messages."""
    return MESSAGE_TONES.get(level_tag, "info")


# --- Batteries --------------------------------------------------------------------------------------------
def battery(
    level: float | None, status: str, read_at: dt.datetime | None = None, now: dt.datetime | None = None
) -> SafeString:
    """A level from 0 to 1 and when it was read. No level and no status is "Unknown", which is not "empty"."""
    tone, gauge = _gauge(level, status, get_language())
    read = f'<span class="muted small">{time_ago(read_at, now)}</span>' if read_at and now else ""
    return mark_safe(f'<span class="battery tone-{tone}">{gauge}{read}</span>')  # noqa: S308 (made of safe parts)


@lru_cache(maxsize=1024)
def _gauge(level: float | None, status: str, language: str | None) -> tuple[str, str]:
    """The tone of a battery, and its picture and words."""
    tone, word = _battery_state(level, status)
    inside = '<path d="M9 6h5" stroke="currentColor" stroke-width="1.5"/>'
    percent = ""
    if level is not None:
        fill = round(17 * max(0.0, min(1.0, level)), 1)
        inside = f'<rect x="3" y="3" width="{fill}" height="6" rx="1" fill="currentColor"/>'
        percent = f"<span>{round(level * 100)}%</span>"
    words = f'<span class="word">{escape(word)}</span>' if word else ""
    return tone, (
        '<svg width="26" height="12" viewBox="0 0 26 12" fill="none" '
        'aria-hidden="true"><rect x=".75" y=".75" width="21.5" height="10.5" rx="2.75" '
        'stroke="currentColor" stroke-width="1.5"/><path d="M24.5 4.25v3.5" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round"/>{inside}</svg>{percent}{words}'
    )


def _battery_state(level: float | None, status: str) -> tuple[str, str]:
    charge = Charge.of(level, status)
    if charge is Charge.FINE:
        return "idle", status.capitalize() if level is None else ""
    words = {Charge.CRITICAL: _("Critical"), Charge.LOW: _("Low")}
    return {Charge.CRITICAL: "bad", Charge.LOW: "warn"}.get(charge, "idle"), words.get(charge, _("Unknown"))


# --- Ages -------------------------------------------------------------------------------------------------
def ago(instant: dt.datetime | None, now: dt.datetime, zone: object = "", absent: str = "") -> SafeString:
    """ "3 min ago", kept fresh in the browser; the exact instant is its title.

    What an absent instant means is the caller's to say: "never" is not the same as "Unknown".
    """
    if instant is None:
        return format_html('<span class="muted">{}</span>', absent or _("Unknown"))
    return time_ago(instant, now, zone)


@lru_cache(maxsize=512)
def time_ago(instant: dt.datetime, now: dt.datetime, zone: object = "") -> SafeString:
    """Kept: a list of locks tells the moment of one sync hundreds of times. Digits and zones need no escaping."""
    return mark_safe(  # noqa: S308
        f'<time datetime="{iso(instant)}" title="{local(instant, zone)}" data-ago>{age(instant, now)}</time>'
    )


# --- PINs -------------------------------------------------------------------------------------------------
def pin(digits: str | None, length: int = 6, big: bool = False) -> SafeString:
    """Grouped and read digit by digit; `pin(none)` shows dots."""
    size = " big" if big else ""
    if not digits:
        dots = mark_safe("<span>•••</span><span>•••</span>") if length == 6 else "•" * length
        return format_html(
            '<span class="pin masked{}" role="img" aria-label="{}">{}</span>', size, _("PIN hidden"), dots
        )
    groups = format_html_join("", "<span>{}</span>", ((group,) for group in pin_groups(str(digits))))
    return format_html(
        '<span class="pin{}" role="img" aria-label="{}">{}</span>',
        size,
        _("PIN %(digits)s") % {"digits": " ".join(str(digits))},
        groups,
    )


def pin_groups(digits: str) -> list[str]:
    """4 and 5 digits stay whole, 6 are 3 + 3, 7 are 3 + 4, 8 are 4 + 4."""
    if len(digits) < 6:
        return [digits]
    half = len(digits) // 2
    return [digits[:half], digits[half:]]
