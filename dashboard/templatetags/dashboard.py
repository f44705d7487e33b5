"""What templates may say: icons, chips, batteries, instants in a zone, ages, PINs."""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

import heroicons
from django import template
from django.template import Context
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from properties.models import AccessCode, CodeState, Stay, StayPhase
from properties.models.locks import Charge
from properties.models.steps import is_event
from properties.reading.audit import proof

register = template.Library()

UTC = ZoneInfo("UTC")
ICON_SIZES = {"micro": 16, "mini": 20, "outline": 24, "solid": 24}
TONE_ICONS = {
    "ok": "check-circle",
    "warn": "exclamation-triangle",
    "bad": "x-circle",
    "info": "clock",
    "idle": "question-mark-circle",
}
# From (seconds) how old an age is counted in which unit. The same table is in static/js/app.js.
AGES = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
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


@register.simple_tag
def icon(name: str, style: str = "mini", label: str = "") -> SafeString:
    """`{% icon "key" %}` beside a word; `{% icon "key" label="Code" %}` where it stands alone."""
    return _icon(str(name), str(style), str(label))


@register.simple_tag
def chip(label: str, tone: str = "idle", icon: str = "", title: str = "") -> SafeString:
    """`{% chip "Ready" "ok" %}`: a state as icon, word and colour. The icon follows the tone unless given."""
    return _chip(str(label), str(tone), str(icon), str(title))


@lru_cache(maxsize=1024)
def _chip(label: str, tone: str, icon: str, title: str) -> SafeString:
    """Kept: a page has hundreds of the same few. All is escaped, for a safe string is equal to an unsafe one."""
    words = f' title="{escape(title)}"' if title else ""
    svg = _icon(icon or TONE_ICONS.get(tone, TONE_ICONS["idle"]), "micro", "")
    return mark_safe(f'<span class="chip tone-{escape(tone)}"{words}>{svg}{escape(label)}</span>')  # noqa: S308


@register.simple_tag
def bolt(is_locked: bool | None) -> SafeString:
    """`{% bolt lock.is_locked %}`: locked, unlocked or unknown."""
    if is_locked is None:
        return _chip("Unknown", "idle", "", "")
    return _chip("Locked", "idle", "lock-closed", "") if is_locked else _chip("Unlocked", "warn", "lock-open", "")


@register.simple_tag
def online(is_online: bool | None) -> SafeString:
    """`{% online lock.is_online %}`: online, offline or unknown."""
    if is_online is None:
        return _chip("Unknown", "idle", "", "")
    return _chip("Online", "ok", "signal", "") if is_online else _chip("Offline", "bad", "signal-slash", "")


@register.filter
def tone_icon(tone: str) -> str:
    """The icon that goes with a tone: `{% icon banner.tone|tone_icon %}`."""
    return TONE_ICONS.get(tone, TONE_ICONS["idle"])


@register.filter
def message_tone(level_tag: str) -> str:
    """The tone of one of Django's messages."""
    return MESSAGE_TONES.get(level_tag, "info")


# --- Rules of models that ask for an instant ----------------------------------------------------------------
@register.filter
def code_state(code: AccessCode, now: dt.datetime) -> CodeState:
    """`{% with state=code|code_state:now %}{% chip state.label state.tone state.icon %}{% endwith %}`."""
    return code.state(now)


@register.filter
def how_known(source: str) -> str:
    """A proof's source in words: an event's id is kept for the page of the code."""
    return "reported by an event" if is_event(source) else source


@register.filter
def phase(stay: Stay, now: dt.datetime) -> StayPhase:
    """`{% with phase=stay|phase:now %}{% chip phase.label phase.tone phase.icon %}{% endwith %}`."""
    return stay.phase(now)


@register.filter
def code_proof(code: AccessCode) -> tuple[dt.datetime, str] | None:
    """`{% with proof=code|code_proof %}{% ago proof.0 %}`: the last proof and how we know it, or None."""
    return proof(code)


