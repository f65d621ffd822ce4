"""Schemas of the routes of the directory."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import Positions
from services.participation.directory.domain import MEMBERSHIP_CHANGES, POST_CHANGES, REASONS, UNIT_CELLS, UNIT_CHANGES
from services.participation.history.routes import HistoryEntry
from services.participation.registry.routes import UnitSummary
from services.registry.rights import POSTS

MOST, USUAL = 200, 50
STATES = ("serving", "coming", "left")
_REASON = 400


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


def _text(most: int = 200, about: str = "") -> fields.String:
    return fields.String(
        load_default="", validate=validate.Length(0, most), metadata=_described_as(about) if about else {}
    )


def _cell(about: str = "") -> fields.String:
    """The new value; missing: unchanged."""
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(0, 4000),
                         metadata=_described_as(about or "absent: as it was"))  # fmt: skip


def _limit() -> fields.Integer:
    return fields.Integer(strict=False, load_default=USUAL, validate=validate.Range(1, MOST))


def _id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 200))


class UnitsQuery(marshmallow.Schema):
    """Units by part of the id or name, its pinyin or initials; `after`: `next` of the previous page."""

    text = _text(80)
    kind = _text(40)
    zone_id = _text(128)
    liaison_id = _text(128)
    state = fields.String(load_default="", validate=validate.OneOf(("", "open", "closed")))
    after = _text(128)
    limit = _limit()


class PeopleQuery(marshmallow.Schema):
    """People of one unit or of all that the caller maintains; by part of the id or name, its pinyin or initials."""

    unit_id = _text(128)
    text = _text(80)
    state = fields.String(load_default="serving", validate=validate.OneOf(("all", *STATES)))
    role = _text(40)
    after = _text(128)
    limit = _limit()


class DirectoryUnit(UnitSummary):
    """A unit with the names of its relations, and the number of people serving there today."""

    zone_name = fields.String(required=True)
    community_name = fields.String(required=True)
    liaison_name = fields.String(required=True)
    people = fields.Integer(required=True, strict=True)


class DirectoryUnits(marshmallow.Schema):
    """A page of units ordered by id; `next` is empty on the last."""

    units = fields.List(fields.Nested(DirectoryUnit), required=True)
    next = fields.String(required=True)
    total = fields.Integer(required=True, strict=True)


class UnitName(marshmallow.Schema):
    """A unit in service."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)


class UnitNames(marshmallow.Schema):
    """Ordered by kind and id."""

    units = fields.List(fields.Nested(UnitName), required=True)


class Membership(marshmallow.Schema):
    """A person's service from the day `since` up to, not including, the day `until` (empty: open)."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    voided = fields.Boolean(required=True)


class Holding(marshmallow.Schema):
    """A post held by a person."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    post = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    voided = fields.Boolean(required=True)


class DirectoryPerson(Membership):
    """A person with the membership of today, else the next, else the last; an erased person's name is empty."""

    person_id = fields.String(required=True)
    posts = fields.List(fields.String(), required=True)


class DirectoryPeople(marshmallow.Schema):
    """A page of people ordered by id; `next` is empty on the last."""

    people = fields.List(fields.Nested(DirectoryPerson), required=True)
    next = fields.String(required=True)
    total = fields.Integer(required=True, strict=True)


class PersonDetail(marshmallow.Schema):
    """A person with the memberships and posts that the caller may see, void ones too, and the history of each in words;
    `may`: the changes that the caller may make."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)
    erased = fields.Boolean(required=True)
    today = fields.String(required=True)
    memberships = fields.List(fields.Nested(Membership), required=True)
    posts = fields.List(fields.Nested(Holding), required=True)
    history = fields.List(fields.Nested(HistoryEntry), required=True)
    keeps = fields.List(fields.String(), required=True, metadata=_described_as("units whose people the caller keeps"))
    keeps_posts = fields.List(
        fields.String(), required=True, metadata=_described_as("units whose posts the caller keeps")
    )


class Holder(Holding):
    """The holder of a post."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)


class UnitDetail(marshmallow.Schema):
    """A unit: its facts, its posts and their holders, its supervising offices with their posts, its history."""

    unit = fields.Nested(DirectoryUnit, required=True)
    today = fields.String(required=True)
    posts = fields.List(fields.Nested(Holder), required=True)
    offices = fields.List(fields.Nested(Holder), required=True)
    history = fields.List(fields.Nested(HistoryEntry), required=True)
    keeps_posts = fields.Boolean(required=True)
    keeps_unit = fields.Boolean(required=True)


class _ChangeRequest(marshmallow.Schema):
    preview = fields.Boolean(load_default=False, metadata=_described_as("only say what it would do"))
    reason_code = fields.String(load_default="", validate=validate.OneOf(("", *REASONS)))
    reason = _text(_REASON, "in words; of a correction, a void or a restoration with its code")


class MembershipChanged(_ChangeRequest):
    """`join` creates a membership; the other changes are about that of `person_id` in `unit_id` from `since`."""

    change = fields.String(required=True, validate=validate.OneOf(MEMBERSHIP_CHANGES))
    person_id = _id()
    unit_id = _id()
    since = fields.String(required=True, validate=validate.Length(0, 40))
    day = _text(40, "the first day of what is new, or not any more")
    to_unit_id = _text(128, "of a transfer; empty: the same unit, in another role")
    name = _cell()
    role = _cell()
    until = _cell()
    new_since = _cell("of a correction: the right first day; absent: as it was")


class PostChanged(_ChangeRequest):
    """`assign` creates a post; the other changes are about that of `person_id` from `since`."""

    change = fields.String(required=True, validate=validate.OneOf(POST_CHANGES))
    unit_id = _id()
    post = fields.String(required=True, validate=validate.OneOf(POSTS))
    person_id = _id()
    since = fields.String(required=True, validate=validate.Length(0, 40))
    day = _text(40)
    until = _cell()
    new_since = _cell("of a correction: the right first day; absent: as it was")


class UnitChanged(_ChangeRequest):
    """`register` creates a unit; `cells` by the columns of units.csv, in a correction the changed ones."""

    change = fields.String(required=True, validate=validate.OneOf(UNIT_CHANGES))
    unit_id = _id()
    day = _text(40)
    cells = fields.Dict(keys=fields.String(validate=validate.OneOf(UNIT_CELLS)),
                        values=fields.String(validate=validate.Length(0, 4000)), load_default=dict)  # fmt: skip


class ChangeOutcome(Positions):
    """The outcome: `sentences` describe the change, `left` what the caller still has to do."""

    outcome = fields.String(required=True, validate=validate.OneOf(("preview", "accepted", "unchanged")))
    sentences = fields.List(fields.String(), required=True)
    left = fields.List(fields.String(), required=True)


class OwnService(marshmallow.Schema):
    """The caller's past, present and future memberships and posts."""

    today = fields.String(required=True)
    memberships = fields.List(fields.Nested(Membership), required=True)
    posts = fields.List(fields.Nested(Holding), required=True)
