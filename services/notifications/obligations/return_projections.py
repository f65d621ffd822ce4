"""Publicity's events -> rows of what is sent back for revision (退回修改), until it comes again."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.canonical_json import moment
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts import articles, publicity
from contracts.participation import PersonErased
from duties.days import day_of, microseconds
from services.notifications.projections import metadata, projects

returns = Table(
    "returns", metadata,
    Column("subject", Text, primary_key=True),  # work | article | anthology
    Column("subject_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("person_id", Key, nullable=False),  # a work's author; empty: the unit's own
    Column("by", Text, nullable=False),  # reader | unit, or the reading: first | second | final
    Column("day", BigInteger, nullable=False),  # 0: not sent back, or here again
    Column("learnt_at", BigInteger, nullable=False),
    Index("returns_unit", "unit_id"),
    Index("returns_person", "person_id"),
)  # fmt: skip


@projects(publicity.WorkReturned)
def work_back(rows: Rows, event: publicity.WorkReturned, about: RecordedEvent) -> None:
    rows.put(returns, subject="work", subject_id=event.work_id, unit_id=event.unit_id, person_id=event.author_id,
             by=event.by, day=day_of(event.returned_on), learnt_at=_instant(about.recorded_at))  # fmt: skip


@projects(publicity.WorkRevised)
def work_again(rows: Rows, event: publicity.WorkRevised, _: RecordedEvent) -> None:
    rows.amend(returns, {"subject": "work", "subject_id": event.work_id}, day=0)


@projects(articles.ArticleDrafted)
def article(rows: Rows, event: articles.ArticleDrafted, _: RecordedEvent) -> None:
    rows.put(returns, subject="article", subject_id=event.article_id, unit_id=event.unit_id)


@projects(publicity.AnthologyCompiled)
def anthology(rows: Rows, event: publicity.AnthologyCompiled, _: RecordedEvent) -> None:
    rows.put(returns, subject="anthology", subject_id=event.anthology_id, unit_id=event.unit_id)


@projects(publicity.AnthologyTakenDown)
def anthology_down(rows: Rows, event: publicity.AnthologyTakenDown, _: RecordedEvent) -> None:
    rows.amend(returns, {"subject": "anthology", "subject_id": event.anthology_id}, day=0)


@projects(articles.ReadingReturned)
def reading_back(rows: Rows, event: articles.ReadingReturned, about: RecordedEvent) -> None:
    rows.amend(returns, {"subject": event.subject, "subject_id": event.subject_id}, by=event.stage,
               day=day_of(event.read_on), learnt_at=_instant(about.recorded_at))  # fmt: skip


@projects(PersonErased)
def nobody_to_revise(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    rows.change(returns, {"person_id": event.person_id}, day=0)


def _instant(text: str) -> int:
    return microseconds(moment(text))
