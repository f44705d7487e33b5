"""Numbers to SVG. Colours come from the stylesheet by class, so a chart follows the theme; no style attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from properties.models.locks import BATTERY_CRITICAL, BATTERY_LOW
from properties.values.battery_forecast import is_new_battery
from properties.values.wording import listed, short_day, short_day_and_year

WIDTH, HEIGHT = 560.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 50.0, 8.0, 8.0, 24.0
# More than this per series cannot be told apart on a screen.
MOST_POINTS = 400
TICK_DAYS = (1, 2, 7, 14, 30, 60, 120, 240, 360)


@dataclass(frozen=True)
class Series:
    """One line: its name ("Lock", "Keypad") and levels from 0 to 1, oldest first, each kept until the next."""

    name: str
    points: Sequence[tuple[datetime, float]]


@dataclass(frozen=True)
class Scale:
    """Where an instant and a level are on the canvas."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.start) / (self.end - self.start)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share)), 1)

    def y(self, level: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(1.0, max(0.0, level))), 1)


def battery_history(
    series: Sequence[Series],
    now: datetime,
    zone: tzinfo = UTC,
    start: datetime | None = None,
    low: float = BATTERY_LOW,
    critical: float = BATTERY_CRITICAL,
    forecast: tuple[datetime, datetime] | None = None,
) -> SafeString:
    """Battery levels over time; "" when there is nothing to draw (the page then says so in words).

    `forecast` is the span within which the first series is likely to be empty: a wedge from its last level.
    """
    series = [Series(one.name, _thinned(one.points)) for one in series if one.points]
    if not series:
        return SafeString("")
    first = start or min(one.points[0][0] for one in series)
    last = max([now, *(forecast[1:] if forecast else ())])
    # A single reading still needs a width.
    scale = Scale(min(first, now - timedelta(days=1)), last)
    parts = [_grid(scale), _thresholds(scale, low, critical), _days(scale, zone)]
    if forecast:
        parts.append(_wedge(scale, series[0], now, forecast))
    parts += [_line(scale, one, now, number) for number, one in enumerate(series)]
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        f"{WIDTH:g}",
        f"{HEIGHT:g}",
        " ".join(sentence(one, zone) for one in series),
        mark_safe("".join(parts)),  # noqa: S308 (every part is made by format_html)
    )


def sentence(one: Series, zone: tzinfo = UTC) -> str:
    """What the line says: "Lock battery: 20% on 24 Nov 2026, from 92% on 25 Sep 2026."."""
    (first_at, first), (last_at, last) = one.points[0], one.points[-1]
    words = {"name": one.name, "last": f"{last:.0%}", "last_day": short_day_and_year(last_at.astimezone(zone))}
    if len(one.points) == 1:
        return _("%(name)s battery: %(last)s on %(last_day)s, the only reading.") % words
    words |= {"first": f"{first:.0%}", "first_day": short_day_and_year(first_at.astimezone(zone))}
    return _("%(name)s battery: %(last)s on %(last_day)s, from %(first)s on %(first_day)s.") % words


def legend(names: Sequence[str]) -> SafeString:
    """Which line is which, with the line itself: the dashes tell them apart without colour."""
    return format_html(
        '<ul class="legend">{}</ul>',
        format_html_join(
            "",
            '<li><svg viewBox="0 0 24 8" aria-hidden="true"><path class="series series-{}" d="M1 4h22"/></svg>{}</li>',
            enumerate(names),
        ),
    )


def capacity_gauge(parts: Sequence[tuple[str, str, int]], capacity: int) -> SafeString:
    """How full a lock is: a bar with one stretch a sort of code (`key`, label, count), in the order given."""
    total = max(capacity, sum(count for _key, _name, count in parts), 1)
    label = listed(f"{count} {name}" for _key, name, count in parts) or _("none")
    bars, x = [], 0.0
    for key, _name, count in parts:
        width = 300 * count / total
        bars.append((key, f"{x:g}", f"{max(width - 1, 1):g}"))
        x += width
    return format_html(
        '<svg class="gauge" viewBox="0 0 300 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="free" width="300" height="10"/>{}</svg>',
        _("Codes on the lock: %(codes)s, of %(capacity)s places") % {"codes": label, "capacity": capacity},
        format_html_join("", '<rect class="share share-{}" x="{}" width="{}" height="10"/>', bars),
    )


