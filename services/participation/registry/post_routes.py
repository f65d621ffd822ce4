"""Routes of posts: their holders with days, and the hand-over to a successor."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.process.clock import Clock
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.registry.posts import hand_over_post, posts_held, units_of_posts
from services.registry import rights


class PostsWanted(marshmallow.Schema):
    """The unit; without one all whose posts the caller maintains."""

    unit_id = fields.String(load_default="")


class HeldPost(marshmallow.Schema):
    """A post with its holder; `until`: the first day after its end, empty: open."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    post = fields.String(required=True)
    person_id = fields.String(required=True)
    name = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    in_force = fields.Boolean(required=True)


class HeldPosts(marshmallow.Schema):
    """Posts that are not void, past and future ones too; `today`: the day that `in_force` refers to."""

    today = fields.String(required=True)
    posts = fields.List(fields.Nested(HeldPost), required=True)


class HandOver(marshmallow.Schema):
    """The post, its holder since a day, the successor, and the day."""

    unit_id = fields.String(required=True)
    post = fields.String(required=True)
    person_id = fields.String(required=True)
    since = fields.String(required=True)
    successor_id = fields.String(required=True)
    day = fields.String(required=True)


class HandOverOutcome(Positions):
    """Whether anything changed."""

    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged")))


class PostRoutes:
    """Routes of posts."""

    store: Store
    units_of_work: UnitsOfWork
    clock: Clock
    pending_loop: Any

    @route("GET", "/api/posts", right=rights.KEEP_POSTS, query=PostsWanted, response=HeldPosts)
    def posts(self, request: RouteRequest) -> Any:
        """The holders of a unit's posts, with names."""
        with self.store.reading() as connection:
            unit_ids = units_of_posts(request.actor, request.query["unit_id"])
            return posts_held(connection, unit_ids, self.clock())

    @route("POST", "/api/posts/hand-over", right=rights.KEEP_POSTS, body=HandOver, response=HandOverOutcome)
    def hand_over(self, request: RouteRequest) -> Any:
        """Hand a post over: the predecessor's ends on the day on which the successor's begins."""
        outcome = hand_over_post(self.units_of_work, request.json, request.actor, request.correlation)
        self.pending_loop.wake()
        return outcome