@register.filter
def has_unsettled(codes: Iterable[AccessCode], now: dt.datetime) -> bool:
    """True while a person would wait for one of these codes."""
    return any(not code.is_settled(now) for code in codes)


# --- Batteries --------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def battery(context: Context, level: float | None, status: str = "", read_at: dt.datetime | None = None) -> SafeString:
    """`{% battery lock.battery_level lock.battery_status lock.battery_read_at %}`.

    Levels run from 0 to 1. No level and no status is "Unknown", which is not "empty".
    """
    return battery_read_at(level, str(status or ""), read_at, page_now(context) if read_at else None)


def battery_read_at(
    level: float | None, status: str, read_at: dt.datetime | None, now: dt.datetime | None
) -> SafeString:
    """The same for rows that come drawn."""
    tone, gauge = _gauge(level, status)
    read = f'<span class="muted small">{time_ago(read_at, now)}</span>' if read_at and now else ""
    return mark_safe(f'<span class="battery tone-{tone}">{gauge}{read}</span>')  # noqa: S308 (made of safe parts)


@lru_cache(maxsize=1024)
def _gauge(level: float | None, status: str) -> tuple[str, str]:
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


@register.filter
def percent(level: float | None) -> str:
    """`{{ reading.level|percent }}` → "87%"."""
    return "Unknown" if level is None else f"{round(level * 100)}%"


def _battery_state(level: float | None, status: str) -> tuple[str, str]:
    charge = Charge.of(level, status)
    if charge is Charge.FINE:
        return "idle", status.capitalize() if level is None else ""
    return {Charge.CRITICAL: "bad", Charge.LOW: "warn"}.get(charge, "idle"), charge.value.capitalize()


# --- Times ------------------------------------------------------------------------------------------------
def as_zone(zone: object) -> dt.tzinfo:
    """A zone from a name ("America/Los_Angeles"), from a tzinfo, or UTC from nothing."""
    if isinstance(zone, dt.tzinfo):
        return zone
    return ZoneInfo(str(zone)) if zone else UTC


def zone_name(instant: dt.datetime) -> str:
    """The zone as people write it: "PST", or "UTC+3" where a zone has no letters."""
    name = instant.tzname() or ""
    if name[:1] in "+-":
        hours, minutes = name[1:3], name[3:5]
        return f"UTC{name[0]}{int(hours)}" + (f":{minutes}" if minutes.strip("0") else "")
    return name


@register.filter
def zone_of(instant: dt.datetime | None, zone: object = "") -> str:
    """`{{ stay.starts_at|zone_of:property.zone }}` → "PST": which clock a local time beside it is read on."""
    return zone_name(instant.astimezone(as_zone(zone))) if instant else ""


@register.filter
def local(instant: dt.datetime | None, zone: object = "") -> str:
    """`{{ stay.begins_at|local:property.zone }}` → "Mon 24 Nov 2026, 16:00 PST"."""
    if instant is None:
        return ""
    there = instant.astimezone(as_zone(zone))
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} {zone_name(there)}"


@register.filter
def local_time(instant: dt.datetime | None, zone: object = "") -> str:
    """`{{ code.begins_at|local_time:property.zone }}` → "16:00"."""
    return f"{instant.astimezone(as_zone(zone)):%H:%M}" if instant else ""


@register.filter
def local_day(instant: dt.datetime | None, zone: object = "") -> str:
    """`{{ code.begins_at|local_day:property.zone }}` → "Tue 24 Nov"."""
    return day(instant.astimezone(as_zone(zone)).date()) if instant else ""


@register.filter
def local_short(instant: dt.datetime | None, zone: object = "") -> str:
    """`{{ step.at|local_short:property.zone }}` → "24 Nov, 16:00", for tables and ladders."""
    if instant is None:
        return ""
    there = instant.astimezone(as_zone(zone))
    return f"{there.day} {there:%b, %H:%M}"


