"""Reactions to publicity: what it selected, published and compiled becomes records, by the same rules as a row.

Ids are derived from the cause (`publicity-article-<id>`), so a repetition changes nothing; a take-down withdraws the
record, and one that turned out wrong restores it."""

from collections.abc import Iterator, Sequence
from typing import Any

from chassis.events.definition import Event
from chassis.events.operator_events import ReactionRefused
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from contracts import articles, publicity
from contracts.corrections import RecordCorrected
from duties.campaign import Campaign
from duties.days import day_of
from services.participation.batch.handlers import load_ledger, release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.corrections.domain import RESTORE, WHOLE
from services.participation.domain import Accepted, Refused, Row, reserved_ids, row_of
from services.participation.domain.cells import moment_of
from services.participation.domain.rows import CorrectionRow, WithdrawalRow
from services.participation.domain.states import Record

DEEDS = (publicity.WorkSelected, articles.ArticlePublished, publicity.AnthologyCompiled, publicity.VideoPublished)
RETRACTIONS = (publicity.WorkDeselected, articles.ArticleTakenDown, publicity.AnthologyTakenDown,
               publicity.VideoWithdrawn)  # fmt: skip
RESTORATIONS = (articles.TakeDownDisproved,)
STILL_PUBLIC = "撤稿未实：公众号上仍可看到"


def record_publicity_deeds(unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Reaction: each deed becomes a record of the kind in the campaign's `publicity.deeds`; without one nothing."""
    rules = rules_in_force(unit_of_work)
    if rules is None:
        return
    accepted: list[Event] = []
    for row, unit_id, event, recorded in _rows_of(batch, rules):
        ledger = load_ledger(unit_of_work, [row])
        wanted = row if isinstance(event, DEEDS) else _change_of(ledger.records.get(_record_id(event, unit_id)), row)
        if wanted is None:
            continue
        match submit_rows(unit_of_work, [wanted], rules, causation=recorded.id)[0]:
            case Accepted(events=events):
                accepted.extend(events)
            case Refused(column=column, code=code):
                refusal = ReactionRefused(recorded.id, "record_publicity_deeds", code, f"{wanted[0]} {column}")
                unit_of_work.append(refusal)
    release_pending_reports(unit_of_work, accepted)


def _rows_of(batch: Sequence[HandledEvent], rules: Campaign) -> Iterator[tuple[Row, str, Any, RecordedEvent]]:
    """One row per unit whose deed it is: an article of several units' works is a deed of each."""
    for event, recorded in batch:
        for unit_id in getattr(event, "units", ()) or (getattr(event, "unit_id", ""),):
            row = _row_of(event, recorded, rules, unit_id)
            if row is not None:
                yield row, unit_id, event, recorded


def _change_of(record: Record | None, row: Row) -> Row | None:
    """The row that undoes or restores a deed's record; None: the deed was refused, the campaign makes no record of it,
    or the record is in that state already.  A withdrawal cannot be repeated (scoring.md 1), so a restored record is
    voided."""
    if record is None:
        return None
    match row:
        case WithdrawalRow(record_id, withdrawn_at, reason):
            if record.voided:
                return None
            return _correction(record_id, withdrawn_at, "", reason) if record.withdrawal else row
        case CorrectionRow():
            return row if record.voided and _is_voided_here(record) else None
    return row


def _is_voided_here(record: Record) -> bool:
    """Whether it was withdrawn or voided by this reaction: what an office voided stays void."""
    event = record.event
    if isinstance(event, RecordCorrected) and event.voided:
        return event.correction_id.startswith(event.record_id)
    return True


def _correction(record_id: str, at: str, value: str, reason: str) -> Row:
    cells = {"correction_id": f"{record_id}:{at}", "table": "records", "row": record_id, "column": WHOLE,
             "value": value, "reason": reason}  # fmt: skip
    return row_of("correction", cells)


def _row_of(event: Any, recorded: RecordedEvent, rules: Campaign, unit_id: str) -> Row | None:
    if isinstance(event, RETRACTIONS):
        return row_of("withdrawal", {"record_id": _record_id(event, unit_id), "withdrawn_at": _retracted_at(event),
                                     "reason": getattr(event, "reason", "") or "撤稿"})  # fmt: skip
    if isinstance(event, RESTORATIONS):
        return _correction(_record_id(event, unit_id), event.seen_at, RESTORE, STILL_PUBLIC)
    kind = rules.publicity.deeds.get(_deed_of_event(event), "")
    if not kind:
        return None
    at = _done_at(event)
    cells = {"record_id": _record_id(event, unit_id), "record": kind, "unit_id": unit_id, "occurred_at": at,
             "period": _period(rules, kind, at, getattr(event, "semester", "")),
             "title": getattr(event, "title", ""),
             "content_sha256": getattr(event, "film", "") or getattr(event, "content", ""),
             "evidence": getattr(event, "link", "") or f"publicity:{recorded.stream}"}  # fmt: skip
    if isinstance(event, publicity.WorkSelected):
        cells |= {"person_id": event.author_id, "title": ""}
    return row_of("record", cells)


def _deed_of_event(event: Any) -> str:
    match event:
        case publicity.WorkSelected(level=level):
            return f"selected_{level}"
        case articles.ArticlePublished(account=account):
            return "video" if event.film else f"article_{account}"
        case publicity.AnthologyCompiled():
            return "anthology"
    return "video"


def _record_id(event: Any, unit_id: str) -> str:
    match event:
        case publicity.WorkSelected() | publicity.WorkDeselected():
            again = f"-{event.turn}" if event.turn > 1 else ""  # the id of a withdrawn record is used up
            return f"{reserved_ids.WORK}{event.work_id}-{event.level}{again}"
        case articles.ArticlePublished() | articles.ArticleTakenDown() | articles.TakeDownDisproved():
            other = "" if unit_id == event.unit_id else f":{unit_id}"
            return f"{reserved_ids.ARTICLE}{event.article_id}{other}"
        case publicity.AnthologyCompiled() | publicity.AnthologyTakenDown():
            return f"{reserved_ids.ANTHOLOGY}{event.anthology_id}-{event.first_edition}"
    return f"{reserved_ids.VIDEO}{event.video_id}"


def _done_at(event: Any) -> str:
    match event:
        case publicity.WorkSelected():
            return event.selected_at
        case publicity.AnthologyCompiled():
            return event.compiled_at
    at: str = event.published_at
    return at


def _retracted_at(event: Any) -> str:
    match event:
        case publicity.WorkDeselected():
            return event.deselected_at
        case publicity.VideoWithdrawn():
            return event.withdrawn_at
    at: str = event.taken_down_at
    return at


def _period(rules: Campaign, kind: str, at: str, semester: str) -> str:
    """The semester of the work if the duty is owed by semester; otherwise the day decides."""
    duty = rules.duty_by_record.get(kind)
    if duty is None:
        return ""
    if semester and duty.every == "semester" and rules.period_exists(duty, semester):
        return semester
    if duty.due_days > 0:
        return rules.period_of(duty, day_of(moment_of(at, rules.zone).day)) or ""
    return ""
