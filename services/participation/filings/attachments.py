"""Attaches the files that a filing refers to, to its record; downloads and a unit's bundle take them from there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chassis.store.unit_of_work import UnitOfWork
from services.participation.domain.rows import RecordRow
from services.participation.evidence.domain import FILES, AttachFile, DetachFile, KeptFile, OfRecord
from services.participation.filings.domain.contents import Content


@dataclass(frozen=True)
class NamedFiles:
    """The files that a filing refers to, and its record."""

    record: OfRecord
    contents: Collection[str] = ()


def named_files_of(content: Content | None, rows: Sequence[RecordRow]) -> NamedFiles | None:
    """If a deed has several persons, the first record gets the unit's files, as files of the unit: they are about all
    of them."""
    if content is None or not rows:
        return None
    person_id = rows[0].person_id if len(rows) == 1 else ""
    return NamedFiles(OfRecord(rows[0].record_id, content.unit_id, person_id, withdrawn=False), content.evidence)


def put_files(unit_of_work: UnitOfWork, before: NamedFiles | None, after: NamedFiles, reason: str) -> None:
    """Attach the files referred to now and detach those that a correction dropped, with its reason.  A hash of a file
    that is not stored here is ignored."""
    dropped = _pairs(before) - _pairs(after)
    contents = sorted({content for content, _ in _pairs(before) | _pairs(after)})
    kept = unit_of_work.states(FILES, [f"evidence-{content}" for content in contents])
    for content, record_id in sorted(dropped):
        if before is not None and record_id in kept[f"evidence-{content}"].records:
            unit_of_work.execute(FILES, DetachFile(content, before.record, reason))
    for content in after.contents:
        if _may_bear(kept[f"evidence-{content}"], after.record):
            unit_of_work.execute(FILES, AttachFile(content, after.record))


def _pairs(named: NamedFiles | None) -> set[tuple[str, str]]:
    return {(content, named.record.record_id) for content in named.contents} if named else set()


def _may_bear(file: KeptFile, record: OfRecord) -> bool:
    received = file.units.get(record.unit_id)
    return received is not None and received.person_id in ("", record.person_id)
