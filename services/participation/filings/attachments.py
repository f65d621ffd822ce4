"""Puts the files that a filing names to its record, by which downloads and the bundle of a unit have them."""

from collections.abc import Collection

from chassis.store.unit_of_work import UnitOfWork
from services.participation.evidence.domain import FILES, AttachFile, OfRecord


def attach_files(unit_of_work: UnitOfWork, record: OfRecord, contents: Collection[str]) -> None:
    """Those that are kept of the record's unit and person; a hash of a file that is not kept here stays a name."""
    kept = unit_of_work.states(FILES, [f"evidence-{content}" for content in contents])
    for content in contents:
        file = kept[f"evidence-{content}"].units.get(record.unit_id)
        if file is not None and file.person_id in ("", record.person_id):
            unit_of_work.execute(FILES, AttachFile(content, record))
