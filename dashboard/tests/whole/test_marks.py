"""What pages are drawn with and how they say instants: chips, batteries, ages, PINs, times in a zone."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from jinja2 import TemplateRuntimeError

from dashboard import marks, wording

NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
LOS_ANGELES = "America/Los_Angeles"


def render(source: str, **context: object) -> str:
    return engines["jinja2"].env.from_string(source).render({"now": NOW, **context})  # type: ignore[attr-defined]


# --- Icons and chips --------------------------------------------------------------------------------------
def test_icon_beside_word_is_hidden_from_screen_readers() -> None:
    svg = render('{{ icon("key") }}')
    assert 'aria-hidden="true"' in svg
    assert 'width="20"' in svg


def test_icon_alone_has_name() -> None:
    svg = render('{{ icon("x-mark", "micro", label="Dismiss <it>") }}')
    assert 'role="img"' in svg
    assert 'aria-label="Dismiss &lt;it&gt;"' in svg
    assert 'aria-hidden="false"' in svg


def test_chip_is_icon_word_and_colour() -> None:
    html = render('{{ chip("At risk", "warn") }}')
    assert html.startswith('<span class="chip tone-warn"><svg')
    assert html.endswith("At risk</span>")


def test_chip_escapes_its_word() -> None:
    assert "&lt;b&gt;" in render("{{ chip(word, 'ok') }}", word="<b>")


def test_each_tone_has_icon_of_its_own() -> None:
    assert len({marks.tone_icon(tone) for tone in ("ok", "info", "warn", "bad", "idle")}) == 5
    assert marks.tone_icon("unheard-of") == marks.tone_icon("idle")


# --- Batteries --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("level", "status", "tone", "words"),
    [
        (0.87, "full", "idle", ["87%"]),
        (0.87, "", "idle", ["87%"]),
        (0.29, "", "warn", ["29%", "Low"]),
        (0.35, "low", "warn", ["35%", "Low"]),
        (0.08, "", "bad", ["8%", "Critical"]),
        (0.4, "critical", "bad", ["40%", "Critical"]),
        (0.0, "", "bad", ["0%", "Critical"]),
        (None, "", "idle", ["Unknown"]),
        (None, "good", "idle", ["Good"]),
        (None, "low", "warn", ["Low"]),
        (None, "half_dead", "idle", ["Half_dead"]),
    ],
)
def test_battery(level: float | None, status: str, tone: str, words: list[str]) -> None:
    html = render("{{ battery(level, status) }}", level=level, status=status)
    assert f"battery tone-{tone}" in html
    for word in words:
        assert f">{word}<" in html
    assert "style=" not in html


def test_battery_carries_age_of_its_reading() -> None:
    html = render("{{ battery(0.5, '', read_at) }}", read_at=NOW - dt.timedelta(hours=3))
    assert "3 h ago</time>" in html


def test_unknown_battery_is_not_empty_one() -> None:
    assert "%" not in render("{{ battery(none) }}").replace("100%", "")
    assert '<rect x="3"' not in render("{{ battery(none) }}")


# --- Ages -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (1, "now"),
        (20, "20 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (40 * 86_400, "40 d ago"),
        (-20, "in 20 s"),
        (-7300, "in 2 h"),
    ],
)
def test_age(seconds: int, words: str) -> None:
    assert wording.age(NOW - dt.timedelta(seconds=seconds), NOW) == words


def test_ago_is_time_element_with_exact_instant() -> None:
    html = render("{{ ago(at, zone=zone) }}", at=NOW - dt.timedelta(minutes=3), zone=LOS_ANGELES)
    assert html == (
        '<time datetime="2026-11-24T11:57:00Z" title="Tue 24 Nov 2026, 03:57 PST" data-ago>3 min ago</time>'
    )


def test_ago_takes_now_from_frame() -> None:
    page = {"now": None, "frame": SimpleNamespace(now=NOW), "at": NOW - dt.timedelta(seconds=5)}
    assert "5 s ago" in render("{{ ago(at) }}", **page)


def test_page_without_now_is_mistake() -> None:
    with pytest.raises(TemplateRuntimeError):
        render("{{ ago(at) }}", now=None, frame=SimpleNamespace(now=None), at=NOW)


def test_never_and_unknown_are_different_words() -> None:
    assert ">Unknown<" in render("{{ ago(none) }}")
    assert ">never<" in render('{{ ago(none, absent="never") }}')


# --- Instants in a zone -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (LOS_ANGELES, "Tue 24 Nov 2026, 04:00 PST"),
        (ZoneInfo("Europe/Berlin"), "Tue 24 Nov 2026, 13:00 CET"),
        ("Asia/Kathmandu", "Tue 24 Nov 2026, 17:45 UTC+5:45"),
        ("America/Sao_Paulo", "Tue 24 Nov 2026, 09:00 UTC-3"),
        ("", "Tue 24 Nov 2026, 12:00 UTC"),
    ],
)
def test_local(zone: object, words: str) -> None:
    assert wording.local(NOW, zone) == words


def test_local_parts() -> None:
    assert wording.local_time(NOW, LOS_ANGELES) == "04:00"
    assert wording.local_day(NOW, LOS_ANGELES) == "Tue 24 Nov"
    assert wording.local_short(NOW, LOS_ANGELES) == "24 Nov, 04:00"
    assert wording.day(dt.date(2026, 11, 3)) == "Tue 3 Nov"
    assert wording.iso(NOW) == "2026-11-24T12:00:00Z"


@pytest.mark.parametrize("name", ["local", "local_time", "local_day", "local_short", "iso", "day", "duration"])
def test_filters_of_nothing_are_nothing(name: str) -> None:
    assert getattr(wording, name)(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (3 * 86_400 + 4 * 3600 + 59 * 60, "3 d 4 h"),
        (86_400 + 60, "1 d"),
        (-3600, "1 h"),
    ],
)
def test_duration(seconds: int, words: str) -> None:
    assert wording.duration(dt.timedelta(seconds=seconds)) == words


def test_since() -> None:
    later = NOW + dt.timedelta(hours=5)
    assert render("{{ later|since(now)|duration }}", later=later) == "5 h"


# --- PINs -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("digits", "groups"),
    [
        ("4829", ["4829"]),
        ("48291", ["48291"]),
        ("482913", ["482", "913"]),
        ("4829137", ["482", "9137"]),
        ("48291375", ["4829", "1375"]),
    ],
)
def test_pin_groups(digits: str, groups: list[str]) -> None:
    assert marks.pin_groups(digits) == groups


def test_pin_is_read_digit_by_digit() -> None:
    html = render("{{ pin('482913', big=true) }}")
    assert 'aria-label="PIN 4 8 2 9 1 3"' in html
    assert "<span>482</span><span>913</span>" in html


def test_hidden_pin_shows_no_digit() -> None:
    html = render("{{ pin(none) }}")
    assert 'aria-label="PIN hidden"' in html
    assert "•••" in html


def test_percent() -> None:
    assert wording.percent(0.874) == "87%"
    assert wording.percent(None) == "Unknown"
