"""History as a table for a spreadsheet: a line for each entry, never a PIN, and nothing that is run as a formula."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

from django.http import StreamingHttpResponse
from django.utils.cache import add_never_cache_headers

from properties.models import Activity
from properties.models.activity import ActivityQuerySet

COLUMNS = (
    "Time (UTC)",
    "Local time",
    "Time zone",
    "What happened",
    "About",
    "Who",
    "Source",
    "Certainty",
    "Property",
    "Unit",
    "Lock",
    "Guest",
    "Seam event",
)
# Rows read from the database at once.
CHUNK = 2000
# Lines sent at once: one by one they would cost more in sending than in making.
LINES = 200
# A spreadsheet takes a cell that begins so for a formula; the wide ones are what Asian keyboards write.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - they are meant
# Where another list separator is usual, a cell begins anew behind it: "A;=1+2".
INNER_FORMULA = re.compile(r"([;,|\t\r\n\"]\s*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001 - they are meant
# Without it, Excel reads UTF-8 as if it were the letters of long ago.
BYTE_ORDER_MARK = "\ufeff"


class Echo:
    """What csv.writer writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_answer(rows: ActivityQuerySet, name: str) -> StreamingHttpResponse:
    """The download, sent while it is read: a hundred thousand rows are never in memory at once."""
    entries = rows.with_places().iterator(chunk_size=CHUNK)
    answer = StreamingHttpResponse(_lines(entries), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    add_never_cache_headers(answer)
    return answer


def _lines(entries: Iterable[Activity]) -> Iterator[str]:
    write = csv.writer(Echo(), quoting=csv.QUOTE_ALL).writerow
    held = [BYTE_ORDER_MARK, write(COLUMNS)]
    for entry in entries:
        held.append(write([safe(cell) for cell in cells(entry)]))
        if len(held) >= LINES:
            yield "".join(held)
            held.clear()
    yield "".join(held)


def cells(entry: Activity) -> tuple[str, ...]:
    """In the order of COLUMNS. Local time is the property's; without one there is none."""
    place, stay = entry.place, entry.stay
    local = entry.at.astimezone(ZoneInfo(place.time_zone)) if place else None
    return (
        f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d %H:%M:%S}" if local else "",
        place.time_zone if place else "",
        entry.text,
        entry.subject.label if entry.subject else "",
        str(entry.actor) if entry.actor else "",
        entry.source,
        entry.get_certainty_display(),
        place.name if place else "",
        stay.unit.name if stay else "",
        entry.lock.name if entry.lock else "",
        stay.guest.name if stay else "",
        str(entry.seam_event_id or ""),
    )


def safe(cell: str) -> str:
    """Text stays text: an apostrophe before what a spreadsheet would run."""
    inside = INNER_FORMULA.sub(r"\1'", cell)
    return f"'{inside}" if inside.startswith(FORMULA) else inside
