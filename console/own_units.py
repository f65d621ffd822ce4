"""Which unit a page of one unit shows: that of a post, or one that the address names; the service judges it."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import request

from console.typed_dates import date_or_empty
from console.users import User

OF_UNIT = ("head", "clerk", "inspector")
LONGEST_ID = 80


class UnitChoice(NamedTuple):
    """A unit (id, empty: none) among those where the user has a post, the window, the day and the instant of knowledge
    (数据时点, empty: now) that were asked.
    `own`: what the user owes in person was asked for, though they hold a post."""

    unit_id: str
    units: Mapping[str, str]
    window: str
    as_of: str
    own: bool = False
    known_at: str = ""

    @property
    def query(self) -> dict[str, str]:
        """As it stands in addresses of pages."""
        named = {"unit": self.unit_id, "window": self.window, "as_of": self.as_of,
                 "own": "1" if self.own else "",
                 "known_at": self.known_at}  # fmt: skip
        return {name: value for name, value in named.items() if value}


def units_of(user: User) -> dict[str, str]:
    """Id -> name of the units where the user has a post, in the order of the posts."""
    held = [post for post in user.profile.posts if post.post in OF_UNIT and post.unit_id]
    return {post.unit_id: post.unit_name or post.unit_id for post in held}


def chosen_unit(user: User) -> UnitChoice:
    """What the address asks for; without a unit in it the first of the user's own, unless `own` is 1."""
    units, own = units_of(user), request.args.get("own") == "1"
    unit_id = request.args.get("unit", "").strip()[:LONGEST_ID] or ("" if own else next(iter(units), ""))
    window = request.args.get("window", "").strip()[:64]
    as_of, known_at = (
        date_or_empty(request.args.get("as_of", "")),
        request.args.get("known_at", "").strip()[:LONGEST_ID],
    )
    return UnitChoice(unit_id, units, window, as_of, own and not unit_id, known_at)
