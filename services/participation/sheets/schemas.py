"""Schemas of the routes of quarter sheets."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import Positions
from services.participation.sheets.queries import ACTS, STATES

MOST = 500
"""The most units in one request."""
_UNIT = validate.Length(1, 128)
_PERIOD = validate.Regexp(r"[0-9]{4}-Q[1-4]")


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


def _revision() -> fields.Integer:
    about = _described_as("the sheet's revision as seen: 409 where it is another by now; 0: whatever it is")
    return fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 1_000_000), metadata=about)


def _points() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=_described_as("points as text, by item")
    )


class QuarterQuery(marshmallow.Schema):
    """The quarter; empty: the latest that has begun."""

    period = fields.String(load_default="", validate=validate.Regexp(r"([0-9]{4}-Q[1-4])?"))


class SheetItem(marshmallow.Schema):
    """An item of the campaign's sheet."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    max = fields.String(required=True)


class SheetLine(marshmallow.Schema):
    """A unit's sheet: `pending` 待考核, `draft` 草稿, `completed` 待复核, `confirmed` 已完成.  `points`: as entered;
    `official`: those that count; `total`: empty until every item has points; `may`: the reader's possible actions."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    points = _points()
    official = _points()
    total = fields.String(required=True)
    correcting = fields.Boolean(required=True)
    revision = fields.Integer(required=True, strict=True)
    may = fields.List(fields.String(validate=validate.OneOf(ACTS)), required=True)


class QuarterSheets(marshmallow.Schema):
    """The sheets of a quarter; `periods`: those that have begun, latest first."""

    period = fields.String(required=True)
    periods = fields.List(fields.String(), required=True)
    items = fields.List(fields.Nested(SheetItem), required=True)
    share = fields.String(required=True, metadata=_described_as("of the score, a fraction"))
    sheets = fields.List(fields.Nested(SheetLine), required=True)


class SheetEntry(marshmallow.Schema):
    """An event in the history of the sheet."""

    at = fields.String(required=True)
    what = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    revision = fields.Integer(required=True, strict=True)
    points = _points()


class SheetDetail(SheetLine):
    """One sheet with its history and the campaign's items; `rows`: the ids of the rows that count, by item."""

    period = fields.String(required=True)
    items = fields.List(fields.Nested(SheetItem), required=True)
    history = fields.List(fields.Nested(SheetEntry), required=True)
    rows = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class OwnSheet(marshmallow.Schema):
    """A unit's sheet that counts."""

    period = fields.String(required=True)
    points = _points()
    total = fields.String(required=True)
    assessed_on = fields.String(required=True)
    assessors = fields.List(fields.String(), required=True, metadata=_described_as("names of the units that assessed"))


class OwnSheets(marshmallow.Schema):
    """A unit's sheets that are complete and count; `has_sheets`: whether units of its kind have any."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    has_sheets = fields.Boolean(required=True)
    items = fields.List(fields.Nested(SheetItem), required=True)
    sheets = fields.List(fields.Nested(OwnSheet), required=True)


class SheetAtRevision(marshmallow.Schema):
    """A unit's sheet at the revision that the caller has seen."""

    unit_id = fields.String(required=True, validate=_UNIT)
    revision = _revision()


class DraftedSheet(SheetAtRevision):
    """Points for some of its items; an empty text removes them."""

    points = fields.Dict(keys=fields.String(validate=validate.Length(1, 80)),
                         values=fields.String(validate=validate.Length(0, 100)), required=True,
                         validate=validate.Length(1, 100))  # fmt: skip


class DraftSheets(marshmallow.Schema):
    """Points to enter, for one unit or a column of units: all or none."""

    period = fields.String(required=True, validate=_PERIOD)
    sheets = fields.List(fields.Nested(DraftedSheet), required=True, validate=validate.Length(1, MOST))


class SheetsOfUnits(marshmallow.Schema):
    """The quarter and the sheets."""

    period = fields.String(required=True, validate=_PERIOD)
    sheets = fields.List(fields.Nested(SheetAtRevision), required=True, validate=validate.Length(1, MOST))


class SheetWithReason(marshmallow.Schema):
    """The reason."""

    revision = _revision()
    reason = fields.String(required=True, validate=[validate.Length(1, 400), validate.Regexp(r"(?s).*\S")])


class SheetsDrafted(Positions):
    """The units whose sheet changed."""

    changed = fields.List(fields.String(), required=True)


class SheetOutcome(marshmallow.Schema):
    """The outcome: done, unchanged (it was so already), or refused with a message."""

    unit_id = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("done", "unchanged", "refused")))
    message = fields.String(required=True)


class SheetOutcomes(Positions):
    """The outcome for each sheet independently."""

    outcomes = fields.List(fields.Nested(SheetOutcome), required=True)


class SheetChanged(Positions):
    """Whether it changed anything."""

    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged")))
