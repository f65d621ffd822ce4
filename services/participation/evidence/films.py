"""Films of videos: a file that a video refers to is kept, and its appointed readers may open it."""

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.process.tokens import Actor
from chassis.store.projections import Rows
from contracts.articles import ArticleDrafted, ArticleStopped, ReaderAppointed, ReadingReturned
from services.participation.tables import METADATA

shown_films = Table(
    "shown_films", METADATA,
    Column("article_id", Text, primary_key=True),
    Column("content", Text, nullable=False),  # empty: stopped
    Column("unit_id", Text, nullable=False),
    Index("shown_films_content", "content"),
)  # fmt: skip

film_readers = Table(
    "film_readers", METADATA,
    Column("article_id", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("reader_id", Text, nullable=False),
)  # fmt: skip


def hold_film(rows: Rows, event: ArticleDrafted, _: RecordedEvent) -> None:
    """A new draft is read by newly appointed readers."""
    if event.film:
        rows.put(shown_films, article_id=event.article_id, content=event.film, unit_id=event.unit_id)
        _forget_readers(rows, event.article_id)


def release_film(rows: Rows, event: ArticleStopped, _: RecordedEvent) -> None:
    rows.change(shown_films, {"article_id": event.article_id}, content="")


def store_reader(rows: Rows, event: ReaderAppointed, _: RecordedEvent) -> None:
    if event.subject == "article":
        rows.put(film_readers, article_id=event.subject_id, stage=event.stage, reader_id=event.reader_id)


def forget_readers(rows: Rows, event: ReadingReturned, _: RecordedEvent) -> None:
    if event.subject == "article":
        _forget_readers(rows, event.subject_id)


def _forget_readers(rows: Rows, article_id: str) -> None:
    rows.change(film_readers, {"article_id": article_id}, reader_id="")


def reads_film(connection: Connection, actor: Actor, content: str, unit_id: str) -> bool:
    """Whether the caller is appointed to read a video with this film of the unit."""
    f, r = shown_films.c, film_readers.c
    query = sa.select(r.stage).join(shown_films, f.article_id == r.article_id)
    query = query.where(f.content == content, f.unit_id == unit_id, r.reader_id == actor.name)
    return "person" in actor.roles and connection.execute(query.limit(1)).first() is not None
