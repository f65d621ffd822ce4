"""Routes of posts: who holds which post from when to when, and the hand-over to a successor."""

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
    """Of which unit; without one, of all whose posts the caller keeps."""

    unit_id = fields.String(load_default="")


class HeldPost(marshmallow.Schema):
    """A post with its holder; `until` is the first day that it is not held any more, empty: none."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    post = fields.String(required=True)
    person_id = fields.String(required=True)
    name = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    in_force = fields.Boolean(required=True)


class HeldPosts(marshmallow.Schema):
    """Posts that are not void, past and future ones too; `today`: the day by which they are in force or not."""

    today = fields.String(required=True)
    posts = fields.List(fields.Nested(HeldPost), required=True)


class HandOver(marshmallow.Schema):
    """Which post of whom, held since when, goes to whom from which day."""

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
    """Posts and their hand-over."""

    store: Store
    units_of_work: UnitsOfWork
    clock: Clock
    pending_loop: Any

    @route("GET", "/api/posts", right=rights.KEEP_POSTS, query=PostsWanted, response=HeldPosts)
    def posts(self, request: RouteRequest) -> Any:
        """Who holds which post of which unit, with names."""
        with self.store.reading() as connection:
            unit_ids = units_of_posts(request.actor, request.query["unit_id"])
            return posts_held(connection, unit_ids, self.clock())

    @route("POST", "/api/posts/hand-over", right=rights.KEEP_POSTS, body=HandOver, response=HandOverOutcome)
    def hand_over(self, request: RouteRequest) -> Any:
        """Give a post to a successor: the predecessor's ends with the day from which the successor's begins."""
        outcome = hand_over_post(self.units_of_work, request.json, request.actor, request.correlation)
        self.pending_loop.wake()
        return outcome
