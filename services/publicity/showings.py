"""Events -> rows of what is shown: anthologies, articles with their readings and polls, videos."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from chassis.log import Recorded
from chassis.projecting import Rows
from chassis.store import Key
from contracts import articles as told
from contracts import publicity as ours
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


@projects(ours.AnthologyCompiled)
def compiled(rows: Rows, event: ours.AnthologyCompiled, _: Recorded) -> None:
    rows.put(anthologies, anthology_id=event.anthology_id, unit_id=event.unit_id, semester=event.semester,
             edition=event.edition, level=event.level, title=event.title, works=";".join(event.works),
             authors=";".join(event.authors), content=event.content, size=event.size,
             compiled_at=event.compiled_at)  # fmt: skip
    for work_id in event.works:
        rows.put(shown_works, work_id=work_id, subject="anthology", subject_id=event.anthology_id)


@projects(ours.AnthologyOutdated)
def outdated(rows: Rows, event: ours.AnthologyOutdated, _: Recorded) -> None:
    rows.amend(anthologies, {"anthology_id": event.anthology_id}, outdated=1)


@projects(ours.AnthologyTakenDown)
def anthology_down(rows: Rows, event: ours.AnthologyTakenDown, _: Recorded) -> None:
    rows.amend(anthologies, {"anthology_id": event.anthology_id}, taken_down_at=event.taken_down_at)


@projects(told.ReadingPassed)
def reading(rows: Rows, event: told.ReadingPassed, _: Recorded) -> None:
    rows.put(readings, subject=event.subject, subject_id=event.subject_id, content=event.content, stage=event.stage,
             reader_id=event.reader_id, read_on=event.read_on)  # fmt: skip


@projects(told.ReadingReturned)
def returned(rows: Rows, event: told.ReadingReturned, _: Recorded) -> None:
    """What passed before counts no more, also where the same content comes again."""
    rows.change(readings, {"subject": event.subject, "subject_id": event.subject_id}, read_on="")
    if event.subject == "article":
        rows.amend(articles, {"article_id": event.subject_id}, status="returned", reason=event.reason)
    else:
        rows.amend(anthologies, {"anthology_id": event.subject_id}, returned=event.reason or "-")


@projects(told.ArticleDrafted)
def drafted(rows: Rows, event: told.ArticleDrafted, _: Recorded) -> None:
    rows.put(articles, article_id=event.article_id, unit_id=event.unit_id, account=event.account, title=event.title,
             works=";".join(event.works), authors=";".join(event.authors), content=event.content,
             pictures=event.pictures, drafted_on=event.drafted_on, status="drafted")  # fmt: skip
    for work_id in event.works:
        rows.put(shown_works, work_id=work_id, subject="article", subject_id=event.article_id)


@projects(told.ArticleStopped)
def stopped(rows: Rows, event: told.ArticleStopped, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="stopped", reason=event.reason)


@projects(told.SubmissionOrdered)
def ordered(rows: Rows, event: told.SubmissionOrdered, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="submitting", how="api", reason="", until="",
               publish_id="")  # fmt: skip


@projects(told.PublishSubmitted)
def submitted(rows: Rows, event: told.PublishSubmitted, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="submitted", publish_id=event.publish_id, reason="",
               until="")  # fmt: skip


@projects(told.PublicationPolled)
def polled(rows: Rows, event: told.PublicationPolled, _: Recorded) -> None:
    rows.put(polls, article_id=event.article_id, polled_at=event.polled_at, account=event.account,
             status=event.status)  # fmt: skip


@projects(told.SubmissionStalled)
def stalled(rows: Rows, event: told.SubmissionStalled, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, reason=f"{event.step}: {event.code}", until=event.until)


@projects(told.SubmissionFailed)
def failed(rows: Rows, event: told.SubmissionFailed, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="failed", reason=f"{event.step}: {event.code}",
               until="")  # fmt: skip


@projects(told.ArticleRefused)
def refused(rows: Rows, event: told.ArticleRefused, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="refused", reason=f"status {event.status}")


@projects(told.ArticlePublished)
def published(rows: Rows, event: told.ArticlePublished, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="published", how=event.how, link=event.link,
               platform_id=event.platform_id, evidence=event.evidence, published_at=event.published_at, reason="",
               until="")  # fmt: skip


@projects(told.TakeDownOrdered)
def take_down(rows: Rows, event: told.TakeDownOrdered, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, stop_wanted=event.reason or "-")


@projects(told.ArticleTakenDown)
def taken_down(rows: Rows, event: told.ArticleTakenDown, _: Recorded) -> None:
    rows.amend(articles, {"article_id": event.article_id}, status="taken_down", reason=event.reason,
               taken_down_at=event.taken_down_at)  # fmt: skip


@projects(ours.VideoPublished)
def video(rows: Rows, event: ours.VideoPublished, _: Recorded) -> None:
    rows.put(videos, video_id=event.video_id, unit_id=event.unit_id, title=event.title, link=event.link,
             published_at=event.published_at)  # fmt: skip


@projects(ours.VideoWithdrawn)
def video_end(rows: Rows, event: ours.VideoWithdrawn, _: Recorded) -> None:
    rows.amend(videos, {"video_id": event.video_id}, withdrawn_at=event.withdrawn_at)
