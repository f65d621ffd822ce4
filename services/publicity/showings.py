"""Events -> rows of what is shown: anthologies, articles with their readings and polls, videos."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts import articles as articles_events
from contracts import publicity
from services.publicity.projections import metadata, projects

anthologies = Table(
    "anthologies", metadata,
    Column("anthology_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("semester", Text, nullable=False),
    Column("edition", BigInteger, nullable=False),
    Column("level", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("works", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("compiled_at", Text, nullable=False),
    Column("outdated", BigInteger, nullable=False),
    Column("returned", Text, nullable=False),
    Column("taken_down_at", Text, nullable=False),
)  # fmt: skip

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
    Column("drafted_on", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stop_wanted", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("publish_id", Text, nullable=False),
    Column("platform_id", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("taken_down_at", Text, nullable=False),
    Index("articles_status", "status"),
    Index("articles_publish", "publish_id"),
)  # fmt: skip

shown_works = Table(
    "shown_works", metadata,
    Column("work_id", Key, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("subject_id", Key, primary_key=True),
)  # fmt: skip

readings = Table(
    "readings", metadata,
    Column("subject", Text, primary_key=True),
    Column("subject_id", Key, primary_key=True),
    Column("content", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("reader_id", Text, nullable=False),
    Column("read_on", Text, nullable=False),
)  # fmt: skip

polls = Table(
    "polls", metadata,
    Column("article_id", Key, primary_key=True),
    Column("polled_at", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("status", BigInteger, nullable=False),
    Index("polls_day", "polled_at"),
)  # fmt: skip

videos = Table(
    "videos", metadata,
    Column("video_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("withdrawn_at", Text, nullable=False),
)  # fmt: skip


@projects(publicity.AnthologyCompiled)
def compiled(rows: Rows, event: publicity.AnthologyCompiled, _: RecordedEvent) -> None:
    rows.put(anthologies, anthology_id=event.anthology_id, unit_id=event.unit_id, semester=event.semester,
             edition=event.edition, level=event.level, title=event.title, works=";".join(event.works),
             authors=";".join(event.authors), content=event.content, size=event.size,
             compiled_at=event.compiled_at)  # fmt: skip
    for work_id in event.works:
        rows.put(shown_works, work_id=work_id, subject="anthology", subject_id=event.anthology_id)


@projects(publicity.AnthologyOutdated)
def outdated(rows: Rows, event: publicity.AnthologyOutdated, _: RecordedEvent) -> None:
    rows.amend(anthologies, {"anthology_id": event.anthology_id}, outdated=1)


@projects(publicity.AnthologyTakenDown)
def anthology_down(rows: Rows, event: publicity.AnthologyTakenDown, _: RecordedEvent) -> None:
    rows.amend(anthologies, {"anthology_id": event.anthology_id}, taken_down_at=event.taken_down_at)


@projects(articles_events.ReadingPassed)
def reading(rows: Rows, event: articles_events.ReadingPassed, _: RecordedEvent) -> None:
    rows.put(readings, subject=event.subject, subject_id=event.subject_id, content=event.content, stage=event.stage,
             reader_id=event.reader_id, read_on=event.read_on)  # fmt: skip


@projects(articles_events.ReadingReturned)
def returned(rows: Rows, event: articles_events.ReadingReturned, _: RecordedEvent) -> None:
    """What passed before counts no more, also where the same content comes again."""
    rows.change(readings, {"subject": event.subject, "subject_id": event.subject_id}, read_on="")
    if event.subject == "article":
        rows.amend(articles, {"article_id": event.subject_id}, status="returned", reason=event.reason)
    else:
        rows.amend(anthologies, {"anthology_id": event.subject_id}, returned=event.reason or "-")


@projects(articles_events.ArticleDrafted)
def drafted(rows: Rows, event: articles_events.ArticleDrafted, _: RecordedEvent) -> None:
    rows.put(articles, article_id=event.article_id, unit_id=event.unit_id, account=event.account, title=event.title,
             works=";".join(event.works), authors=";".join(event.authors), content=event.content,
             pictures=event.pictures, drafted_on=event.drafted_on, status="drafted")  # fmt: skip
    for work_id in event.works:
        rows.put(shown_works, work_id=work_id, subject="article", subject_id=event.article_id)


@projects(articles_events.ArticleStopped)
def stopped(rows: Rows, event: articles_events.ArticleStopped, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="stopped", reason=event.reason)


@projects(articles_events.SubmissionOrdered)
def ordered(rows: Rows, event: articles_events.SubmissionOrdered, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="submitting", how="api", reason="", until="",
               publish_id="")  # fmt: skip


@projects(articles_events.PublishSubmitted)
def submitted(rows: Rows, event: articles_events.PublishSubmitted, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="submitted", publish_id=event.publish_id, reason="",
               until="")  # fmt: skip


@projects(articles_events.PublicationPolled)
def polled(rows: Rows, event: articles_events.PublicationPolled, _: RecordedEvent) -> None:
    rows.put(polls, article_id=event.article_id, polled_at=event.polled_at, account=event.account,
             status=event.status)  # fmt: skip


@projects(articles_events.SubmissionStalled)
def stalled(rows: Rows, event: articles_events.SubmissionStalled, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, reason=f"{event.step}: {event.code}", until=event.until)


@projects(articles_events.SubmissionFailed)
def failed(rows: Rows, event: articles_events.SubmissionFailed, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="failed", reason=f"{event.step}: {event.code}",
               until="")  # fmt: skip


@projects(articles_events.ArticleRefused)
def refused(rows: Rows, event: articles_events.ArticleRefused, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="refused", reason=f"status {event.status}")


@projects(articles_events.ArticlePublished)
def published(rows: Rows, event: articles_events.ArticlePublished, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="published", how=event.how, link=event.link,
               platform_id=event.platform_id, evidence=event.evidence, published_at=event.published_at, reason="",
               until="")  # fmt: skip


@projects(articles_events.TakeDownOrdered)
def take_down(rows: Rows, event: articles_events.TakeDownOrdered, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, stop_wanted=event.reason or "-")


@projects(articles_events.ArticleTakenDown)
def taken_down(rows: Rows, event: articles_events.ArticleTakenDown, _: RecordedEvent) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="taken_down", reason=event.reason,
               taken_down_at=event.taken_down_at)  # fmt: skip


@projects(publicity.VideoPublished)
def video(rows: Rows, event: publicity.VideoPublished, _: RecordedEvent) -> None:
    rows.put(videos, video_id=event.video_id, unit_id=event.unit_id, title=event.title, link=event.link,
             published_at=event.published_at)  # fmt: skip


@projects(publicity.VideoWithdrawn)
def video_end(rows: Rows, event: publicity.VideoWithdrawn, _: RecordedEvent) -> None:
    rows.amend(videos, {"video_id": event.video_id}, withdrawn_at=event.withdrawn_at)
