"""Loads from the registry what a unit's own file refers to: who serves there, and which records its rows may be."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.store import event_log, subject_keys
from chassis.store.unit_of_work import UnitOfWork
from services.participation.domain import Ledger
from services.participation.imports.accepted_rows import AcceptedRows
from services.participation.imports.unit_rows import KnownRecord, Member, RecordKey
from services.participation.records.projections import records
from services.participation.registry.projections import memberships, units


def unit_name(connection: Connection, unit_id: str) -> str:
    return str(connection.scalar(sa.select(units.c.name).where(units.c.unit_id == unit_id)) or "")


def members_of(connection: Connection, unit_id: str) -> list[Member]:
    """Everybody who ever served in the unit."""
    table = memberships.c
    query = sa.select(memberships).where(table.unit_id == unit_id, table.voided == 0)
    rows = connection.execute(query.order_by(table.person_id, table.since)).all()
    keys = subject_keys.existing_keys(connection, {row.person_id for row in rows})
    return [Member(row.person_id, decipher(row.name, row.person_id, keys.get(row.person_id)) or "", row.since,
                   row.until) for row in rows]  # fmt: skip


def members_accepted(unit_of_work: UnitOfWork, unit_id: str, accepted: AcceptedRows) -> Iterable[Member]:
    """Those whom a dry run has made members of the unit so far."""
    ledger, streams = Ledger(), accepted.person_streams()
    ledger.fold(unit_of_work.load(streams))
    stored = {(person_id, each.unit_id, each.since) for person_id, person in ledger.people.items()
              for each in person.memberships}  # fmt: skip
    ledger.fold(accepted.load(streams))
    keys = subject_keys.existing_keys(unit_of_work.connection, ledger.people)
    for person_id, person in ledger.people.items():
        for each in person.memberships:
            if each.unit_id == unit_id and (person_id, unit_id, each.since) not in stored:
                name = decipher(each.name, person_id, accepted.key_of(person_id, keys)) or ""
                yield Member(person_id, name, each.since, each.until)


def records_like(connection: Connection, keys: Iterable[RecordKey]) -> list[KnownRecord]:
    """The records of these persons and units on these days, whatever their titles."""
    wanted, table = list(keys), records.c
    persons = sorted({key.person_id for key in wanted if key.person_id})
    unit_ids = sorted({key.unit_id for key in wanted if key.unit_id})
    days = sorted({key.day for key in wanted if key.day})
    if not days:
        return []
    whose = sa.or_(table.person_id.in_(persons), sa.and_(table.person_id == "", table.unit_id.in_(unit_ids)))
    rows = connection.execute(sa.select(records).where(whose, table.day.in_(days)).order_by(table.record_id)).all()
    secrets = subject_keys.existing_keys(connection, persons)
    undone = _undone(connection, [row.record_id for row in rows if row.withdrawn_at])
    return [
        KnownRecord(
            row.record_id,
            RecordKey(row.person_id, "" if row.person_id else row.unit_id, row.kind, row.day,
                      decipher(row.title, row.person_id, secrets.get(row.person_id)) or ""),
            bool(row.withdrawn_at), row.record_id in undone,
        )
        for row in rows
    ]  # fmt: skip


def _undone(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Those voided by undoing an import, and not changed since."""
    last = {each.stream: each.correlation
            for each in event_log.streams(connection, [f"record-{record_id}" for record_id in record_ids])}  # fmt: skip
    return {stream.partition("-")[2] for stream, correlation in last.items() if correlation.startswith("undo-")}
