"""The store of pending reports: which keys each awaits, which id it locks, and which may be decided again."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.prepared_query import PreparedQuery, QueryRunner, any_named
from chassis.store.schema import expired_reports, intake_holdings, intake_seen, pending_awaits, pending_reports


class KnownReport(NamedTuple):
    """What is stored of a (source, id).  `state`: accepted, pending or expired (pending for too long); of the last two
    also revision, column and code of the refusal."""

    state: str
    digest: str
    code: str
    column: str
    revision: int


@dataclass(frozen=True)
class PendingReport:
    """A report that awaits something.  `id_lock`: the id that it locks, so that later reports of that id are pending
    too; `publisher`: by whose rights it is decided, '' if an operator's."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    digest: str
    id_lock: str
    reply_to: str
    publisher: str
    since: str
    code: str
    column: str
    revision: int = 0
    seq: int = 0


_NOTHING: list[Any] = [sa.literal_column("''"), sa.literal_column("''"), sa.literal_column("0")]


def _known_report_queries(postgresql: bool) -> list[sa.Select[Any]]:
    return [
        sa.select(sa.literal_column(f"'{kind}'"), table.c.source, table.c.id, table.c.digest,
                  *([table.c.code, table.c.field, table.c.revision] if "revision" in table.c else _NOTHING))
        .where(any_named(table.c.source, "sources", postgresql), any_named(table.c.id, "ids", postgresql))
        for kind, table in (("accepted", intake_seen), ("pending", pending_reports), ("expired", expired_reports))
    ]  # fmt: skip


def _oldest_first() -> sa.Select[Any]:
    return sa.select(pending_reports).order_by(pending_reports.c.seq)


def _none_pending() -> sa.Select[Any]:
    nothing: list[Any] = [sa.literal_column("''")] * 3
    return sa.select(sa.literal_column("'none_pending'"), *nothing, *_NOTHING).where(
        ~sa.exists(sa.select(pending_reports.c.seq))
    )


def _id_lock_query(postgresql: bool) -> sa.Select[Any]:
    id_lock = pending_reports.c.id_lock
    wanted = any_named(id_lock, "id_locks", postgresql)
    return sa.select(id_lock, sa.func.min(pending_reports.c.seq)).where(wanted).group_by(id_lock)


DIGESTS = PreparedQuery(lambda pg: sa.union_all(*_known_report_queries(pg), _none_pending()))
"""(state, source, id, digest, code, column, revision) for those `ids` of those `sources`; ('none_pending', ...) if no
report is pending at all."""
READ_ID_LOCKS = PreparedQuery(_id_lock_query)
"""(id lock, seq of the first pending report that holds it) for those `id_locks` that are held."""
AWAITED = PreparedQuery(lambda pg: sa.select(pending_awaits).where(any_named(pending_awaits.c.key, "keys", pg)))
"""The pending reports that await any of these `keys`."""


