"""Decides reported changes of a unit (interfaces.md): it closes, or gets other relations.

scoring.md has no table for them: cells are checked as the same columns there; the same change again is unchanged, and
another one later is accepted."""

from collections.abc import Iterator
from dataclasses import replace

from contracts.participation import UnitClosed, UnitRelated
from services.participation.domain.cells import is_day
from services.participation.domain.digests import digest_of
from services.participation.domain.evolution import with_relations
from services.participation.domain.ledger import Ledger, unknown_unit
from services.participation.domain.outcomes import (
    Accepted,
    Decision,
    Failure,
    Unchanged,
    cell_failures,
    refused_or_pending,
)
from services.participation.domain.rows import ROW_KINDS, UnitClosedRow, UnitRelatedRow

_RELATIONS = ("zone_id", "community_id", "liaison_id")


def decide_unit_closed(row: UnitClosedRow, ledger: Ledger, allow_pending: bool) -> Decision:
    if result := list(_closing_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    if ledger.units[row.unit_id].closed_on == row.closed_on:
        return Unchanged()
    after = ledger.units[row.unit_id].row._replace(closed_on=row.closed_on)
    return Accepted((UnitClosed(row.unit_id, row.closed_on, digest_of(after, None)),))


def decide_unit_related(row: UnitRelatedRow, ledger: Ledger, allow_pending: bool) -> Decision:
    if result := list(_relating_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    unit = ledger.units[row.unit_id]
    given = [(relation, getattr(row, relation)) for relation in _RELATIONS if getattr(row, relation)]
    if all(unit.is_related(relation, unit_id, row.from_) for relation, unit_id in given):
        return Unchanged()
    change = UnitRelated(*row)
    return Accepted((replace(change, digest=digest_of(with_relations(unit.row, change), None)),))


def _closing_failures(row: UnitClosedRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, ROW_KINDS["unit_closed"].required)
    unit = ledger.unit(row.unit_id)
    yield from unknown_unit(ledger, row.unit_id)
    if unit and is_day(row.closed_on) and row.closed_on <= unit.opened_on:
        yield Failure("closed_on", "bad_order")


def _relating_failures(row: UnitRelatedRow, ledger: Ledger) -> Iterator[Failure]:
    """A relation that is not given keeps its value; a change without any is `missing` (column zone_id)."""
    required = ROW_KINDS["unit_related"].required
    nothing = not (row.zone_id or row.community_id or row.liaison_id)
    yield from cell_failures(row, required | {"zone_id"} if nothing else required)
    for column in ("unit_id", *_RELATIONS):
        yield from unknown_unit(ledger, getattr(row, column), column)
