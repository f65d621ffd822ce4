"""Decides rows of units.csv (scoring.md 1): units may refer to units of later rows, and are accepted together."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from contracts.corrections import UnitCorrected
from contracts.participation import UnitRegistered
from services.participation.domain.cells import elements_of, is_day
from services.participation.domain.digests import digest_of
from services.participation.domain.ledger import Ledger
from services.participation.domain.outcomes import (
    Accepted,
    Act,
    Decision,
    Failure,
    Pending,
    Unchanged,
    cell_failures,
    conflict,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, UnitRow

_REQUIRED = ROW_KINDS["unit"].required


def decide_units(rows: Sequence[UnitRow], ledger: Ledger, *, allow_pending: bool = False) -> list[Decision]:
    """Decide rows together: the largest set of them that can be accepted, each referring only to units of the ledger or
    of accepted rows.  Of several rows with one id the first acceptable one is accepted.

    With `allow_pending` a row that refers to a missing unit is pending, and so are later rows with its id."""
    batch = _UnitBatch(rows, ledger, allow_pending)
    batch.reject_unresolvable()
    return [batch.decision(at) for at in range(len(rows))]


class _UnitBatch:
    """The rows of one call.  A row is acceptable while each unit that it refers to is in the ledger or has such a
    row."""

    def __init__(self, rows: Sequence[UnitRow], ledger: Ledger, allow_pending: bool) -> None:
        self.rows, self.ledger, self.allow_pending = rows, ledger, allow_pending
        self.acceptable = [False] * len(rows)
        self.claims: defaultdict[str, int] = defaultdict(int)
        self.accepted: dict[str, UnitRow] = {}
        self.pending: set[str] = set()
        for at, row in enumerate(rows):
            if row.unit_id not in ledger.units and not (allow_pending and self.claims[row.unit_id]):
                self.acceptable[at] = next(unit_failures(row, lambda _: True), None) is None
                self.claims[row.unit_id] += self.acceptable[at]

    def exists(self, unit_id: str) -> bool:
        return self.ledger.unit(unit_id) is not None or self.claims.get(unit_id, 0) > 0

    def reject_unresolvable(self) -> None:
        """Reject rows that refer to a missing unit, then those that refer to these, and so on.

        Each row is rejected at most once, so the work grows linearly with the number of references."""
        naming: defaultdict[str, list[int]] = defaultdict(list)
        for at, row in enumerate(self.rows):
            if self.acceptable[at]:
                for named in {row.zone_id, row.community_id, row.liaison_id} - {""}:
                    naming[named].append(at)
        absent = [named for named in naming if not self.exists(named)]
        while absent:
            for at in naming.get(absent.pop(), ()):
                if self.acceptable[at]:
                    self.acceptable[at] = False
                    unit_id = self.rows[at].unit_id
                    self.claims[unit_id] -= 1
                    if not self.claims[unit_id]:
                        absent.append(unit_id)

    def decision(self, at: int) -> Decision:
        """The decision on one row; those before it must be decided already."""
        row = self.rows[at]
        if known := self.ledger.units.get(row.unit_id):
            return unchanged_or_conflict(row, known.contents, None, spent=known.voided)
        if first := self.accepted.get(row.unit_id):
            return Unchanged() if row == first else conflict(row)
        if row.unit_id in self.pending:
            return Pending(frozenset((f"unit:{row.unit_id}",)))
        if self.acceptable[at]:
            self.accepted[row.unit_id] = row
            return Accepted((_registration_event(row),))
        decision = refused_or_pending(list(unit_failures(row, self.exists)), self.allow_pending)
        if isinstance(decision, Pending):
            self.pending.add(row.unit_id)
        return decision


def unit_failures(row: UnitRow, exists: Callable[[str], bool]) -> Iterator[Failure]:
    yield from cell_failures(row, _REQUIRED)
    for column in ("zone_id", "community_id", "liaison_id"):
        named: str = getattr(row, column)
        if named and not exists(named):
            yield Failure(column, "unknown_unit", f"unit:{named}")
    if is_day(row.opened_on) and is_day(row.closed_on) and row.closed_on <= row.opened_on:
        yield Failure("closed_on", "bad_order")


def _registration_event(row: UnitRow) -> UnitRegistered:
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
        tags_given=row.tags,
    )


def corrected_unit(row: UnitRow, act: Act) -> UnitCorrected:
    return UnitCorrected(
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
        tags_given=row.tags,
        **act._asdict(),
    )