def step_path(scale: Scale, points: Sequence[tuple[datetime, float]], now: datetime) -> str:
    """A level holds until the next reading: the line goes right, then up or down; the last one holds until now."""
    x, y = scale.x(points[0][0]), scale.y(points[0][1])
    path = f"M{x:g} {y:g}"
    for at, level in points[1:]:
        path += f"H{scale.x(at):g}V{scale.y(level):g}"
    return f"{path}H{scale.x(now):g}"


def new_batteries(points: Sequence[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Readings at which the level jumped up: the battery was changed."""
    return [after for before, after in pairwise(points) if is_new_battery(before[1], after[1])]


def ticks(start: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """At most eight local midnights, a sensible number of days apart, none of them crowding the left edge."""
    days = (end - start) / timedelta(days=1)
    step = next((size for size in TICK_DAYS if days / size <= 8), TICK_DAYS[-1])
    midnight = end.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while midnight > start + (end - start) * 0.02:
        found.append(midnight)
        midnight -= timedelta(days=step)
    return found[::-1]


def _line(scale: Scale, one: Series, now: datetime, number: int) -> SafeString:
    changes = format_html_join(
        "",
        '<circle class="point point-{}" cx="{}" cy="{}" r="3"><title>{} battery changed, {}</title></circle>',
        ((number, scale.x(at), scale.y(level), one.name, f"{level:.0%}") for at, level in new_batteries(one.points)),
    )
    return format_html(
        '<path class="series series-{}" d="{}"/>{}<circle class="point point-{}" cx="{}" cy="{}" r="2.5"/>',
        number,
        step_path(scale, one.points, now),
        changes,
        number,
        scale.x(now),
        scale.y(one.points[-1][1]),
    )


def _grid(scale: Scale) -> SafeString:
    return format_html_join(
        "",
        '<path class="{}" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                "axis" if level == 0 else "grid-line",
                LEFT,
                scale.y(level),
                WIDTH - RIGHT,
                LEFT - 5,
                scale.y(level) + 3,
                f"{level:.0%}",
            )
            for level in (0, 0.5, 1)
        ),
    )


def _thresholds(scale: Scale, low: float, critical: float) -> SafeString:
    return format_html_join(
        "",
        '<path class="threshold {0}" d="M{1} {2}H{3}"/>'
        '<text class="threshold-word {0}" x="{4}" y="{5}" text-anchor="start">{0}</text>',
        (
            (word, LEFT, scale.y(level), WIDTH - RIGHT, LEFT + 4, scale.y(level) - 3)
            for word, level in (("low", low), ("critical", critical))
        ),
    )


def _days(scale: Scale, zone: tzinfo) -> SafeString:
    return format_html_join(
        "",
        '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            ("tick" if number % 2 == 0 else "tick minor", scale.x(at), HEIGHT - 8, _date(at, zone))
            for number, at in enumerate(reversed(ticks(scale.start, scale.end, zone)))
        ),
    )


def _wedge(scale: Scale, one: Series, now: datetime, forecast: tuple[datetime, datetime]) -> SafeString:
    return format_html(
        '<path class="forecast" d="M{} {}L{} {}H{}Z"/>',
        scale.x(now),
        scale.y(one.points[-1][1]),
        scale.x(forecast[0]),
        scale.y(0),
        scale.x(forecast[1]),
    )


def _thinned(points: Sequence[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    if len(points) <= MOST_POINTS:
        return list(points)
    step = -(-len(points) // MOST_POINTS)
    return [*points[:-1:step], points[-1]]


def _date(at: datetime, zone: tzinfo) -> str:
    there = at.astimezone(zone)
    return short_day(there)
