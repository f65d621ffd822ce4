"""For which unit something new of publicity is, and ids that a form makes, so that what is sent twice is one thing."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from console.components import components
from console.local_times import ZONE
from console.own_units import LONGEST_ID
from console.registry import unit_names
from console.users import User

POSTS = ("head", "clerk")


def publishing_units(user: User) -> dict[str, str]:
    """Id -> name of the units for which the user may publish: those of their posts, all for the operator."""
    if user.is_operator:
        return {str(each["unit_id"]): str(each["name"]) for each in unit_names(user)}
    held = [post for post in user.profile.posts if post.post in POSTS and post.unit_id]
    return {post.unit_id: post.unit_name or post.unit_id for post in held}


def chosen_unit(units: Mapping[str, str], given: str) -> str:
    """The one that was asked for, else the only or first one."""
    return given.strip()[:LONGEST_ID] or next(iter(units), "")


def new_id(kind: str, unit_id: str) -> str:
    """Made by a form when it is first shown."""
    return f"{kind}{unit_id[:40]}-{datetime.now(ZONE):%y%m%d}-{secrets.token_hex(3)}"


def semesters(user: User) -> list[str]:
    """Of the campaign, as the bundles' page has them; the latest first."""
    unit_id = next(iter(publishing_units(user)), "")
    body = components().services.get_json(user, "participation", "/api/bundles", unit_id=unit_id).body
    return [str(each["semester"]) for each in body.get("semesters") or []]
