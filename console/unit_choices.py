"""For which unit a file is: of the user's posts, or any of the district's for whoever enters facts for all."""

from collections.abc import Mapping
from typing import NamedTuple

from console.components import components
from console.own_units import LONGEST_ID
from console.users import User

REPORTING = ("head", "clerk")
DISTRICT = "enter_facts"
"""The right of whoever enters facts for the whole district."""


class UnitChoices(NamedTuple):
    """Id -> name of the units that may be chosen; `of_district`: all of them, or none for the whole district."""

    units: Mapping[str, str]
    of_district: bool

    @property
    def first(self) -> str:
        """The unit of whoever has one; empty: the whole district."""
        return "" if self.of_district else next(iter(self.units), "")

    def chosen(self, unit_id: str) -> str:
        """What was asked for; the service judges it."""
        return unit_id.strip()[:LONGEST_ID] or self.first


def unit_choices(user: User) -> UnitChoices:
    if not user.may(DISTRICT):
        held = [post for post in user.profile.posts if post.post in REPORTING and post.unit_id]
        return UnitChoices({post.unit_id: post.unit_name or post.unit_id for post in held}, False)
    listed = components().services.get_json(user, "participation", "/api/units").body.get("units") or []
    named = {str(unit["unit_id"]): f"{unit['name']}（{unit['unit_id']}）" for unit in listed if not unit["closed_on"]}
    return UnitChoices(named, True)
