"""Routes of videos: draft with film and script, record, withdraw, list."""

from typing import Any
from urllib.parse import unquote

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.articles.schemas import DraftedArticle
from services.publicity.rendering.read_manuscript import LARGEST_FILE
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import Reason, WriteResult
from services.publicity.tables import registry
from services.publicity.videos import handlers
from services.publicity.videos.queries import units_with_videos, video_page
from services.registry import rights
from services.registry.identity import units_within
from services.registry.queries import unit_names

SCRIPT = Media("application/octet-stream", "the script: .txt, .docx, .jpg or .png")


class VideoDraftQuery(marshmallow.Schema):
    """The unit of the film, and the account; `film`: SHA-256 of a stored film of the unit (a file of evidence)."""

    unit_id = fields.String(required=True, validate=validate.Length(1, 128))
    account = fields.String(load_default="unit", validate=validate.OneOf(("unit", "district")))
    film = fields.String(required=True, validate=validate.Regexp("[0-9a-f]{64}$"))


class Video(marshmallow.Schema):
    """A video on an official account; `at` (ISO 8601): when it ran."""

    video_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True)
    at = fields.String(load_default="")


class VideosQuery(marshmallow.Schema):
    """The unit; `limit` of them after `after`."""

    unit_id = fields.String(load_default="")
    after = fields.String(load_default="")
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 500))


class VideoRow(marshmallow.Schema):
    """A video; `withdrawn_at` is empty while it counts; `may`: whether the caller may withdraw it."""

    video_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True)
    published_at = fields.String(required=True)
    withdrawn_at = fields.String(required=True)
    unit = fields.String(required=True)
    may = fields.Boolean(required=True)


class Videos(marshmallow.Schema):
    """Videos, latest first; `next`: cursor of the next page, empty on the last."""

    videos = fields.List(fields.Nested(VideoRow), required=True)
    next = fields.String(required=True)


class VideoRoutes(PublicityRoutes):
    """Routes of videos."""

    @route("PUT", "/api/articles/<article_id>/video", right=rights.PUBLISH_FOR_UNIT, body=SCRIPT,
           query=VideoDraftQuery, headers={"X-Qihang-Title": "the title, percent-encoded"},
           response={201: DraftedArticle}, problems=(404, 410), largest=LARGEST_FILE)  # fmt: skip
    def draft_video(self, request: RouteRequest, article_id: str) -> Any:
        """Draft a video, also again after a reading returned it: the body is its script.  It is read three times,
        published by hand and taken down like an article, and listed among articles with its `film`."""
        title = unquote(request.http_request.headers.get("X-Qihang-Title", ""))
        return 201, handlers.draft_video(self.publicity, request, article_id, title=title, script=request.body,
                                         **request.query)  # fmt: skip

    @route("POST", "/api/videos", right=rights.PUBLISH_FOR_UNIT, body=Video, response={201: WriteResult})
    def record_video(self, request: RouteRequest) -> Any:
        """Record that a learning video ran on an official account."""
        return 201, handlers.record_video(self.publicity, request, **request.json)

    @route("POST", "/api/videos/<video_id>/withdraw", right=rights.PUBLISH_FOR_UNIT, body=Reason, response=WriteResult)
    def withdraw_video(self, request: RouteRequest, video_id: str) -> Any:
        """Withdraw the entry of a video, and undo its deed."""
        return handlers.withdraw_video(self.publicity, request, video_id, request.json["reason"])

    @route("GET", "/api/videos", right=rights.SEE_PUBLICITY, query=VideosQuery, response=Videos)
    def videos(self, request: RouteRequest) -> Any:
        """Videos of a unit (`unit_id`), or of all that the caller may see."""
        with self.publicity.reading() as connection:
            units = units_within(connection, registry, request.actor, rights.SEE_PUBLICITY,
                                 units_with_videos(connection))  # fmt: skip
            rows, following = video_page(connection, units, **request.query)
            names = unit_names(connection, registry, unit_ids=sorted({row["unit_id"] for row in rows}))
            may = {unit: rights.may(request.actor, rights.PUBLISH_FOR_UNIT, rights.Subject(unit)) for unit in names}
            return {
                "videos": [row | {"unit": names.get(row["unit_id"], ""), "may": may.get(row["unit_id"], False)}
                           for row in rows],
                "next": following,
            }  # fmt: skip
