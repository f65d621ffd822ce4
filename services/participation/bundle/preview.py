"""What a unit's bundle of a semester would contain, counted without reading files; and for which units the caller may
order one."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from services.participation.bundle.contents import in_order, of_semester
from services.participation.campaign.queries import campaign_in_force
from services.participation.evidence.projections import evidence_files, evidence_records
from services.participation.records.projections import records
from services.participation.registry.identity import subjects_of_units
from services.participation.registry.queries import all_units
from services.registry import rights


def units_for(connection: Connection, actor: Actor) -> list[dict[str, str]]:
    """Id and name of the units whose bundles the caller may order."""
    listed = all_units(connection)
    subjects = subjects_of_units(connection, [unit["unit_id"] for unit in listed])
    return [
        {"unit_id": unit["unit_id"], "name": unit["name"]}
        for unit in listed
        if rights.may(actor, rights.MAKE_BUNDLE, subjects[unit["unit_id"]])
    ]


def semesters_until(connection: Connection, today: date) -> list[dict[str, str]]:
    """The semesters of the campaign that have begun, newest first."""
    stored = campaign_in_force(connection)
    if stored is None or not stored.rules.semesters:
        return []
    listed = stored.rules.semesters.between(stored.rules.starts_on, today.toordinal())
    return [
        {"semester": each.id, "from": date.fromordinal(each.start).isoformat(),
         "to": date.fromordinal(each.end - 1).isoformat()}
        for each in reversed(listed)
    ]  # fmt: skip


def counts_of(connection: Connection, unit_id: str, semester: str) -> list[dict[str, Any]]:
    """By task in the order of the task list: numbers of records, of those with a file, of files, and their bytes;
    without private files.  Problem 404."""
    stored, where = of_semester(connection, unit_id, semester)
    item, link, held = records.c, evidence_records.c, evidence_files.c
    put_to = sa.and_(link.record_id == item.record_id, link.detached_at == "")
    of_link = sa.and_(
        held.content == link.content, held.unit_id == link.unit_id, held.discarded_at == "", held.private == 0
    )
    query = sa.select(
        item.kind,
        sa.func.count(sa.distinct(item.record_id)).label("records"),
        sa.func.count(sa.distinct(sa.case((held.content.is_not(None), item.record_id)))).label("with_files"),
        sa.func.count(held.content).label("files"),
        sa.func.coalesce(sa.func.sum(held.size), 0).label("bytes"),
    )
    joined = records.outerjoin(evidence_records, put_to).outerjoin(evidence_files, of_link)
    rows = connection.execute(query.select_from(joined).where(where).group_by(item.kind)).all()
    place, title = in_order(stored)
    return [
        {"kind": row.kind, "duty": title(row.kind), "records": row.records, "with_files": row.with_files,
         "files": row.files, "bytes": int(row.bytes)}
        for row in sorted(rows, key=lambda row: (place(row.kind), row.kind))
    ]  # fmt: skip
