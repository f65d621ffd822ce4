"""Returns filings: by the post that should confirm it, or, though it counts, by the office that collects it; and
reports that count without a filing (imported, or sent by another system), for which a filing is created."""

import hashlib
from typing import Final

from chassis.process.problems import Problem
from services.participation.batch.handlers import load_ledger, release_pending_reports, submit_rows
from services.participation.domain import Accepted
from services.participation.domain.digests import readable
from services.participation.domain.rows import RecordRow, ReportedCorrection
from services.participation.domain.states import Record
from services.participation.evidence.queries import files_of_records
from services.participation.filings import handlers
from services.participation.filings.domain.contents import Content, event_cells
from services.participation.filings.domain.filing import DraftFiling, RecallFiling, SubmitFiling
from services.participation.filings.handlers import FilingTransaction
from services.participation.filings.permissions import may_recall, subject_of
from services.registry import rights

UNKNOWN_RECORD: Final = Problem(404, "unknown_record", "没有这一条填报记录。")
OF_RECORD: Final = "record-"
"""Prefix of the ids of filings that were created for a record."""


def return_filing(act: FilingTransaction, filing_id: str, revision: int, reason: str) -> bool:
    """Return a filing that awaits the caller's confirmation; or one that counts, of the kinds collected by the
    supervision office, by that office: its records do not count until it is submitted again.  Problem 403, 404, 409."""
    state = act.known(filing_id)
    if not may_recall(act.connection, act.actor, act.rules, state):
        return handlers.return_filing(act, filing_id, revision, reason)
    content = act.content(state)
    act.unit_of_work.act_as(
        rights.require(act.actor, rights.RETURN_REPORT, subject_of(act.connection, content.unit_id))
    )
    if not act.execute(RecallFiling(filing_id, revision, reason)):
        return False
    act.count(filing_id, content, None, reason, for_now=True)
    return True


def return_record(act: FilingTransaction, record_id: str, reason: str) -> str:
    """Return a record without a filing: it no longer counts, and the new filing is a task of its unit, to be changed
    and submitted.  Returns the filing's id.  Problem 403, 404, 409."""
    record = _require_record(act, record_id)
    event = record.event
    act.unit_of_work.act_as(rights.require(act.actor, rights.RETURN_REPORT, subject_of(act.connection, event.unit_id)))
    filing_id = f"{OF_RECORD}{hashlib.sha256(record_id.encode()).hexdigest()[:24]}"
    if record.voided or record.withdrawal is not None:
        raise Problem(409, "not_now", "这一条已经不算完成，不能再退回。")
    if event.kind not in {duty.record for duty in act.rules.collected_duties} or event.person_id:
        raise Problem(409, "not_now", "只有由督查室收取的汇报可以退回。")
    _void(act, record_id, reason)
    kind, content = act.kind(event.kind), _content(act, record.row, event.unit_id)
    draft = DraftFiling(filing_id, 0, filing_id, event.kind, event.unit_id, False, event_cells(content, kind, None))
    for command in (draft, SubmitFiling(filing_id, 0, "", act.rules.id, act.rules.version),
                    RecallFiling(filing_id, 0, reason)):  # fmt: skip
        act.execute(command)
    return filing_id


def _require_record(act: FilingTransaction, record_id: str) -> Record:
    """The record.  Problem 403, 404; also if it belongs to a filing, which is returned instead."""
    row = ReportedCorrection("record_voided", (record_id,), (), "")
    record = load_ledger(act.unit_of_work, [row]).records.get(record_id)
    if record is None or record_id.startswith("filing-"):
        raise rights.RETURN_REPORT.absent(act.actor, UNKNOWN_RECORD)
    return record


def _void(act: FilingTransaction, record_id: str, reason: str) -> None:
    (decision,) = submit_rows(
        act.unit_of_work, [ReportedCorrection("record_voided", (record_id,), (), reason)], act.rules
    )
    if not isinstance(decision, Accepted):
        raise Problem(409, "not_now", "这一条现在不能退回。")
    release_pending_reports(act.unit_of_work, decision.events)


def _content(act: FilingTransaction, row: RecordRow, unit_id: str) -> Content:
    """The content of the record, with its attached files."""
    files = [file.content for file in files_of_records(act.connection, [row.record_id])]
    title, sha256 = (readable(text, "", None) for text in (row.title, row.content_sha256))
    return Content(row.record, unit_id, (), row.occurred_at, row.period, title, sha256, tuple(files))
