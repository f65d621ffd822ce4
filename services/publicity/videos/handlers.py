"""Use cases of videos: draft one with film and script, which then follows the steps of an article; record one that
ran."""

from typing import Any

from services.publicity.articles.domain.commands import DraftVideo
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.context import Caller, PublicityContext, nothing_left_if_refused
from services.publicity.refusal_messages import problem
from services.publicity.rendering.renderer import render_video
from services.publicity.request_values import bad_value, checked_id, instant_until, one_line_text
from services.publicity.tables import registry
from services.publicity.videos.domain import VIDEOS, RecordVideo, WithdrawVideo
from services.publicity.videos.films import film_of
from services.registry import rights
from services.registry.queries import unit_name


@nothing_left_if_refused
def draft_video(
    publicity: PublicityContext, caller: Caller, article_id: str, unit_id: str, account: str, title: str, film: str,
    script: bytes,
) -> dict[str, Any]:  # fmt: skip
    """`film`: a stored film of the unit; `script`: the script's file.  The caller is the author, who neither reads nor
    appoints readers.  Problem."""
    checked_id(article_id, "article_id")
    rights.require(caller.actor, rights.PUBLISH_FOR_UNIT, rights.Subject(unit_id))
    title = one_line_text(title, "title", 64)
    with publicity.reading() as connection:
        known = film_of(connection, film, unit_id)
    if known is None:
        raise problem("unknown_film", "film")
    author_id = caller.actor.name if "person" in caller.actor.roles else ""
    rendered = render_video(publicity, title, author_id, known, script)
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        command = DraftVideo(article_id, unit_id, account, title, film, author_id, rendered.content, rendered.size,
                             rendered.pictures, transaction.today)  # fmt: skip
        transaction.unit_of_work.execute(ARTICLES, command)
        return transaction.result(article_id=article_id, content=rendered.content)


def record_video(
    publicity: PublicityContext, caller: Caller, video_id: str, unit_id: str, title: str, link: str, at: str
) -> dict[str, Any]:
    """`at`: when it ran; empty: now.  Problem."""
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