@register.filter
def day(date: dt.date | None) -> str:
    """`{{ stay.check_in_on|day }}` → "Tue 24 Nov". A datetime keeps the day of its own zone."""
    return f"{date:%a} {date.day} {date:%b}" if date else ""


@register.filter
def iso(instant: dt.datetime | None) -> str:
    """What `<time datetime>` wants: "2026-11-24T16:00:00Z"."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if instant else ""


@register.filter
def duration(span: dt.timedelta | None) -> str:
    """`{{ stay.checkout_at|since:now|duration }}` → "3 d 4 h": the two largest units, rounded down."""
    if span is None:
        return ""
    rest = int(abs(span).total_seconds())
    words: list[str] = []
    for size, unit in AGES:
        count, rest = divmod(rest, size)
        if count or words:
            words.append(f"{count} {unit}" if count else "")
        if len(words) == 2:
            break
    return " ".join(filter(None, words)) or "0 s"


@register.filter
def since(later: dt.datetime, earlier: dt.datetime) -> dt.timedelta:
    """The time between two instants, for `duration`."""
    return later - earlier


def age(instant: dt.datetime, now: dt.datetime) -> str:
    """ "20 s ago", "in 3 h"; "now" within two seconds. One unit: more would change while one reads."""
    seconds = int((now - instant).total_seconds())
    if abs(seconds) < 2:
        return "now"
    size, unit = next((size, unit) for size, unit in AGES if abs(seconds) >= size)
    count = abs(seconds) // size
    return f"{count} {unit} ago" if seconds > 0 else f"in {count} {unit}"


@register.simple_tag(takes_context=True)
def ago(
    context: Context,
    instant: dt.datetime | None,
    now: dt.datetime | None = None,
    zone: object = "",
    absent: str = "Unknown",
) -> SafeString:
    """`{% ago lock.seen_at %}` → "3 min ago", kept fresh in the browser; the exact instant is its title.

    `now` comes from the page (`frame.now`) unless given. What an absent instant means is the caller's to
    say: `absent="never"` is not the same as "Unknown".
    """
    if instant is None:
        return format_html('<span class="muted">{}</span>', absent)
    return time_ago(instant, now or page_now(context), zone)


@lru_cache(maxsize=512)
def time_ago(instant: dt.datetime, now: dt.datetime, zone: object = "") -> SafeString:
    """Kept: a list of locks tells the moment of one sync hundreds of times. Digits and zones need no escaping."""
    return mark_safe(  # noqa: S308
        f'<time datetime="{iso(instant)}" title="{local(instant, zone)}" data-ago>{age(instant, now)}</time>'
    )


def page_now(context: Context) -> dt.datetime:
    """The page's now, which may be a simulated one. A page without it is a mistake, not the wall clock."""
    now = context.get("now") or context["frame"].now
    if not isinstance(now, dt.datetime):
        raise template.TemplateSyntaxError("ago and battery need `now` or `frame.now` in the context")
    return now


# --- PINs -------------------------------------------------------------------------------------------------
@register.simple_tag
def pin(digits: str | None, length: int = 6, big: bool = False) -> SafeString:
    """`{% pin code.revealed_pin %}` grouped and read digit by digit; `{% pin None %}` shows dots."""
    size = " big" if big else ""
    if not digits:
        dots = mark_safe("<span>•••</span><span>•••</span>") if length == 6 else "•" * length
        return format_html('<span class="pin masked{}" role="img" aria-label="PIN hidden">{}</span>', size, dots)
    groups = format_html_join("", "<span>{}</span>", ((group,) for group in pin_groups(str(digits))))
    return format_html(
        '<span class="pin{}" role="img" aria-label="PIN {}">{}</span>', size, " ".join(str(digits)), groups
    )


def pin_groups(digits: str) -> list[str]:
    """4 and 5 digits stay whole, 6 are 3 + 3, 7 are 3 + 4, 8 are 4 + 4."""
    if len(digits) < 6:
        return [digits]
    half = len(digits) // 2
    return [digits[:half], digits[half:]]
