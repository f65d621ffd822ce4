"""Rows of units.csv (scoring.md 1): units may name units of later rows, and enter together."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from contracts.participation import UnitRegistered
from services.participation.domain.book import Book
from services.participation.domain.cells import elements_of, is_day
from services.participation.domain.decisions import (
    Accepted,
    Decision,
    Failure,
    Unchanged,
    Waiting,
    conflict,
    repeated,
    settle,
    unfit,
)
from services.participation.domain.digests import digest_of
from services.participation.domain.rows import ROW_KINDS, UnitRow

_REQUIRED = ROW_KINDS["unit"].required


def decide_units(rows: Sequence[UnitRow], book: Book, *, patient: bool = False) -> list[Decision]:
    """Decides rows in their order, as one: the most of them that can stand together, each naming only units
    of the book or of accepted rows.  The first row that can stand bears its id.

    A patient row that names an absent unit waits, and the later rows of its id wait behind it.
    """
    arrivals = _Arrivals(rows, book, patient)
    arrivals.strike_out()
    return [arrivals.decision(at) for at in range(len(rows))]


class _Arrivals:
    """The rows of one call.  A row stands while all that it names is in the book or claimed by such rows."""

    def __init__(self, rows: Sequence[UnitRow], book: Book, patient: bool) -> None:
        self.rows, self.book, self.patient = rows, book, patient
        self.standing = [False] * len(rows)
        self.claims: defaultdict[str, int] = defaultdict(int)
        self.borne: dict[str, UnitRow] = {}
        self.held: set[str] = set()
        for at, row in enumerate(rows):
            if row.unit_id not in book.units and not (patient and self.claims[row.unit_id]):
                self.standing[at] = next(_failures(row, lambda _: True), None) is None
                self.claims[row.unit_id] += self.standing[at]

    def exists(self, unit_id: str) -> bool:
        return unit_id in self.book.units or self.claims.get(unit_id, 0) > 0

    def strike_out(self) -> None:
        """Strikes out rows that name a unit which does not exist, then those that named these, and so on.

        Every row falls at most once, so the work grows with the number of names, never with its square.
        """
        naming: defaultdict[str, list[int]] = defaultdict(list)
        for at, row in enumerate(self.rows):
            if self.standing[at]:
                for named in {row.zone_id, row.community_id, row.liaison_id} - {""}:
                    naming[named].append(at)
        absent = [named for named in naming if not self.exists(named)]
        while absent:
            for at in naming.get(absent.pop(), ()):
                if self.standing[at]:
                    self.standing[at] = False
                    unit_id = self.rows[at].unit_id
                    self.claims[unit_id] -= 1
                    if not self.claims[unit_id]:
                        absent.append(unit_id)

    def decision(self, at: int) -> Decision:
        """The decision on one row, those before it being decided."""
        row = self.rows[at]
        if known := self.book.units.get(row.unit_id):
            return repeated(row, known.digest, None)
        if first := self.borne.get(row.unit_id):
            return Unchanged() if row == first else conflict(row)
        if row.unit_id in self.held:
            return Waiting(frozenset((f"unit:{row.unit_id}",)))
        if self.standing[at]:
            self.borne[row.unit_id] = row
            return Accepted((_registered(row),))
        answer = settle(list(_failures(row, self.exists)), self.patient)
        if isinstance(answer, Waiting):
            self.held.add(row.unit_id)
        return answer


def _failures(row: UnitRow, exists: Callable[[str], bool]) -> Iterator[Failure]:
    yield from unfit(row, _REQUIRED)
    for column in ("zone_id", "community_id", "liaison_id"):
        named: str = getattr(row, column)
        if named and not exists(named):
            yield Failure(column, "unknown_unit", f"unit:{named}")
    if is_day(row.opened_on) and is_day(row.closed_on) and row.closed_on <= row.opened_on:
        yield Failure("closed_on", "bad_order")


def _registered(row: UnitRow) -> UnitRegistered:
    return UnitRegistered(
        unit_id=row.unit_id,
        name=row.name,
        kind=row.kind,
        tags=elements_of(row.tags),
        zone_id=row.zone_id,
        community_id=row.community_id,
        liaison_id=row.liaison_id,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        digest=digest_of(row, None),
    )
