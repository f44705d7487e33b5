"""Charts as numbers: where lines go, what they say in words, and that they carry no inline style."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from dashboard.drawings import charts
from dashboard.drawings.charts import Scale, Series

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def points(*levels: float) -> list[tuple[datetime, float]]:
    """One reading a day, the last one today."""
    return [(NOW - DAY * (len(levels) - 1 - n), level) for n, level in enumerate(levels)]


def draw(*series: Series, **options: object) -> ElementTree.Element:
    svg = charts.battery_history(series, NOW, **options)
    return ElementTree.fromstring(svg)  # noqa: S314 (we made it)


def test_scale_maps_corners() -> None:
    scale = Scale(NOW - DAY, NOW)
    assert scale.x(NOW - DAY) == charts.LEFT
    assert scale.x(NOW) == charts.WIDTH - charts.RIGHT
    assert scale.y(1) == charts.TOP
    assert scale.y(0) == charts.HEIGHT - charts.BOTTOM


def test_scale_keeps_readings_on_canvas() -> None:
    scale = Scale(NOW - DAY, NOW)
    assert scale.x(NOW + DAY) == charts.WIDTH - charts.RIGHT
    assert scale.y(1.2) == charts.TOP
    assert scale.y(-0.1) == scale.y(0)


def test_level_holds_until_next_reading() -> None:
    scale = Scale(NOW - 2 * DAY, NOW)
    path = charts.step_path(scale, [(NOW - 2 * DAY, 1.0), (NOW - DAY, 0.5)], NOW)
    middle, right, half = scale.x(NOW - DAY), scale.x(NOW), scale.y(0.5)
    assert path == f"M{charts.LEFT:g} {charts.TOP:g}H{middle:g}V{half:g}H{right:g}"


def test_says_in_words_what_it_shows() -> None:
    svg = draw(Series("Lock", points(0.9, 0.8)), Series("Keypad", points(0.4)))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == (
        "Lock battery: 80% on 24 Nov 2026, from 90% on 23 Nov 2026. "
        "Keypad battery: 40% on 24 Nov 2026, the only reading."
    )


def test_dates_are_those_of_zone() -> None:
    late = [(datetime(2026, 11, 25, 3, tzinfo=UTC), 0.5)]
    assert "24 Nov 2026" in charts.sentence(Series("Lock", late), ZoneInfo("America/Los_Angeles"))


@pytest.mark.parametrize("series", [[], [Series("Lock", [])]])
def test_nothing_read_draws_nothing(series: list[Series]) -> None:
    assert charts.battery_history(series, NOW) == ""


def test_one_line_and_one_last_point_for_each_part() -> None:
    svg = draw(Series("Lock", points(0.9, 0.8)), Series("Keypad", points(0.4, 0.3)))
    for number in (0, 1):
        assert len(svg.findall(f".//path[@class='series series-{number}']")) == 1
        assert len(svg.findall(f".//circle[@class='point point-{number}']")) == 1


def test_new_battery_is_marked() -> None:
    assert charts.new_batteries(points(0.2, 0.1, 0.95, 0.9)) == [(NOW - DAY, 0.95)]
    assert charts.new_batteries(points(0.5, 0.6)) == []
    titles = [title.text for title in draw(Series("Keypad", points(0.1, 0.9))).iter("title")]
    assert titles == ["Keypad battery changed, 90%"]


def test_forecast_widens_chart_and_adds_wedge() -> None:
    span = (NOW + 5 * DAY, NOW + 9 * DAY)
    svg = draw(Series("Lock", points(0.3, 0.2)), forecast=span)
    wedge = svg.find(".//path[@class='forecast']")
    assert wedge is not None
    assert wedge.get("d", "").endswith(f"H{charts.WIDTH - charts.RIGHT}Z")
    assert draw(Series("Lock", points(0.3, 0.2))).find(".//path[@class='forecast']") is None


@pytest.mark.parametrize("days", [0.5, 1, 7, 30, 90, 365, 3000])
def test_ticks_are_few_and_at_local_midnight(days: float) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    found = charts.ticks(NOW - days * DAY, NOW, zone)
    assert len(found) <= 9
    assert found == sorted(found)
    assert all(at.astimezone(zone).hour == 0 for at in found)


def test_many_readings_are_thinned_but_last_stays() -> None:
    levels = [1 - n / 5000 for n in range(5000)]
    svg = charts.battery_history([Series("Lock", points(*levels))], NOW)
    assert len(svg) < 20_000
    assert "0% on 24 Nov 2026" in svg


def test_no_inline_style_and_names_are_escaped() -> None:
    svg = charts.battery_history([Series('<b>"Lock"', points(0.9, 0.8))], NOW, forecast=(NOW + DAY, NOW + 2 * DAY))
    assert "style=" not in svg
    assert "<b>" not in svg
    assert "<b>" not in charts.legend(["<b>"])


def test_legend_numbers_lines_as_chart_does() -> None:
    html = charts.legend(["Lock", "Keypad"])
    assert html.index("series-0") < html.index("Lock") < html.index("series-1") < html.index("Keypad")
