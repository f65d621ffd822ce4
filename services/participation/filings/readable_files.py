"""The files of filings that a reader may open: those that a filing refers to, and those attached to its record
later."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from chassis.process.tokens import Actor
from chassis.store import event_log
from contracts.filings import FilingCorrected, FilingDrafted
from services.participation.evidence.queries import files_by_content, files_of_records, readable_files
from services.participation.filings.domain.contents import Content
from services.participation.filings.permissions import subject_of

ShownFile = dict[str, Any]
_SHOWN = ("content", "name", "media_type", "size", "private")


def files_of_filing(connection: Connection, actor: Actor, content: Content, record_id: str) -> list[ShownFile]:
    """In the order of the form; then those attached later, by name."""
    subject = subject_of(connection, content.unit_id, content.person_id)
    rows = {row.content: row for row in files_by_content(connection, content.unit_id, content.evidence)}
    named = [rows[each] for each in content.evidence if each in rows]
    later = [row for row in files_of_records(connection, [record_id]) if row.content not in rows] if record_id else []
    added = sorted(readable_files(connection, actor, later, subject), key=lambda file: (file["name"], file["content"]))
    return [{name: file[name] for name in _SHOWN} | {"later": file["content"] not in rows}
            for file in (*readable_files(connection, actor, named, subject), *added)]  # fmt: skip


def files_of_page(
    connection: Connection, actor: Actor, filings: Sequence[dict[str, Any]]
) -> dict[str, list[ShownFile]]:
    """Filing -> the files that it refers to, for a page of a list."""
    named: dict[str, tuple[str, ...]] = {}
    for each in event_log.streams(connection, [f"filing-{filing['filing_id']}" for filing in filings]):
        event = each.event()
        if isinstance(event, FilingDrafted | FilingCorrected):
            named[event.filing_id] = tuple(event.evidence)
    contents = {(filing["unit_id"], content) for filing in filings for content in named.get(filing["filing_id"], ())}
    rows = {}
    for unit_id in {unit_id for unit_id, _ in contents}:
        of_unit = [content for unit, content in contents if unit == unit_id]
        rows.update({(unit_id, row.content): row for row in files_by_content(connection, unit_id, of_unit)})
    result = {}
    for filing in filings:
        subject = subject_of(connection, filing["unit_id"], filing["person_id"])
        mine = [rows[key] for each in named.get(filing["filing_id"], ()) if (key := (filing["unit_id"], each)) in rows]
        files = readable_files(connection, actor, mine, subject)
        result[filing["filing_id"]] = [{name: file[name] for name in _SHOWN} | {"later": False} for file in files]
    return result