class PendingReports:
    """The pending reports within one transaction.  `released`: the number released so far to be decided again."""

    def __init__(self, store: Store, connection: Connection, query: QueryRunner) -> None:
        self._store, self._connection, self._query = store, connection, query
        self._none_pending = False  # set by `known`: if nothing is pending, the other queries can be skipped
        self.released = 0

    def known(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], KnownReport]:
        """What is stored of these (source, id)."""
        wanted = set(names)
        if not wanted:
            return {}
        sources, ids = ({name[at] for name in wanted} for at in (0, 1))
        result: dict[tuple[str, str], KnownReport] = {}
        for state, source, report_id, *kept in self._query(DIGESTS(sources=sorted(sources), ids=sorted(ids))):
            if state == "none_pending":
                self._none_pending = True
            elif (source, report_id) in wanted and (state != "expired" or (source, report_id) not in result):
                result[source, report_id] = KnownReport(state, *kept)
        return result

    def replace(self, report: PendingReport) -> None:
        """Replace the pending report with the same source and id."""
        self._connection.execute(sa.update(pending_reports).where(pending_reports.c.seq == report.seq).values(
            type=report.type, digest=report.digest, id_lock=report.id_lock, publisher=report.publisher,
            data=json.dumps(report.data, ensure_ascii=False), since=report.since, revision=report.revision,
        ))  # fmt: skip

    def remember_expired(self, source: str, report_id: str, digest: str, column: str, code: str, revision: int,
                         person_id: str) -> None:  # fmt: skip
        """Record that a report was pending for too long; it is refused when it is sent again."""
        self.forget_expired(source, report_id)
        self._connection.execute(sa.insert(expired_reports).values(
            source=source, id=report_id, digest=digest, field=column, code=code, revision=revision,
            person_id=person_id))  # fmt: skip

    def forget_expired(self, source: str, report_id: str) -> None:
        of_report = sa.and_(expired_reports.c.source == source, expired_reports.c.id == report_id)
        self._connection.execute(sa.delete(expired_reports).where(of_report))

    def remember(self, accepted: Sequence[tuple[str, str, str, str]]) -> None:
        """Record accepted reports: (source, id, digest, person)."""
        self._store.insert(self._connection, intake_seen, accepted)

    def locked(self, id_locks: Collection[str]) -> dict[str, int]:
        """Of each lock that is held, the seq of the first pending report that holds it."""
        if self._none_pending or not id_locks:
            return {}
        return {row[0]: row[1] for row in self._query(READ_ID_LOCKS(id_locks=sorted(id_locks)))}

    def add(self, fresh: Sequence[tuple[PendingReport, frozenset[str]]]) -> None:
        """Add pending reports, each with the keys that it awaits."""
        if not fresh:
            return
        self._none_pending = False
        rows = [{"source": report.source, "id": report.id, "type": report.type, "digest": report.digest,
                 "id_lock": report.id_lock, "data": json.dumps(report.data, ensure_ascii=False),
                 "reply_to": report.reply_to, "publisher": report.publisher, "since": report.since,
                 "code": report.code, "field": report.column, "revision": report.revision,
                 "ready": 0} for report, _ in fresh]  # fmt: skip
        result = self._connection.execute(
            sa.insert(pending_reports).returning(pending_reports.c.seq, sort_by_parameter_order=True), rows
        ).scalars()
        self._await({seq: keys for seq, (_, keys) in zip(result, fresh, strict=True)})

    def keep_pending(self, pending_report: PendingReport, keys: frozenset[str], code: str, column: str) -> None:
        """Keep a report pending, for keys that may differ from before."""
        self._connection.execute(
            sa.update(pending_reports)
            .where(pending_reports.c.seq == pending_report.seq)
            .values(ready=0, code=code, field=column)
        )
        self._connection.execute(sa.delete(pending_awaits).where(pending_awaits.c.seq == pending_report.seq))
        self._await({pending_report.seq: keys})

    def _await(self, keys_of: dict[int, frozenset[str]]) -> None:
        rows = [(key, seq) for seq, keys in keys_of.items() for key in sorted(keys)]
        self._store.insert(self._connection, pending_awaits, rows)

    def remove(self, decided: Sequence[PendingReport]) -> None:
        """Delete reports that were decided."""
        seqs = [pending_report.seq for pending_report in decided]
        for table in (pending_awaits, pending_reports):
            for at in range(0, len(seqs), 500):
                self._connection.execute(sa.delete(table).where(table.c.seq.in_(seqs[at : at + 500])))

    def release(self, keys: Collection[str]) -> int:
        """Mark the reports that await any of these keys to be decided again; returns how many."""
        if self._none_pending or not keys or not self._query(AWAITED(keys=sorted(keys))):
            return 0
        chosen = sa.select(pending_awaits.c.seq).where(self._store.column_in(pending_awaits.c.key, sorted(keys)))
        released = self._connection.execute(
            sa.update(pending_reports)
            .where(pending_reports.c.seq.in_(chosen), pending_reports.c.ready == 0)
            .values(ready=1)
        ).rowcount
        self.released += released
        return released

    def ready(self, limit: int) -> list[PendingReport]:
        """Reports to be decided again, oldest first."""
        return self._reports(_oldest_first().where(pending_reports.c.ready == 1).limit(limit))

    def of_type(self, kind: str) -> list[PendingReport]:
        return self._reports(_oldest_first().where(pending_reports.c.type == kind))

    def of_publisher(self, name: str) -> list[PendingReport]:
        return self._reports(_oldest_first().where(pending_reports.c.publisher == name))

    def named(self, source: str, report_id: str) -> PendingReport | None:
        """The pending report with that source and id; None if there is none."""
        of_report = sa.and_(pending_reports.c.source == source, pending_reports.c.id == report_id)
        return next(iter(self._reports(sa.select(pending_reports).where(of_report))), None)

    def pending_before(self, instant: str, limit: int) -> list[PendingReport]:
        """Reports pending since before that instant, oldest first."""
        return self._reports(_oldest_first().where(pending_reports.c.since < instant).limit(limit))

    def _reports(self, query: sa.Select[Any]) -> list[PendingReport]:
        return [
            PendingReport(row.source, row.id, row.type, json.loads(row.data), row.digest, row.id_lock, row.reply_to,
                          row.publisher, row.since, row.code, row.field, row.revision, row.seq)
            for row in self._connection.execute(query)
        ]  # fmt: skip


def pending_count(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(pending_reports)).scalar_one())


def pending_by_publisher(connection: Connection) -> dict[str, int]:
    """The number of pending reports by publisher."""
    publisher = pending_reports.c.publisher
    rows = connection.execute(sa.select(publisher, sa.func.count()).group_by(publisher))
    return {row[0]: row[1] for row in rows}


def ready_count(connection: Connection) -> int:
    """The number of reports that may be decided again and have not been yet."""
    query = sa.select(sa.func.count()).select_from(pending_reports).where(pending_reports.c.ready == 1)
    return int(connection.execute(query).scalar_one())


def erase(connection: Connection, person_id: str) -> int:
    """Delete a person's pending reports, and the digests of their accepted ones; returns how many reports.  The digests
    go because their key is in the same store: a guessed name could be tested against them."""
    for table in (intake_seen, intake_holdings):
        connection.execute(sa.update(table).where(table.c.person_id == person_id).values(digest=""))
    connection.execute(sa.delete(expired_reports).where(expired_reports.c.person_id == person_id))
    mine = [row.seq for row in connection.execute(sa.select(pending_reports.c.seq, pending_reports.c.data))
            if names_person(json.loads(row.data), person_id)]  # fmt: skip
    for table in (pending_awaits, pending_reports):
        connection.execute(sa.delete(table).where(table.c.seq.in_(mine)))
    return len(mine)


def names_person(data: Mapping[str, str], person_id: str) -> bool:
    """Whether a report is about the person: a cell is their id, or an id in the row contains it."""
    return any(person_id == cell or person_id in cell.split("/") for cell in data.values())
