"""Stays by unit over some weeks as SVG: a lane per unit, a bar per stay, turnovers and changes of the clocks marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from properties.values import wording
from properties.values.local_time import LocalTime
from properties.verdict.checks import Verdict

DAYS = 30
DAY = 31.0
LEFT, HEAD, LANE, BAR = 178.0, 40.0, 34.0, 24.0
# About this many units of width for a letter.
LETTER = 7.3
# Said in front of the name, so that no state is told by colour alone.
MARKS = {Verdict.NOT_READY: "✕ ", Verdict.AT_RISK: "⚠ ", Verdict.UNKNOWN: "? "}


@dataclass(frozen=True)
class Bar:
    """One stay: whose, when on the local clock, where its page is, and the verdict (None: it is over)."""

    guest: str
    check_in: LocalTime
    check_out: LocalTime
    url: str
    verdict: Verdict | None = None

    @property
    def sentence(self) -> str:
        word = self.verdict.label if self.verdict else "Over"
        return _("%(guest)s, %(check_in)s to %(check_out)s: %(word)s") % {
            "guest": self.guest,
            "check_in": self.check_in,
            "check_out": self.check_out,
            "word": word,
        }


@dataclass(frozen=True)
class Lane:
    """One unit with its stays, earliest first."""

    unit: str
    place: str
    zone: str
    bars: Sequence[Bar]


def stay_timeline(lanes: Sequence[Lane], first: date, now: datetime) -> SafeString:
    """`first` is the leftmost day; days are those of each unit's own zone."""
    height = HEAD + LANE * len(lanes)
    return format_html(
        '<svg class="stay-timeline" viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}</svg>',
        f"{LEFT + DAY * DAYS:g}",
        f"{height:g}",
        f"Stays by unit from {_day(first)} to {_day(first + timedelta(days=DAYS - 1))}",
        _head(first, height),
        format_html_join(
            "", "{}", ((_lane(lane, HEAD + LANE * number, first, now),) for number, lane in enumerate(lanes))
        ),
    )


def x(moment: LocalTime, first: date) -> float:
    """Where a local moment is, kept within the days that are drawn."""
    days = (moment.on - first).days + (moment.at.hour * 60 + moment.at.minute) / 1440
    return round(LEFT + DAY * min(float(DAYS), max(0.0, days)), 1)


def turnovers(bars: Iterable[Bar]) -> list[date]:
    """Days on which one guest leaves and the next one comes."""
    return [after.check_in.on for before, after in pairwise(bars) if before.check_out.on == after.check_in.on]


def clock_changes(zone: str, first: date) -> list[date]:
    """Days on which the clocks of this zone change."""
    info = ZoneInfo(zone)
    days = [first + timedelta(days=n) for n in range(-1, DAYS)]
    offsets = [datetime.combine(day, time(12), info).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after]


def _head(first: date, height: float) -> SafeString:
    days = [first + timedelta(days=n) for n in range(DAYS)]
    cells = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="weekday" x="{}" y="15" text-anchor="middle">{}</text>'
        '<text x="{}" y="30" text-anchor="middle">{}</text>',
        (
            (
                "weekend" if day.weekday() >= 5 else "weekday",
                LEFT + DAY * n,
                HEAD,
                DAY,
                height - HEAD,
                LEFT + DAY * (n + 0.5),
                wording.weekday(day.weekday())[:2],
                LEFT + DAY * (n + 0.5),
                wording.short_day(day) if n == 0 or day.day == 1 else day.day,
            )
            for n, day in enumerate(days)
        ),
    )
    return format_html('<g class="days" aria-hidden="true">{}</g>', cells)


def _lane(lane: Lane, top: float, first: date, now: datetime) -> SafeString:
    here = now.astimezone(ZoneInfo(lane.zone))
    now_x = x(LocalTime(here.date(), here.time()), first)
    is_now_drawn = LEFT < now_x < LEFT + DAY * DAYS
    return format_html(
        '<g><path class="rule" d="M0 {0}H{1}"/><text class="unit" x="4" y="{2}">{3}</text>'
        '<text class="place" x="4" y="{4}">{5}</text>{6}{7}{8}{9}</g>',
        top,
        LEFT + DAY * DAYS,
        top + 15,
        _cut(lane.unit, LEFT - 12),
        top + 28,
        _cut(lane.place, LEFT - 4),
        format_html_join("", "{}", ((_clock(day, lane.zone, top, first),) for day in clock_changes(lane.zone, first))),
        format_html('<path class="now" d="M{} {}v{}"/>', now_x, top, LANE) if is_now_drawn else "",
        format_html_join("", "{}", ((_bar(bar, top, first),) for bar in lane.bars)),
        format_html_join("", "{}", ((_turnover(day, top, first),) for day in turnovers(lane.bars))),
    )


def _bar(bar: Bar, top: float, first: date) -> SafeString:
    begin, end = x(bar.check_in, first), x(bar.check_out, first)
    width = max(2.0, round(end - begin - 1, 1))
    mark = MARKS.get(bar.verdict, "") if bar.verdict else ""
    return format_html(
        '<a class="tone-{}" href="{}" aria-label="{}"><title>{}</title>'
        '<rect class="stay{}" x="{}" y="{}" width="{}" height="{}" rx="5"/>'
        '<text class="guest" x="{}" y="{}">{}</text></a>',
        bar.verdict.tone.value if bar.verdict else "idle",
        bar.url,
        bar.sentence,
        bar.sentence,
        "" if bar.verdict else " over",
        begin,
        top + (LANE - BAR) / 2,
        width,
        BAR,
        begin + 6,
        top + LANE / 2 + 4,
        # A bar too short for a name still carries its mark.
        _cut(mark + bar.guest, width - 8) or mark.strip(),
    )


def _turnover(day: date, top: float, first: date) -> SafeString:
    middle, y = x(LocalTime(day, time(13, 30)), first), top + LANE / 2
    return format_html(
        '<path class="turnover" d="M{} {}l4 4l-4 4l-4 -4Z"><title>Turnover, {}</title></path>', middle, y - 4, _day(day)
    )


def _clock(day: date, zone: str, top: float, first: date) -> SafeString:
    return format_html(
        '<path class="clock" d="M{} {}v{}"><title>The clocks change in {}, {}</title></path>',
        x(LocalTime(day, time(2)), first),
        top,
        LANE,
        zone.replace("_", " "),
        _day(day),
    )


def _cut(words: str, width: float) -> str:
    room = int(width / LETTER)
    if room < 3:
        return ""
    return words if len(words) <= room else f"{words[: room - 1].rstrip()}…"


def _day(day: date) -> str:
    return wording.day(day)
