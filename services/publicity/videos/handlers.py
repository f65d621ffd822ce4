"""Use cases of videos: record, withdraw."""

from typing import Any

from services.publicity.context import Caller, PublicityContext
from services.publicity.refusal_messages import problem
from services.publicity.request_values import bad_value, checked_id, instant_until, one_line_text
from services.publicity.tables import registry
from services.publicity.videos.domain import VIDEOS, RecordVideo, WithdrawVideo
from services.registry import rights
from services.registry.queries import unit_name


def record_video(
    publicity: PublicityContext, caller: Caller, video_id: str, unit_id: str, title: str, link: str, at: str
) -> dict[str, Any]:
    """`at`: when it ran; empty: now."""
    checked_id(video_id, "video_id")
    title = one_line_text(title, "title")
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        if not unit_name(transaction.connection, registry, unit_id):
            raise problem("bad_value", "unit_id", bad_value("unit_id", unit_id))
        ran_at = instant_until(transaction.now, transaction.campaign.zone, at)
        transaction.unit_of_work.execute(VIDEOS, RecordVideo(video_id, unit_id, title, link, ran_at))
        return transaction.result()


def withdraw_video(publicity: PublicityContext, caller: Caller, video_id: str, reason: str) -> dict[str, Any]:
    with publicity.transaction(caller) as transaction:
        unit_id = transaction.state(VIDEOS, f"video-{video_id}").known.unit_id
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        command = WithdrawVideo(video_id, one_line_text(reason, "reason"), transaction.now)
        transaction.unit_of_work.execute(VIDEOS, command)
        return transaction.result()
