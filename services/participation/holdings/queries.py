"""Reads a publisher's own rows in slices, each with the digest of its current content."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.greenlets import yield_control
from chassis.store import event_log, subject_keys
from chassis.store.schema import events, intake_holdings
from services.participation.domain import Ledger
from services.participation.domain.naming import Target
from services.participation.domain.states import Fact
from services.participation.holdings.domain import Holding, content_digest, ids_named, plain_cells
from services.participation.publishers.domain import Rights

SLICE = 2000
_columns = intake_holdings.c
_HAS_CHANGED = (
    sa.exists(sa.select(events.c.stream).where(events.c.stream == _columns.stream, events.c.version == 2))
    .correlate(intake_holdings)
    .label("changed")
)
"""Whether its stream has events besides the acceptance."""


class HeldRow(NamedTuple):
    """A row with its current cells; empty where its person was erased."""

    holding: Holding
    cells: dict[str, str]


class Holdings:
    """The rows of one kind accepted from the publisher's sources, in one read transaction."""

    def __init__(self, connection: Connection, rights: Rights, kind: str) -> None:
        self._connection, self._rights, self._kind = connection, rights, kind

    def slices(self, first: str = "", before: str = "") -> Iterator[list[Holding]]:
        """All rows with `first <= id < before` (empty: no bound), ordered by id; yields to other requests between
        slices."""
        chosen = self._page(_columns.row_id >= first, before, SLICE)
        while chosen:
            yield self._as_they_stand(chosen)
            yield_control()
            chosen = self._page(_columns.row_id > chosen[-1].row_id, before, SLICE) if len(chosen) == SLICE else []

    def page(self, after: str, limit: int) -> list[Holding]:
        return self._as_they_stand(self._page(_columns.row_id > after, "", limit))

    def row(self, row_id: str) -> HeldRow | None:
        """None if it is not the publisher's, or does not exist."""
        chosen = self._page(_columns.row_id == row_id, "", 1)
        if not chosen:
            return None
        ledger, keys = self._ledger([chosen[0].stream], [chosen[0].person_id])
        fact = _fact(ledger, self._kind, row_id)
        if fact is None:
            return None
        return HeldRow(self._as_they_stand(chosen)[0], plain_cells(self._kind, fact, keys))

    def _page(self, bound: sa.ColumnElement[bool], before: str, limit: int) -> Sequence[Any]:
        query = sa.select(_columns.row_id, _columns.stream, _columns.digest, _columns.person_id, _HAS_CHANGED)
        query = query.where(_columns.kind == self._kind, bound, owned_condition(self._rights))
        query = query.where(_columns.row_id < before) if before else query
        return self._connection.execute(query.order_by(_columns.row_id).limit(limit)).all()

    def _as_they_stand(self, rows: Sequence[Any]) -> list[Holding]:
        again = [row for row in rows if row.changed and row.digest]
        ledger, keys = self._ledger(sorted({row.stream for row in again}), [row.person_id for row in again])
        facts = {row.row_id: _fact(ledger, self._kind, row.row_id) for row in again}
        return [self._holding_of_row(row, facts.get(row.row_id), keys) for row in rows]

    def _holding_of_row(self, row: Any, fact: Fact | None, keys: dict[str, bytes]) -> Holding:
        if not row.digest:
            return Holding(row.row_id, "", "", "erased")
        if fact is None:
            return Holding(row.row_id, row.digest, row.digest, "standing")
        digest = content_digest(plain_cells(self._kind, fact, keys))
        return Holding(row.row_id, digest, row.digest, "voided" if fact.voided else "standing")

    def _ledger(self, streams: Sequence[str], persons: Sequence[str]) -> tuple[Ledger, dict[str, bytes]]:
        ledger = Ledger()
        if streams:
            ledger.fold(recorded.event() for recorded in event_log.streams(self._connection, streams))
        return ledger, subject_keys.existing_keys(self._connection, filter(None, persons)) if streams else {}


def count_of(connection: Connection, rights: Rights) -> dict[str, int]:
    """The number of accepted rows by kind."""
    query = sa.select(_columns.kind, sa.func.count()).where(owned_condition(rights)).group_by(_columns.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def owned_condition(rights: Rights) -> sa.ColumnElement[bool]:
    """The condition for the publisher's sources (`Rights.owns`)."""
    whole = [source for source in rights.sources if not source.endswith("*")]
    begun = [source[:-1] for source in rights.sources if source.endswith("*")]
    return sa.or_(
        _columns.source.in_(whole), *(sa.func.substr(_columns.source, 1, len(start)) == start for start in begun)
    )


def _fact(ledger: Ledger, kind: str, row_id: str) -> Fact | None:
    facts = (ledger.fact(Target(kind, ids)) for ids in ids_named(kind, row_id))
    return next((fact for fact in facts if fact is not None), None)
