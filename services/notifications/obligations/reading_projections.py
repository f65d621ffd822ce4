"""Projects events that somebody is notified of once: appointed readers (三审三校), selected works, returned filings."""

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.articles import (
    ArticleDrafted,
    ArticleStopped,
    ArticleTakenDown,
    ReaderAppointed,
    ReadingPassed,
    ReadingReturned,
)
from contracts.filings import FilingReturned, FilingSubmitted, FilingWithdrawn
from contracts.publicity import AnthologyCompiled, AnthologyOutdated, AnthologyTakenDown, WorkDeselected, WorkSelected
from duties.days import day_of
from duties.publicity import STAGES
from services.notifications.obligations.domain import CHOSEN, FILING, READING, UNCHOSEN
from services.notifications.obligations.return_projections import returns
from services.registry.versions import instant_of


def put_reader(rows: Rows, event: ReaderAppointed, recorded: RecordedEvent) -> None:
    """Notified when appointed; a later appointment for the stage replaces the earlier one."""
    rows.put(
        returns,
        subject=READING,
        subject_id=_reading_key(event.subject, event.subject_id, event.stage),
        unit_id="",
        person_id=event.reader_id,
        returned_by=event.stage,
        day=day_of(event.appointed_on),
        work_id=_read(event.subject, event.subject_id),
        learnt_at=instant_of(recorded.recorded_at),
    )


def pass_reading(rows: Rows, event: ReadingPassed, recorded: RecordedEvent) -> None:
    """The stage is done; the reader appointed for the next stage is notified."""
    own = {"subject": READING, "subject_id": _reading_key(event.subject, event.subject_id, event.stage)}
    rows.amend(returns, own, day=0)
    for stage in STAGES[STAGES.index(event.stage) + 1 :][:1]:
        key = {"subject": READING, "subject_id": _reading_key(event.subject, event.subject_id, stage)}
        rows.amend(returns, key, day=day_of(event.read_on), learnt_at=instant_of(recorded.recorded_at))


def forget_readers(rows: Rows, event: ReadingReturned, _: RecordedEvent) -> None:
    """Its readers are appointed anew."""
    _forget(rows, _read(event.subject, event.subject_id))


def forget_readers_of_edition(rows: Rows, event: AnthologyCompiled, _: RecordedEvent) -> None:
    """Another edition has readers of its own."""
    _forget(rows, _read("anthology", event.anthology_id))


def begin_readings(rows: Rows, event: ArticleDrafted, recorded: RecordedEvent) -> None:
    """A new draft is read from the first stage, by the appointed readers."""
    _end(rows, _read("article", event.article_id))
    first = {"subject": READING, "subject_id": _reading_key("article", event.article_id, STAGES[0])}
    rows.amend(returns, first, day=day_of(event.drafted_on), learnt_at=instant_of(recorded.recorded_at))


def end_article_readings(rows: Rows, event: ArticleStopped | ArticleTakenDown, _: RecordedEvent) -> None:
    _end(rows, _read("article", event.article_id))


def end_anthology_readings(rows: Rows, event: AnthologyOutdated | AnthologyTakenDown, _: RecordedEvent) -> None:
    _end(rows, _read("anthology", event.anthology_id))


def _end(rows: Rows, read: str) -> None:
    rows.change(returns, {"subject": READING, "work_id": read}, day=0)


def _forget(rows: Rows, read: str) -> None:
    rows.change(returns, {"subject": READING, "work_id": read}, day=0, person_id="")


def _read(subject: str, subject_id: str) -> str:
    return f"{subject} {subject_id}"


def _reading_key(subject: str, subject_id: str, stage: str) -> str:
    return f"{subject}:{subject_id}:{stage}"


def put_selection(rows: Rows, event: WorkSelected, _: RecordedEvent) -> None:
    _end_choice(rows, UNCHOSEN, event)
    _put_choice(rows, CHOSEN, event, event.selected_at)


def put_deselection(rows: Rows, event: WorkDeselected, _: RecordedEvent) -> None:
    _end_choice(rows, CHOSEN, event)
    _put_choice(rows, UNCHOSEN, event, event.deselected_at)


def _put_choice(rows: Rows, subject: str, event: WorkSelected | WorkDeselected, at: str) -> None:
    """The author is notified; of a selection by the district the unit too.  The day is the district's local day of the
    instant."""
    unit_id = event.unit_id if event.level == "district" else ""
    rows.put(returns, subject=subject, subject_id=f"{event.work_id}:{event.level}", unit_id=unit_id,
             person_id=event.author_id, returned_by=event.level, day=day_of(at[:10]),
             learnt_at=instant_of(at))  # fmt: skip


def _end_choice(rows: Rows, subject: str, event: WorkSelected | WorkDeselected) -> None:
    rows.amend(returns, {"subject": subject, "subject_id": f"{event.work_id}:{event.level}"}, day=0)


def put_returned_filing(rows: Rows, event: FilingReturned, recorded: RecordedEvent) -> None:
    """A person's filing is returned to the person and, like a work, to the clerk."""
    at = recorded.recorded_at
    rows.put(returns, subject=FILING, subject_id=event.filing_id, unit_id=event.unit_id, person_id=event.person_id,
             returned_by="", day=day_of(at[:10]), learnt_at=instant_of(at))  # fmt: skip


def clear_returned_filing(rows: Rows, event: FilingSubmitted | FilingWithdrawn, _: RecordedEvent) -> None:
    rows.amend(returns, {"subject": FILING, "subject_id": event.filing_id}, day=0)
