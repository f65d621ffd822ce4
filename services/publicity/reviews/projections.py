"""Events -> rows of reviews: who was asked, what they marked."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.publicity import ReviewerAssigned, WorkMarked, WorkRevised
from services.publicity.tables import metadata

reviews = Table(
    "reviews", metadata,
    Column("work_id", Key, primary_key=True),
    Column("reviewer_id", Key, primary_key=True),
    Column("assigned_on", Text, nullable=False),
    Column("review_id", Key, nullable=False),
    Column("marks", Text, nullable=False),
    Column("total", Text, nullable=False),
    Column("marked_on", Text, nullable=False),
    Index("reviews_reviewer", "reviewer_id"),
    Index("reviews_id", "review_id"),
)  # fmt: skip


def store_reviewer(rows: Rows, event: ReviewerAssigned, _: RecordedEvent) -> None:
    rows.put(reviews, work_id=event.work_id, reviewer_id=event.reviewer_id, assigned_on=event.assigned_on,
             review_id=event.review_id)  # fmt: skip


def store_marks(rows: Rows, event: WorkMarked, _: RecordedEvent) -> None:
    rows.amend(reviews, {"work_id": event.work_id, "reviewer_id": event.reviewer_id}, marks=canonical(event.marks),
               total=event.total, marked_on=event.marked_on)  # fmt: skip


def clear_marks(rows: Rows, event: WorkRevised, _: RecordedEvent) -> None:
    """What was marked before counts no more: rare enough for a statement of its own."""
    rows.change(reviews, {"work_id": event.work_id}, marks="", total="", marked_on="")
