"""Reads the readings that an article or anthology has passed, and its appointed readers."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from duties.publicity import STAGES
from services.publicity.readings.projections import appointed_readers, readings


def readings_of(connection: Connection, subject: str, subject_id: str, content: str) -> list[dict[str, str]]:
    """The readings of exactly this content, in the order of stages."""
    r = readings.c
    query = sa.select(r.stage, r.reader_id, r.read_on).where(
        r.subject == subject, r.subject_id == subject_id, r.content == content, r.read_on != ""
    )
    order = {stage: at for at, stage in enumerate(STAGES)}
    return sorted((dict(row._mapping) for row in connection.execute(query)), key=lambda item: order[item["stage"]])


def with_readings(
    connection: Connection, subject: str, key: str, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Each row (its id in the column `key`) with `readings`, those that this content has passed, and `appointed`,
    reader by stage; two queries for all rows."""
    passed = _by_subject(connection, readings, subject, [row[key] for row in rows])
    named = _by_subject(connection, appointed_readers, subject, [row[key] for row in rows])
    order = {stage: at for at, stage in enumerate(STAGES)}

    def of_row(row: dict[str, Any]) -> dict[str, Any]:
        own = [each for each in passed.get(row[key], ()) if each["content"] == row["content"] and each["read_on"]]
        by_stage = [{name: each[name] for name in ("stage", "reader_id", "read_on")} for each in own]
        who = [{name: each[name] for name in ("stage", "reader_id", "appointed_on")}
               for each in named.get(row[key], ()) if each["reader_id"]]  # fmt: skip
        return row | {"readings": sorted(by_stage, key=lambda each: order[each["stage"]]),
                      "appointed": sorted(who, key=lambda each: order[each["stage"]])}  # fmt: skip

    return [of_row(row) for row in rows]


def _by_subject(
    connection: Connection, table: sa.Table, subject: str, names: list[str]
) -> dict[str, list[dict[str, Any]]]:
    result: dict[str, list[dict[str, Any]]] = {}
    wanted = column_in(table.c.subject_id, sorted(names), connection.dialect.name == "postgresql")
    for row in connection.execute(sa.select(table).where(table.c.subject == subject, wanted)) if names else ():
        result.setdefault(row.subject_id, []).append(dict(row._mapping))
    return result


def appointed_stage(connection: Connection, subject: str, subject_id: str, person_id: str) -> str:
    """The stage at which the person reads; empty if none."""
    r = appointed_readers.c
    query = sa.select(r.stage).where(r.subject == subject, r.subject_id == subject_id, r.reader_id == person_id)
    return str(connection.execute(query.limit(1)).scalar() or "") if person_id else ""


def is_appointed_reader(connection: Connection, subject: str, subject_id: str, person_id: str) -> bool:
    r = appointed_readers.c
    query = sa.select(r.stage).where(r.subject == subject, r.subject_id == subject_id, r.reader_id == person_id)
    return bool(person_id) and connection.execute(query.limit(1)).first() is not None
