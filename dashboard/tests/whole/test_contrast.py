"""The colours of the stylesheet can be read: WCAG 2.2 AA, worked out from its tokens, light and dark."""

import gzip
import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[3].joinpath("static/css/app.css").read_text()
TONES = ["ok", "warn", "bad", "accent"]
COLOUR = r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)"

Rgb = tuple[float, float, float]


def to_linear_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """OKLCH to linear sRGB, by Ottosson's matrices (as in CSS Color 4)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return tuple(min(1.0, max(0.0, part)) for part in (red, green, blue))  # type: ignore[return-value]


def luminance(colour: Rgb) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def tokens(is_dark: bool) -> dict[str, Rgb]:
    pairs = re.findall(rf"--([\w-]+): light-dark\({COLOUR}, {COLOUR}\);", CSS)
    found = {}
    for name, *numbers in pairs:
        lightness, chroma, hue = map(float, numbers[3:] if is_dark else numbers[:3])
        found[name] = to_linear_rgb(lightness / 100, chroma, hue)
    found["idle-tint"] = found["sunken"]
    return found


def contrast(one: Rgb, other: Rgb) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_known_contrast() -> None:
    assert contrast(to_linear_rgb(1, 0, 0), to_linear_rgb(0, 0, 0)) == pytest.approx(21, abs=0.01)
    # Pure red, as CSS Color 4 gives it.
    assert to_linear_rgb(0.62796, 0.25768, 29.234) == pytest.approx((1, 0, 0), abs=0.001)


TEXT = [
    *[(ink, ground) for ink in ("text", "muted", "accent") for ground in ("bg", "surface", "sunken")],
    *[(tone, f"{tone}-tint") for tone in TONES],
    *[(tone, "surface") for tone in (*TONES, "second")],
    *[("text", f"{tone}-tint") for tone in TONES],
    ("muted", "idle-tint"),
    ("on-accent", "accent"),
    ("on-bad", "bad"),
]


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT, ids="-on-".join)
def test_text_has_4_5_to_1(ink: str, ground: str, is_dark: bool) -> None:
    colours = tokens(is_dark)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface", "sunken"])
@pytest.mark.parametrize("control", ["control", "accent", "second"])
def test_controls_focus_rings_and_lines_have_3_to_1(control: str, ground: str, is_dark: bool) -> None:
    colours = tokens(is_dark)
    assert contrast(colours[control], colours[ground]) >= 3


def test_each_colour_is_written_once() -> None:
    """Outside the tokens only shadows, backdrops and the paper of a QR code name a colour."""
    body = CSS.split("@layer base {", 1)[1]
    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", body)
    assert set(re.findall(r"oklch\([^)]*\)", body)) == {"oklch(20% .02 255 / .5)", "oklch(100% 0 0)"}


def test_stylesheet_stays_small() -> None:
    """Of the 60 kB that a first load may weigh, this is its share."""
    assert len(gzip.compress(CSS.encode())) < 10_000
