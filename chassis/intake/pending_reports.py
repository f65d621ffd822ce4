"""Rows that wait for something that may still arrive: what they await, what they hold, whose turn it is."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.prepared_query import PreparedQuery, QueryRunner, any_named
from chassis.store.schema import awaits, intake_seen, waiting

Digests = dict[tuple[str, str], str]


@dataclass(frozen=True)
class PendingReport:
    """One waiting row.  `hold` is the id that it holds: a later row of that id waits behind it."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    digest: str
    hold: str
    reply_to: str
    since: str
    code: str
    column: str
    seq: int = 0


def _known(postgresql: bool) -> list[sa.Select[Any]]:
    return [
        sa.select(sa.literal_column(f"'{kind}'"), table.c.source, table.c.id, table.c.digest)
        .where(any_named(table.c.source, "sources", postgresql), any_named(table.c.id, "ids", postgresql))
        for kind, table in (("accepted", intake_seen), ("waiting", waiting))
    ]  # fmt: skip


def _nobody() -> sa.Select[Any]:
    nothing: list[Any] = [sa.literal_column("''")] * 3
    return sa.select(sa.literal_column("'nobody'"), *nothing).where(~sa.exists(sa.select(waiting.c.seq)))


def _held(postgresql: bool) -> sa.Select[Any]:
    held = any_named(waiting.c.hold, "holds", postgresql)
    return sa.select(waiting.c.hold, sa.func.min(waiting.c.seq)).where(held).group_by(waiting.c.hold)


DIGESTS = PreparedQuery(lambda pg: sa.union_all(*_known(pg), _nobody()))
"""('accepted' or 'waiting', source, id, digest) of those `ids` at those `sources`; a row 'nobody' when none waits."""
READ_ID_LOCKS = PreparedQuery(_held)
"""(hold, the first waiting row's seq) of those `holds` that are taken."""
AWAITED = PreparedQuery(lambda pg: sa.select(awaits).where(any_named(awaits.c.key, "keys", pg)))
"""Who awaits any of these `keys`."""


class PendingReports:
    """The waiting rows within one transaction."""

    def __init__(self, store: Store, connection: Connection, query: QueryRunner) -> None:
        self._store, self._connection, self._query = store, connection, query
        self.nobody = False  # known only after a look: then what concerns waiting rows need not be asked
        self.woken = 0

    def digests(self, names: Iterable[tuple[str, str]]) -> tuple[Digests, Digests]:
        """Digests of those (source, id) that were accepted, and of those that wait now."""
        wanted = set(names)
        if not wanted:
            return {}, {}
        sources, ids = ({name[at] for name in wanted} for at in (0, 1))
        result: dict[str, Digests] = {"accepted": {}, "waiting": {}, "nobody": {}}
        for row in self._query(DIGESTS(sources=sorted(sources), ids=sorted(ids))):
            result[row[0]][row[1], row[2]] = row[3]
        self.nobody = bool(result.pop("nobody"))
        accepted, waits = ({k: v for k, v in item.items() if k in wanted} for item in result.values())
        return accepted, waits

    def remember(self, accepted: Sequence[tuple[str, str, str]]) -> None:
        """(source, id, digest) of what was accepted."""
        self._store.insert(self._connection, intake_seen, accepted)

    def held(self, holds: Collection[str]) -> dict[str, int]:
        """The first waiting row (its seq) of each hold that is taken."""
        if self.nobody or not holds:
            return {}
        return {row[0]: row[1] for row in self._query(READ_ID_LOCKS(holds=sorted(holds)))}

    def add(self, fresh: Sequence[tuple[PendingReport, frozenset[str]]]) -> None:
        """Let rows wait, each with the keys that it awaits."""
        if not fresh:
            return
        self.nobody = False
        rows = [{"source": item.source, "id": item.id, "type": item.type, "digest": item.digest, "hold": item.hold,
                 "data": json.dumps(item.data, ensure_ascii=False), "reply_to": item.reply_to, "since": item.since,
                 "code": item.code, "field": item.column, "ready": 0} for item, _ in fresh]  # fmt: skip
        result = self._connection.execute(
            sa.insert(waiting).returning(waiting.c.seq, sort_by_parameter_order=True), rows
        ).scalars()
        self._await({seq: keys for seq, (_, keys) in zip(result, fresh, strict=True)})

    def again(self, pending_report: PendingReport, keys: frozenset[str], code: str, column: str) -> None:
        """It still waits, perhaps for something else."""
        self._connection.execute(
            sa.update(waiting).where(waiting.c.seq == pending_report.seq).values(ready=0, code=code, field=column)
        )
        self._connection.execute(sa.delete(awaits).where(awaits.c.seq == pending_report.seq))
        self._await({pending_report.seq: keys})

    def _await(self, keys_of: dict[int, frozenset[str]]) -> None:
        rows = [(key, seq) for seq, keys in keys_of.items() for key in sorted(keys)]
        self._store.insert(self._connection, awaits, rows)

    def settle(self, pending_reports: Sequence[PendingReport]) -> None:
        """They wait no more."""
        seqs = [pending_report.seq for pending_report in pending_reports]
        for table in (awaits, waiting):
            for at in range(0, len(seqs), 500):
                self._connection.execute(sa.delete(table).where(table.c.seq.in_(seqs[at : at + 500])))

    def touch(self, keys: Collection[str]) -> int:
        """What they await has come: they may be decided again.  How many."""
        if self.nobody or not keys or not self._query(AWAITED(keys=sorted(keys))):
            return 0
        chosen = sa.select(awaits.c.seq).where(self._store.any_of(awaits.c.key, sorted(keys)))
        result = self._connection.execute(
            sa.update(waiting).where(waiting.c.seq.in_(chosen), waiting.c.ready == 0).values(ready=1)
        )
        self.woken += result.rowcount
        return result.rowcount

    def ready(self, limit: int) -> list[PendingReport]:
        """Those that may be decided again, oldest first."""
        return self._waiters(sa.select(waiting).where(waiting.c.ready == 1).order_by(waiting.c.seq).limit(limit))

    def of_type(self, kind: str) -> list[PendingReport]:
        return self._waiters(sa.select(waiting).where(waiting.c.type == kind).order_by(waiting.c.seq))

    def since_before(self, instant: str, limit: int) -> list[PendingReport]:
        """Those whose patience has run out."""
        query = sa.select(waiting).where(waiting.c.since < instant).order_by(waiting.c.seq).limit(limit)
        return self._waiters(query)

    def _waiters(self, query: sa.Select[tuple[object, ...]]) -> list[PendingReport]:
        return [
            PendingReport(row.source, row.id, row.type, json.loads(row.data), row.digest, row.hold, row.reply_to,
                   row.since, row.code, row.field, row.seq) for row in self._connection.execute(query)
        ]  # fmt: skip


def total(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(waiting)).scalar_one())


def unsettled(connection: Connection) -> int:
    """Rows whose turn has come and that were not decided yet."""
    query = sa.select(sa.func.count()).select_from(waiting).where(waiting.c.ready == 1)
    return int(connection.execute(query).scalar_one())


def forget(connection: Connection, person_id: str) -> None:
    """Waiting rows of a person whose data must go."""
    mine = [row.seq for row in connection.execute(sa.select(waiting.c.seq, waiting.c.data))
            if json.loads(row.data).get("person_id") == person_id]  # fmt: skip
    for table in (awaits, waiting):
        connection.execute(sa.delete(table).where(table.c.seq.in_(mine)))
