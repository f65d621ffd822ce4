"""The contents of a unit's bundle: its records of the semester in the order of the task list, with their files."""

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.store import event_log, subject_keys
from services.participation.campaign.queries import StoredCampaign, campaign_in_force
from services.participation.evidence.file_types import ENDINGS
from services.participation.evidence.queries import files_of_records, named_files
from services.participation.records.projections import records
from services.participation.registry.projections import units


def of_semester(connection: Connection, unit_id: str, semester: str) -> tuple[StoredCampaign, Any]:
    """The campaign in force, and the SQL condition for the unit's records of the semester.  Problem 404."""
    stored = campaign_in_force(connection)
    named = stored.rules.semesters.named(semester) if stored else None
    if stored is None or named is None:
        raise Problem(404, "no_semester", f"活动方案中没有学期 {semester[:40]}。", column="semester")
    item = records.c
    first, last = _days(stored, semester)
    return stored, sa.and_(item.unit_id == unit_id, item.withdrawn_at == "", item.day >= first, item.day <= last)


def in_order(stored: StoredCampaign) -> tuple[Callable[[str], int], Callable[[str], str]]:
    """Sort key and title for a kind of records, by the task list."""
    duties = {duty["record"]: (at, duty) for at, duty in enumerate(stored.document["duties"]) if "record" in duty}

    forms = {form["id"]: form.get("title") for form in stored.document.get("records") or ()}

    def title(kind: str) -> str:
        return str((duties[kind][1].get("title") if kind in duties else None) or forms.get(kind) or kind)

    return lambda kind: duties[kind][0] if kind in duties else len(duties), title


def contents_of(connection: Connection, unit_id: str, semester: str) -> dict[str, Any]:
    """The contents as data; without private files and titles of persons' works.  Problem 404."""
    stored, where = of_semester(connection, unit_id, semester)
    first, last = _days(stored, semester)
    place, title = in_order(stored)
    rows = connection.execute(sa.select(records).where(where)).all()
    rows = sorted(rows, key=lambda row: (place(row.kind), row.kind, row.day, row.record_id))
    files = _files(connection, [row.record_id for row in rows])
    return {
        "unit_id": unit_id, "unit": name_of(connection, unit_id), "semester": semester,
        "campaign": stored.rules.title, "from": first, "to": last,
        "records": [
            {"record_id": row.record_id, "kind": row.kind, "person_id": row.person_id, "day": row.day,
             "period": row.period, "duty": title(row.kind),
             "title": "" if row.person_id else row.title, "files": files.get(row.record_id, [])}
            for row in rows
        ],
    }  # fmt: skip


def name_of(connection: Connection, unit_id: str) -> str:
    return connection.execute(sa.select(units.c.name).where(units.c.unit_id == unit_id)).scalar() or unit_id


def _days(stored: StoredCampaign, semester: str) -> tuple[str, str]:
    named = stored.rules.semesters.named(semester)
    assert named
    return date.fromordinal(named.start).isoformat(), date.fromordinal(named.end - 1).isoformat()


def _files(connection: Connection, record_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    result: dict[str, list[dict[str, Any]]] = {}
    if not record_ids:
        return result
    rows = [row for row in files_of_records(connection, record_ids) if not row.private]
    streams = sorted({f"evidence-{row.content}" for row in rows})
    logged: dict[str, list[dict[str, Any]]] = {}
    for event in event_log.streams(connection, streams):
        place = {"type": event.type, "partition": event.partition, "position": event.position, "hash": event.hash}
        logged.setdefault(event.stream, []).append(place)
    keys = subject_keys.existing_keys(connection, {row.person_id for row in rows} - {""})
    for row, about in zip(rows, named_files(connection, rows), strict=True):
        result.setdefault(row.record_id, []).append({
            "content": row.content, "name": about["name"], "media_type": row.media_type, "size": row.size,
            "uploaded": about["uploaded"], "ending": ENDINGS[row.media_type],
            "key": keys[row.person_id].hex() if row.person_id in keys else "",
            "events": logged[f"evidence-{row.content}"]})  # fmt: skip
    return result
