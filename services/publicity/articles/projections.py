"""Projects events into rows of articles and of requests to the platform."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.articles import (
    ArticleDrafted,
    ArticlePublished,
    ArticleRefused,
    ArticleStopped,
    ArticleTakenDown,
    PublicationLooked,
    PublicationPolled,
    PublishSubmitted,
    ReadingReturned,
    SubmissionFailed,
    SubmissionOrdered,
    SubmissionStalled,
    TakeDownDisproved,
    TakeDownFailed,
    TakeDownOrdered,
)
from services.publicity.articles.domain.check_intervals import CHECKS, LOOKS, next_try
from services.publicity.articles.links import canonical_link
from services.publicity.shown_works import shown_works
from services.publicity.tables import metadata

articles = Table(
    "articles", metadata,
    Column("article_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("account", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("works", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("pictures", BigInteger, nullable=False),
    Column("film", Text, nullable=False),
    Column("drafted_on", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stop_wanted", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("publish_id", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("canonical_link", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("taken_down_at", Text, nullable=False),
    Column("taken_down_by", Text, nullable=False),
    Column("stop_at", Text, nullable=False),
    Column("look_at", Text, nullable=False),
    Column("looked_at", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Index("articles_status", "status"),
    Index("articles_unit", "unit_id"),
    Index("articles_publish", "publish_id"),
    Index("articles_link", "canonical_link"),
)  # fmt: skip

polls = Table(
    "polls", metadata,
    Column("article_id", Key, primary_key=True),
    Column("polled_at", Text, primary_key=True),
    Column("status", BigInteger, nullable=False),
    Index("polls_day", "polled_at"),
)  # fmt: skip


NO_ANSWER = -1
"""Instead of the platform's status code."""


def store_draft(rows: Rows, event: ArticleDrafted, _: RecordedEvent) -> None:
    rows.put(articles, article_id=event.article_id, unit_id=event.unit_id, account=event.account, title=event.title,
             works=";".join(event.works), authors=";".join(event.authors), content=event.content,
             pictures=event.pictures, film=event.film, drafted_on=event.drafted_on, status="drafted")  # fmt: skip
    for work_id in event.works:
        rows.put(shown_works, work_id=work_id, subject="article", subject_id=event.article_id)


def mark_stopped(rows: Rows, event: ArticleStopped, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="stopped", reason=event.reason)


def mark_submitting(rows: Rows, event: SubmissionOrdered, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="submitting", how="api", reason="", until="",
               publish_id="", look_at="", finding="")  # fmt: skip


def mark_submitted(rows: Rows, event: PublishSubmitted, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="submitted", publish_id=event.publish_id, reason="",
               until="")  # fmt: skip


def store_poll(rows: Rows, event: PublicationPolled, _: RecordedEvent) -> None:
    rows.put(polls, article_id=event.article_id, polled_at=event.polled_at, status=event.status)


def store_stall(rows: Rows, event: SubmissionStalled, recorded: RecordedEvent) -> None:
    """A poll without a usable answer counts against the daily quota too."""
    if event.step == "poll" and event.code != "poll_quota":
        rows.put(polls, article_id=event.article_id, polled_at=recorded.recorded_at, status=NO_ANSWER)
    rows.amend(articles, {"article_id": event.article_id}, reason=f"{event.step}: {event.code}", until=event.until)


def mark_failed(rows: Rows, event: SubmissionFailed, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="failed", reason=f"{event.step}: {event.code}",
               until="", look_at=event.again_at)  # fmt: skip


def mark_refused(rows: Rows, event: ArticleRefused, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="refused", reason=f"status {event.status}")


def mark_published(rows: Rows, event: ArticlePublished, _: RecordedEvent) -> None:
    look_at = next_try(LOOKS, 0, event.published_at)
    rows.amend(articles, {"article_id": event.article_id}, status="published", how=event.how, link=event.link,
               canonical_link=canonical_link(event.link),
               platform_id=event.platform_id, evidence=event.evidence, published_at=event.published_at, reason="",
               until="", look_at=look_at)  # fmt: skip


def store_look(rows: Rows, event: PublicationLooked, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, finding=event.finding, looked_at=event.looked_at,
               look_at=event.again_at)  # fmt: skip


def mark_stop_wanted(rows: Rows, event: TakeDownOrdered, _: RecordedEvent) -> None:
    """An article that may be public is searched for at once."""
    rows.amend(articles, {"article_id": event.article_id}, stop_wanted=event.reason or "-", stop_at=event.ordered_at,
               until="", look_at=event.ordered_at)  # fmt: skip


def store_failed_take_down(rows: Rows, event: TakeDownFailed, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, reason=f"remove: {event.code}", until=event.until)


def mark_still_public(rows: Rows, event: TakeDownDisproved, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="published", reason="still_public", taken_down_at="",
               taken_down_by="", stop_wanted="still_public", stop_at=event.seen_at, until="",
               look_at=next_try(LOOKS, 0, event.seen_at))  # fmt: skip


def mark_taken_down(rows: Rows, event: ArticleTakenDown, recorded: RecordedEvent) -> None:
    """By hand: who did it; the platform is then asked, where possible, whether it is true."""
    by_hand = event.by == "hand"
    rows.amend(articles, {"article_id": event.article_id}, status="taken_down", reason=event.reason, until="",
               taken_down_at=event.taken_down_at, taken_down_by=recorded.actor if by_hand else event.by,
               look_at=next_try(CHECKS, 0, event.taken_down_at) if by_hand else "")  # fmt: skip


def mark_article_returned(rows: Rows, event: ReadingReturned, _: RecordedEvent) -> None:
    if event.subject == "article":
        rows.amend(articles, {"article_id": event.subject_id}, status="returned", reason=event.reason)
