"""What operators do with quarantine: try again, give up with a reason; each is an event with their name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.events import envelope
from chassis.events.definition import BadEvent, UnknownEvent
from chassis.events.operator_events import QuarantineDiscarded, QuarantineRetried
from chassis.messaging import quarantine
from chassis.process.problems import Problem
from chassis.store.database import is_transient
from chassis.store.schema import inbox
from chassis.store.schema import quarantine as quarantine_table
from chassis.store.unit_of_work import HANDLER_ERRORS, UnitOfWork

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime


def retry(
    runtime: "ServiceRuntime", actor: object, correlation: str, ids: Sequence[int] | None, code: str | None
) -> dict[str, int]:
    """Try the chosen entries again in the order of their positions; what was parked behind one follows it."""
    retried, still = 0, 0
    with runtime.store.reading() as connection:
        entries = quarantine.chosen(connection, ids, code)
        if ids is not None or code is not None:
            entries = _with_followers(connection, entries)
    for entry in entries:
        with runtime.store.reading() as connection:
            row = quarantine.standing(connection, entry.entry)
        if row is not None and _retry_one(runtime, actor, correlation, row):
            retried += 1
        else:
            still += 1
    return {"retried": retried, "still": still}


def after_an_upgrade(runtime: "ServiceRuntime") -> None:
    """Try again what this process could not read before its upgrade: versions of events that it knows now."""
    with runtime.store.reading() as connection:
        ids = [
            item.entry for item in quarantine.chosen(connection, code="unknown_version") if item.type in runtime.known
        ]
    for at in range(0, len(ids), 500):
        retry(runtime, f"service:{runtime.service}", "", ids[at : at + 500], None)


def _with_followers(connection: Any, entries: Sequence[Any]) -> list[Any]:
    taken = {row.entry for row in entries}
    streams = {(row.source, row.stream) for row in entries if row.origin == "inbox"}
    for row in quarantine.chosen(connection):
        if row.state == "parked" and (row.source, row.stream) in streams:
            taken.add(row.entry)
    return [row for row in quarantine.chosen(connection) if row.entry in taken]


def _retry_one(runtime: "ServiceRuntime", actor: object, correlation: str, row: Any) -> bool:
    try:
        if row.origin == "intake":
            return runtime.retry_intake(row, bytes(row.body), actor, correlation)
        if not row.position:  # a message that could not be read, or that the broker gave up: not one known event
            runtime.inbox.receive([bytes(row.body)])
        with runtime.unit_of_work(actor, correlation) as work:
            if _blocked(work.connection, row):
                return False
            if row.position:
                _take_in_again(runtime, work, row)
            quarantine.close(work.connection, row.entry, "retried")
            work.append(QuarantineRetried(row.entry, row.code))
        return True
    except HANDLER_ERRORS as error:
        if is_transient(error):
            raise
        code = "bad_event" if isinstance(error, (BadEvent, UnknownEvent, envelope.BadEnvelope)) else "handler_failed"
        with runtime.store.writing() as connection:
            quarantine.failed_again(connection, row.entry, code, str(error)[:500], quarantine.trace_of(error))
        return False


def _blocked(connection: Any, row: Any) -> bool:
    """Whether an earlier event of the same stream still stands."""
    table = quarantine_table
    earlier = sa.select(sa.func.count()).select_from(table).where(
        table.c.state.in_(quarantine.STANDING), table.c.source == row.source, table.c.stream == row.stream,
        table.c.origin == "inbox", table.c.position < row.position,
    )  # fmt: skip
    return bool(row.stream) and bool(connection.execute(earlier).scalar_one())


def _take_in_again(runtime: "ServiceRuntime", work: UnitOfWork, row: Any) -> None:
    for arrived in envelope.decode(bytes(row.body)):
        about = arrived.event
        seen = sa.select(inbox.c.id).where(
            inbox.c.source == arrived.source, inbox.c.partition == about.partition, inbox.c.position == about.position
        )
        if work.connection.execute(seen).scalar() is None:
            runtime.inbox.take_in(work.connection, arrived.source, [(about.event(), about)], work)


def discard(runtime: "ServiceRuntime", actor: object, correlation: str, entry: int, reason: str) -> None:
    """Give an entry up.  What was parked behind it stays, and may be tried again now."""
    if not reason.strip():
        raise Problem(422, "missing", "say why it is given up", column="reason")
    with runtime.unit_of_work(actor, correlation) as work:
        row = quarantine.standing(work.connection, entry)
        if row is None:
            raise Problem(404, "unknown_entry", f"nothing stands under {entry}")
        quarantine.close(work.connection, entry, "discarded")
        work.append(QuarantineDiscarded(entry, row.code, reason))
