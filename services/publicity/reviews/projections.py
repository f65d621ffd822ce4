"""Projects events into rows of reviews: who was asked, and their marks."""

from sqlalchemy import Column, Index, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.participation import PersonErased
from contracts.publicity import ReviewCommented, ReviewerAssigned, ReviewerReleased, WorkMarked, WorkRevised
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
    Column("due_on", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("released_on", Text, nullable=False),
    Index("reviews_reviewer", "reviewer_id"),
    Index("reviews_id", "review_id"),
)  # fmt: skip

"""`released_on`: the day from which the person no longer reviews it; `cause`: why."""

review_comments = Table(
    "review_comments", metadata,
    Column("work_id", Key, primary_key=True),
    Column("review_id", Key, primary_key=True),
    Column("author_id", Key, nullable=False),
    Column("commented_on", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Index("review_comments_author", "author_id"),
)  # fmt: skip


def store_reviewer(rows: Rows, event: ReviewerAssigned, _: RecordedEvent) -> None:
    rows.put(reviews, work_id=event.work_id, reviewer_id=event.reviewer_id, assigned_on=event.assigned_on,
             review_id=event.review_id, due_on=event.due_on)  # fmt: skip


def release_reviewer(rows: Rows, event: ReviewerReleased, _: RecordedEvent) -> None:
    rows.amend(reviews, {"work_id": event.work_id, "reviewer_id": event.reviewer_id}, cause=event.cause,
               released_on=event.released_on)  # fmt: skip


def store_comment(rows: Rows, event: ReviewCommented, _: RecordedEvent) -> None:
    rows.put(review_comments, work_id=event.work_id, review_id=event.review_id, author_id=event.author_id,
             commented_on=event.commented_on, comment=event.comment)  # fmt: skip


def store_marks(rows: Rows, event: WorkMarked, _: RecordedEvent) -> None:
    rows.amend(reviews, {"work_id": event.work_id, "reviewer_id": event.reviewer_id}, marks=canonical(event.marks),
               total=event.total, marked_on=event.marked_on)  # fmt: skip


def clear_marks(rows: Rows, event: WorkRevised, _: RecordedEvent) -> None:
    """Earlier marks no longer count; rare enough for a statement of its own."""
    rows.change(reviews, {"work_id": event.work_id}, marks="", total="", marked_on="", due_on="")
    rows.change(review_comments, {"work_id": event.work_id}, comment="")


def erase_comments(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    """The key is destroyed; the ciphertext is removed as well."""
    rows.change(review_comments, {"author_id": event.person_id}, comment="")
