"""Small calendars for tests, put together from their parts."""

from __future__ import annotations

from datetime import date


def calendar(*events: str, producer: str = "-//Example//EN", extra: str = "") -> bytes:
    """A whole calendar with CRLF lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{producer}", *filter(None, [extra]), *events, "END:VCALENDAR"]
    return ("\n".join(lines) + "\n").replace("\n", "\r\n").encode()


def event(
    uid: str = "1@example.org",
    start: date | str = "20310307",
    end: date | str = "20310310",
    summary: str = "Reserved",
    description: str = "",
    extra: str = "",
) -> str:
    """An event; `start` and `end` are values of plain days, or whole lines such as `DTSTART:20310307T150000Z`."""
    lines = ["BEGIN:VEVENT", f"UID:{uid}" if uid else "", _dated("DTSTART", start), _dated("DTEND", end)]
    lines += [f"SUMMARY:{summary}", f"DESCRIPTION:{description}" if description else "", extra, "END:VEVENT"]
    return "\n".join(filter(None, lines))


def _dated(name: str, value: date | str) -> str:
    if isinstance(value, date):
        value = f"{value:%Y%m%d}"
    return value if not value or ":" in value else f"{name};VALUE=DATE:{value}"


def airbnb_link(code: str) -> str:
    """What Airbnb writes into the description of a reservation."""
    link = f"https://www.airbnb.com/hosting/reservations/details/{code}"
    return f"Reservation URL: {link}\\nPhone Number (Last 4 Digits): 0100"
