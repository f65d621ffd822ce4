"""Operators' commands on quarantined messages: retry, or discard with a reason.  Each appends an event with the
operator's name."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.events import envelope
from chassis.events.definition import REGISTRY, BadEvent, UnknownEvent
from chassis.events.operator_events import QuarantineDiscarded, QuarantineRetried
from chassis.messaging import quarantine
from chassis.messaging.inbox import Inbox
from chassis.process.problems import Problem
from chassis.store.database import Store, is_transient
from chassis.store.schema import inbox as inbox_table
from chassis.store.schema import quarantine as quarantine_table
from chassis.store.unit_of_work import HANDLER_ERRORS, UnitOfWork, UnitsOfWork

PAGE = 500
RetryIntake = Callable[[Any, bytes, object, str], bool]
"""(entry, body, actor, correlation) -> whether the service accepted the quarantined report."""


class QuarantineOperations:
    """The operations of one service.  `retry_intake` handles entries of the intake, which only the service itself can
    decode."""

    def __init__(
        self, store: Store, service: str, inbox: Inbox, units_of_work: UnitsOfWork, retry_intake: RetryIntake | None
    ) -> None:
        self._store, self._service, self._inbox = store, service, inbox
        self._units_of_work, self._retry_intake = units_of_work, retry_intake

    def retry(self, actor: object, correlation: str, ids: Sequence[int] | None, code: str | None) -> dict[str, int]:
        """Retry the chosen entries in order of position, each followed by those parked behind it.  Returns the counts
        `retried` and `still` (in quarantine)."""
        retried, failed = 0, 0
        with self._store.reading() as connection:
            entries = quarantine.select_open(connection, ids, code)
            if ids is not None or code is not None:
                entries = _with_followers(connection, entries)
        for entry in entries:
            with self._store.reading() as connection:
                row = quarantine.open_entry(connection, entry.entry)
            if row is not None and self._retry_entry(actor, correlation, row):
                retried += 1
            else:
                failed += 1
        return {"retried": retried, "still": failed}

    def retry_after_upgrade(self) -> None:
        """Retry what this process could not read before an upgrade: event versions that it knows now."""
        with self._store.reading() as connection:
            unknown = quarantine.select_open(connection, code="unknown_version")
        ids = [entry.entry for entry in unknown if entry.type in REGISTRY.classes]
        for at in range(0, len(ids), PAGE):
            self.retry(f"service:{self._service}", "", ids[at : at + PAGE], None)

    def discard(self, actor: object, correlation: str, entry: int, reason: str) -> None:
        """Give an entry up.  Entries parked behind it stay, and may be retried.  Raises Problem 422 missing (no
        reason), 404."""
        if not reason.strip():
            raise Problem(422, "missing", "say why it is given up", column="reason")
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            row = quarantine.open_entry(unit_of_work.connection, entry)
            if row is None:
                raise Problem(404, "unknown_entry", f"there is no open entry {entry}")
            quarantine.close(unit_of_work.connection, entry, "discarded")
            unit_of_work.append(QuarantineDiscarded(entry, row.code, reason))

    def _retry_entry(self, actor: object, correlation: str, row: Any) -> bool:
        try:
            if row.origin == "intake":
                return self._retry_intake is not None and self._retry_intake(row, bytes(row.body), actor, correlation)
            if not row.position:  # an undecodable message or a dead letter: not a single event
                self._inbox.receive([bytes(row.body)])
            with self._units_of_work.begin(actor, correlation) as unit_of_work:
                if _has_earlier_in_stream(unit_of_work.connection, row):
                    return False
                if row.position:
                    self._apply_entry(unit_of_work, row)
                quarantine.close(unit_of_work.connection, row.entry, "retried")
                unit_of_work.append(QuarantineRetried(row.entry, row.code))
            return True
        except HANDLER_ERRORS as error:
            if is_transient(error):
                raise
            unreadable = isinstance(error, (BadEvent, UnknownEvent, envelope.BadEnvelope))
            code = "bad_event" if unreadable else "handler_failed"
            with self._store.writing() as connection:
                quarantine.failed_again(connection, row.entry, code, str(error)[:500], quarantine.trace_of(error))
            return False

    def _apply_entry(self, unit_of_work: UnitOfWork, row: Any) -> None:
        connection, table = unit_of_work.connection, inbox_table.c
        for received in envelope.decode(bytes(row.body)):
            recorded = received.event
            known = sa.select(table.id).where(
                table.source == received.source, table.partition == recorded.partition,
                table.position == recorded.position,
            )  # fmt: skip
            if connection.execute(known).scalar() is None:
                self._inbox.apply_events(connection, received.source, [(recorded.event(), recorded)], unit_of_work)


def _with_followers(connection: Any, entries: Sequence[Any]) -> list[Any]:
    taken = {row.entry for row in entries}
    streams = {(row.source, row.stream) for row in entries if row.origin == "inbox"}
    for row in quarantine.select_open(connection):
        if row.state == "parked" and (row.source, row.stream) in streams:
            taken.add(row.entry)
    return [row for row in quarantine.select_open(connection) if row.entry in taken]


def _has_earlier_in_stream(connection: Any, row: Any) -> bool:
    """Whether an earlier event of the same stream is still in quarantine."""
    table = quarantine_table
    earlier = sa.select(sa.func.count()).select_from(table).where(
        table.c.state.in_(quarantine.OPEN_STATES), table.c.source == row.source, table.c.stream == row.stream,
        table.c.origin == "inbox", table.c.position < row.position,
    )  # fmt: skip
    return bool(row.stream) and bool(connection.execute(earlier).scalar_one())
