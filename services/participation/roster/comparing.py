"""Compares a roster with the registry and stores the preview: in the service if that is quick, else in a process of its
own (`python -m services.participation.roster.comparing`), so that the service keeps answering."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, TypedDict

from chassis.process.worker_process import die_with_parent
from chassis.store.database import Store
from services.participation.roster import queries
from services.participation.roster.comparisons import COMPARING, Comparison, Comparisons
from services.participation.roster.domain.differences import lines_of
from services.participation.roster.domain.lines import Line
from services.participation.roster.previews import Previews
from services.participation.roster.uploads import rows_read
from services.participation.tables import METADATA

MODULE: Final = "services.participation.roster.comparing"
NOTED_SECONDS: Final = 0.3


class Order(TypedDict):
    """The store, the roster, and the folder of previews."""

    database_url: str
    folder: str
    roster_id: str


def compare(
    store: Store, previews: Previews, comparisons: Comparisons, comparison: Comparison,
    between: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """The rows have been read before.  `between` is called every 200 lines."""
    head, mark = comparison.head, previews.mark()
    place = comparisons.place(head.roster_id)
    with store.reading() as connection:
        if comparisons.upload(head.roster_id).exists():
            rows, notes = rows_read(place, queries.unit_words(connection))
            head = replace(head, notes=notes)
        else:
            rows = previews.rows(head.roster_id)
        comparison = replace(comparison, state=COMPARING, total=len(rows))
        comparisons.note(comparison)
        book = queries.read_book(connection, head.as_of, head.unit_id)
        outcomes = queries.settled_lines(connection, head.roster_id)
    lines = lines_of(book, rows, head.as_of, head.unit_id, between)
    names = {unit_id: unit.name for unit_id, unit in book.units.items()}
    settled = [key for key, state in outcomes.items() if state != "refused"]
    previews.make(head, rows, _report_progress(lines, comparisons, comparison), names, settled)
    previews.require_mark(head.roster_id, mark)


def _report_progress(lines: Iterable[Line], comparisons: Comparisons, comparison: Comparison) -> Iterator[Line]:
    """The lines; records from time to time how many rows are done."""
    done, at = 0, time.monotonic()
    for line in lines:
        yield line
        done += len(line.rows)
        if time.monotonic() - at > NOTED_SECONDS:
            at = time.monotonic()
            comparisons.note(replace(comparison, done=done))


def main() -> int:
    die_with_parent()
    order: Order = json.load(sys.stdin)
    folder = Path(order["folder"])
    comparisons = Comparisons(folder)
    comparison = comparisons.find(order["roster_id"])
    if comparison:  # nobody was erased meanwhile
        compare(Store(order["database_url"], METADATA), Previews(folder), comparisons, comparison)
    sys.stdout.write("{}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
