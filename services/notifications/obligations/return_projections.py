"""Projects publicity's events into rows: submissions returned for revision (退回修改) until submitted again, articles
to be taken down by hand (待撤稿) until gone, works to be reviewed.  Readings and selections are in
reading_projections.py."""

import hashlib

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.articles import (
    ArticleDrafted,
    ArticleStopped,
    ArticleTakenDown,
    ReadingReturned,
    TakeDownDisproved,
    TakeDownFailed,
    TakeDownOrdered,
)
from contracts.participation import PersonErased
from contracts.publicity import (
    AnthologyCompiled,
    AnthologyTakenDown,
    ConsentGiven,
    ConsentWithdrawn,
    ReviewerAssigned,
    ReviewerReleased,
    WorkMarked,
    WorkReturned,
    WorkRevised,
)
from duties.days import day_of
from services.notifications.obligations.domain import PUBLIC_ARTICLE, REVIEW
from services.notifications.tables import metadata
from services.registry.versions import instant_of

returns = Table(
    "returns", metadata,
    Column("subject", Text, primary_key=True),  # work, article, video, anthology, filing, or a constant of domain.py
    Column("subject_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),  # a work's author; empty: it is the unit's own
    Column("returned_by", Text, nullable=False),  # reviewer or unit; of a reading first, second or final
    Column("day", BigInteger, nullable=False),  # 0: never returned, or submitted again
    Column("learnt_at", BigInteger, nullable=False),
    Column("work_id", Key, nullable=False),  # of an open review or reading; appears in no message
    Column("held", BigInteger, nullable=False),  # 1: the author has withdrawn consent to any use of the work
    Index("returns_unit", "unit_id"),
    Index("returns_work", "work_id"),
    Index("returns_person", "person_id"),
)  # fmt: skip


def put_returned_work(rows: Rows, event: WorkReturned, recorded: RecordedEvent) -> None:
    """Until it is submitted again, nobody has it for review."""
    rows.change(returns, {"subject": REVIEW, "work_id": event.work_id}, day=0)
    rows.put(returns, subject="work", subject_id=event.work_id, unit_id=event.unit_id, person_id=event.author_id,
             returned_by=event.by, day=day_of(event.returned_on),
             learnt_at=instant_of(recorded.recorded_at))  # fmt: skip


def put_review(rows: Rows, event: ReviewerAssigned, recorded: RecordedEvent) -> None:
    """A review belongs to no unit, so the row has none."""
    rows.put(returns, subject=REVIEW, subject_id=_review(event), unit_id="", person_id=event.reviewer_id,
             returned_by=event.due_on, day=day_of(event.assigned_on), work_id=event.work_id,
             learnt_at=instant_of(recorded.recorded_at))  # fmt: skip


def clear_marked_review(rows: Rows, event: WorkMarked, _: RecordedEvent) -> None:
    rows.amend(returns, {"subject": REVIEW, "subject_id": _review(event)}, day=0)


def clear_released_review(rows: Rows, event: ReviewerReleased, _: RecordedEvent) -> None:
    """Permanently: the review stays released if the work is submitted again."""
    rows.amend(returns, {"subject": REVIEW, "subject_id": _review(event)}, day=0, work_id="")


def _review(event: ReviewerAssigned | ReviewerReleased | WorkMarked) -> str:
    """The row's id: messages and records must not contain the work's id, since reviewers know the work by another
    one."""
    return hashlib.sha256(f"{event.work_id}:{event.reviewer_id}".encode()).hexdigest()[:16]


def clear_revised_work(rows: Rows, event: WorkRevised, recorded: RecordedEvent) -> None:
    """All its reviewers mark it anew, without a last day until the office sets one."""
    rows.amend(returns, {"subject": "work", "subject_id": event.work_id}, day=0)
    rows.change(returns, {"subject": REVIEW, "work_id": event.work_id}, day=day_of(event.revised_on), returned_by="",
                learnt_at=instant_of(recorded.recorded_at))  # fmt: skip


def hold_without_consent(rows: Rows, event: ConsentWithdrawn, _: RecordedEvent) -> None:
    """A work that may not be shown at all is neither reviewed nor revised; both continue when the author consents
    again."""
    if event.whole:
        _set_held(rows, event.work_id, 1)


def release_with_consent(rows: Rows, event: ConsentGiven, _: RecordedEvent) -> None:
    _set_held(rows, event.work_id, 0)


def _set_held(rows: Rows, work_id: str, held: int) -> None:
    rows.change(returns, {"subject": REVIEW, "work_id": work_id}, held=held)
    rows.amend(returns, {"subject": "work", "subject_id": work_id}, held=held)


def put_drafted_article(rows: Rows, event: ArticleDrafted, _: RecordedEvent) -> None:
    """A new draft replaces its row: it is no longer returned."""
    rows.put(returns, subject="video" if event.film else "article", subject_id=event.article_id, unit_id=event.unit_id)


def put_compiled_anthology(rows: Rows, event: AnthologyCompiled, _: RecordedEvent) -> None:
    rows.put(returns, subject="anthology", subject_id=event.anthology_id, unit_id=event.unit_id)


def clear_removed_anthology(rows: Rows, event: AnthologyTakenDown, _: RecordedEvent) -> None:
    rows.amend(returns, {"subject": "anthology", "subject_id": event.anthology_id}, day=0)


def set_returned_reading(rows: Rows, event: ReadingReturned, recorded: RecordedEvent) -> None:
    for subject in _subjects(event.subject):
        rows.amend(returns, {"subject": subject, "subject_id": event.subject_id}, returned_by=event.stage,
                   day=day_of(event.read_on), learnt_at=instant_of(recorded.recorded_at))  # fmt: skip


def _subjects(subject: str) -> tuple[str, ...]:
    """A video is read like an article and has its row under either subject."""
    return ("article", "video") if subject == "article" else (subject,)


def clear_returns_of_erased(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    rows.change(returns, {"person_id": event.person_id}, day=0, work_id="")


def put_take_down_by_hand(rows: Rows, event: TakeDownOrdered, recorded: RecordedEvent) -> None:
    """An article published through the platform's API is the unit's task only after the API call failed."""
    if event.how == "hand":
        _put_take_down(rows, event.article_id, event.unit_id, event.ordered_at, recorded)


def put_failed_take_down(rows: Rows, event: TakeDownFailed, recorded: RecordedEvent) -> None:
    """The unit is notified of the first failure; later ones belong to the same take-down."""
    _put_take_down(rows, event.article_id, event.unit_id, event.ordered_at, recorded)


def put_disproved_take_down(rows: Rows, event: TakeDownDisproved, recorded: RecordedEvent) -> None:
    _put_take_down(rows, event.article_id, event.unit_id, event.seen_at, recorded)


def _put_take_down(rows: Rows, article_id: str, unit_id: str, since: str, recorded: RecordedEvent) -> None:
    """`day`: of the order, UTC; distinguishes several take-downs of one article."""
    rows.put(returns, subject=PUBLIC_ARTICLE, subject_id=article_id, unit_id=unit_id, day=day_of(since[:10]),
             learnt_at=instant_of(recorded.recorded_at))  # fmt: skip


def clear_stopped_article(rows: Rows, event: ArticleStopped, _: RecordedEvent) -> None:
    """A returned article that was given up is not submitted again."""
    for subject in _subjects("article"):
        rows.amend(returns, {"subject": subject, "subject_id": event.article_id}, day=0)


def clear_take_down(rows: Rows, event: ArticleTakenDown | ArticleStopped, _: RecordedEvent) -> None:
    rows.amend(returns, {"subject": PUBLIC_ARTICLE, "subject_id": event.article_id}, day=0)
