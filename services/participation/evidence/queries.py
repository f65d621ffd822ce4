"""Reads files: whose they are, and who may read them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from services.participation.evidence.domain import OfRecord
from services.participation.evidence.films import reads_film, shown_films
from services.participation.evidence.projections import evidence_files, evidence_records
from services.participation.findings.permissions import reads_file_of_finding
from services.participation.records.projections import records
from services.participation.registry.identity import subjects_of_units
from services.participation.registry.projections import memberships
from services.registry import rights
from services.registry.rights import Subject


class ReadableFile(NamedTuple):
    """A file for one reader."""

    content: str
    person_id: str
    name: str
    media_type: str
    size: int


def bytes_of_unit(connection: Connection, unit_id: str) -> int:
    """The total size of the unit's files."""
    held = evidence_files.c
    query = sa.select(sa.func.coalesce(sa.func.sum(held.size), 0))
    return int(connection.execute(query.where(held.unit_id == unit_id, held.discarded_at == "")).scalar_one())


def readable_file(connection: Connection, actor: Actor, content: str) -> ReadableFile | None:
    """The file if the caller may read it for any unit, record, finding or video that has it; None: not, or there is
    none."""
    held = evidence_files.c
    rows = connection.execute(sa.select(evidence_files).where(held.content == content, held.discarded_at == "")).all()
    links = _links(connection, [content])
    units = subjects_of_units(connection, {row.unit_id for row in rows})
    for row in rows:
        people = {row.person_id, *(link.person_id for link in links if link.unit_id == row.unit_id)}
        if any(may_read(actor, row, replace(units[row.unit_id], person_id=person)) for person in people):
            return _readable_file(connection, row)
    of_units = (row for row in rows if not row.person_id)
    shown = (
        row for row in of_units
        if reads_file_of_finding(connection, actor, content, row.unit_id)
        or reads_film(connection, actor, content, row.unit_id)
    )  # fmt: skip
    return next((_readable_file(connection, row) for row in shown), None)


def _readable_file(connection: Connection, row: Any) -> ReadableFile:
    name = named_files(connection, [row])[0]["name"]
    return ReadableFile(row.content, row.person_id, name, row.media_type, row.size)


def may_read(actor: Actor, row: Any, subject: Subject) -> bool:
    """A private file may be read by its person only."""
    if row.private:
        return rights.may(actor, rights.READ_OWN_EVIDENCE, Subject(person_id=row.person_id))
    return rights.may(actor, rights.SEE_EVIDENCE, subject)


def files_of_unit(connection: Connection, unit_id: str, after: str, limit: int) -> list[Any]:
    """Rows of the unit's files after the address `after`, ordered by address."""
    held = evidence_files.c
    query = sa.select(evidence_files).where(held.unit_id == unit_id, held.discarded_at == "", held.content > after)
    return list(connection.execute(query.order_by(held.content).limit(limit)))


def files_of_records(connection: Connection, record_ids: Sequence[str]) -> list[Any]:
    """Rows of the files attached to these records, each with its `record_id`, in the order of attaching."""
    held, link = evidence_files.c, evidence_records.c
    on = sa.and_(held.content == link.content, held.unit_id == link.unit_id)
    query = sa.select(evidence_files, link.record_id, link.attached_at, link.person_id.label("record_person"))
    query = query.join_from(evidence_records, evidence_files, on)
    query = query.where(link.record_id.in_(list(record_ids)), link.detached_at == "", held.discarded_at == "")
    return list(connection.execute(query.order_by(link.record_id, link.attached_at, link.content)))


def named_files(connection: Connection, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows with names and hashes decrypted, and the records that each file is attached to."""
    keys = subject_keys.existing_keys(connection, {row.person_id for row in rows} - {""})
    links: dict[tuple[str, str], list[str]] = {}
    for link in _links(connection, [row.content for row in rows]):
        links.setdefault((link.content, link.unit_id), []).append(link.record_id)
    return [
        {"content": row.content, "unit_id": row.unit_id, "person_id": row.person_id, "private": bool(row.private),
         "name": _decrypt(row.name, row, keys), "media_type": row.media_type, "size": row.size,
         "uploaded": _decrypt(row.uploaded, row, keys), "received_at": row.received_at,
         "records": links.get((row.content, row.unit_id), [])}
        for row in rows
    ]  # fmt: skip


def files_by_content(connection: Connection, unit_id: str, contents: Collection[str]) -> list[Any]:
    """Rows of the unit's files among these addresses."""
    held = evidence_files.c
    query = sa.select(evidence_files).where(held.unit_id == unit_id, held.discarded_at == "")
    return list(connection.execute(query.where(held.content.in_(sorted(contents)))))


def readable_files(connection: Connection, actor: Actor, rows: Sequence[Any], subject: Subject) -> list[dict[str, Any]]:
    """Those of the rows that the caller may read, of a unit's record or of a person's (`subject`)."""
    shown = [
        row for row in rows if may_read(actor, row, replace(subject, person_id=row.person_id or subject.person_id))
    ]
    return named_files(connection, shown)


def record_of(connection: Connection, record_id: str) -> OfRecord | None:
    row = connection.execute(sa.select(records).where(records.c.record_id == record_id)).one_or_none()
    return None if row is None else OfRecord(record_id, row.unit_id, row.person_id, bool(row.withdrawn_at))


def units_of(connection: Connection, person_id: str, day: str) -> list[str]:
    """Where a person serves on a day."""
    member = memberships.c
    serves = sa.and_(member.voided == 0, member.since <= day, sa.or_(member.until == "", member.until > day))
    query = sa.select(member.unit_id).where(member.person_id == person_id, serves)
    return sorted(set(connection.execute(query).scalars()))


def unused_since(connection: Connection, before: str) -> list[Any]:
    """Rows of units' files received before then that are attached to no record and are no video's film.  Not of
    persons: references to those may be encrypted."""
    held, link = evidence_files.c, evidence_records.c
    used = sa.exists().where(link.content == held.content, link.unit_id == held.unit_id, link.detached_at == "")
    film = sa.exists().where(shown_films.c.content == held.content, shown_films.c.unit_id == held.unit_id)
    query = sa.select(evidence_files).where(held.discarded_at == "", held.received_at < before, ~used, ~film)
    query = query.where(held.person_id == "")
    return list(connection.execute(query))


def _links(connection: Connection, contents: Sequence[str]) -> list[Any]:
    link = evidence_records.c
    wanted = link.content.in_(sorted(set(contents)))
    query = sa.select(evidence_records).where(wanted, link.detached_at == "").order_by(link.record_id)
    return list(connection.execute(query))


def _decrypt(text: str, row: Any, keys: Mapping[str, bytes]) -> str:
    return decipher(text, row.person_id, keys.get(row.person_id)) or "" if row.person_id else text
