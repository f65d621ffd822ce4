"""Routes of videos: record, withdraw, list."""

from typing import Any

import marshmallow
from marshmallow import fields

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from services.publicity.permissions import rows_within
from services.publicity.routes import PublicityRoutes
from services.publicity.schemas import Reason, WriteResult
from services.publicity.videos import handlers
from services.publicity.videos.queries import video_rows
from services.registry import rights


class Video(marshmallow.Schema):
    """A video on an official account; `at` (ISO 8601): when it ran."""

    video_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True)
    at = fields.String(load_default="")


class VideosQuery(marshmallow.Schema):
    """Of which unit."""

    unit_id = fields.String(load_default="")


class VideoRow(marshmallow.Schema):
    """A video; `withdrawn_at` is empty while it counts."""

    video_id = fields.String(required=True)
    unit_id = fields.String(required=True)
    title = fields.String(required=True)
    link = fields.String(required=True)
    published_at = fields.String(required=True)
    withdrawn_at = fields.String(required=True)


class Videos(marshmallow.Schema):
    """Videos in the order of their ids."""

    videos = fields.List(fields.Nested(VideoRow), required=True)


class VideoRoutes(PublicityRoutes):
    """Videos."""

    @route("POST", "/api/videos", right=rights.PUBLISH_FOR_UNIT, body=Video, response={201: WriteResult})
    def record_video(self, request: RouteRequest) -> Any:
        """Record that a learning video ran on an official account."""
        return 201, handlers.record_video(self.publicity, request, **request.json)

    @route("POST", "/api/videos/<video_id>/withdraw", right=rights.PUBLISH_FOR_UNIT, body=Reason, response=WriteResult)
    def withdraw_video(self, request: RouteRequest, video_id: str) -> Any:
        """Take the entry of a video back, and undo its deed."""
        return handlers.withdraw_video(self.publicity, request, video_id, request.json["reason"])

    @route("GET", "/api/videos", right=rights.SEE_PUBLICITY, query=VideosQuery, response=Videos)
    def videos(self, request: RouteRequest) -> Any:
        """Videos of a unit (`unit_id`)."""
        with self.publicity.reading() as connection:
            rows = video_rows(connection, request.query["unit_id"])
            return {"videos": rows_within(connection, request.actor, rights.SEE_PUBLICITY, rows)}
