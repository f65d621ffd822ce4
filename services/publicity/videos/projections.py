"""Projects events into rows of videos."""

from sqlalchemy import Column, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.publicity import VideoPublished, VideoWithdrawn
from services.publicity.tables import metadata

videos = Table(
    "videos", metadata,
    Column("video_id", Key, primary_key=True),
    Column("unit_id", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("withdrawn_at", Text, nullable=False),
)  # fmt: skip


def store_video(rows: Rows, event: VideoPublished, _: RecordedEvent) -> None:
    rows.put(videos, video_id=event.video_id, unit_id=event.unit_id, title=event.title, link=event.link,
             published_at=event.published_at)  # fmt: skip


def withdraw_video(rows: Rows, event: VideoWithdrawn, _: RecordedEvent) -> None:
    rows.amend(videos, {"video_id": event.video_id}, withdrawn_at=event.withdrawn_at)
