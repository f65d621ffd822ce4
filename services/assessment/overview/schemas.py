"""Schemas of the route of the overview."""

import marshmallow
from marshmallow import fields, validate

from duties.periods import CADENCES

RATE = {"pattern": r"^\d+\.\d+$", "description": "four decimals; null: nothing is owed"}
MOST_DAYS = 400
LONGEST = 128


def _number(description: str = "") -> fields.Integer:
    return fields.Integer(required=True, strict=True, metadata={"description": description} if description else {})


class OverviewQuery(marshmallow.Schema):
    """The window and the day; optionally one kind, zone or liaison office of units, and one duty."""

    window = fields.String(
        load_default="", validate=validate.Length(0, LONGEST),
        metadata={"description": "month, quarter, semester or year; default: the year of `as_of`"},
    )  # fmt: skip
    as_of = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; default: today"})
    kind = fields.String(load_default="", validate=validate.Length(0, LONGEST))
    zone_id = fields.String(load_default="", validate=validate.Length(0, LONGEST))
    liaison_id = fields.String(load_default="", validate=validate.Length(0, LONGEST))
    duty = fields.String(load_default="", validate=validate.Length(0, LONGEST))
    still_days = fields.Integer(
        load_default=30, validate=validate.Range(1, MOST_DAYS),
        metadata={"description": "after how many days without a record a unit is listed in `still`"},
    )  # fmt: skip


class Sums(marshmallow.Schema):
    """Duties owed by units and their people that fell due: their number, how many are done, how many of these entirely
    on time."""

    owed = _number("应完成")
    done = _number("已完成")
    punctual = _number("按时完成")
    completion = fields.String(required=True, allow_none=True, metadata=RATE)
    on_time = fields.String(required=True, allow_none=True, metadata=RATE)


class MonthSums(Sums):
    """Sums over what fell due in a month."""

    month = fields.String(required=True, metadata={"description": "YYYY-MM"})


class DutySums(Sums):
    """Sums for one duty, in total and by the month in which it fell due."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    record = fields.String(required=True, metadata={"description": "the kind of record that counts for it"})
    every = fields.String(required=True, validate=validate.OneOf(CADENCES))
    of_persons = fields.Boolean(required=True)
    months = fields.List(fields.Nested(MonthSums), required=True)


class GroupSums(Sums):
    """Sums for a group of units."""

    id = fields.String(required=True, metadata={"description": "empty: of units that belong to none"})
    name = fields.String(required=True)
    units = _number()


class StillUnit(marshmallow.Schema):
    """A unit that has had no record for long."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    liaison_id = fields.String(required=True)
    last = fields.String(required=True, metadata={"description": "day of the last record; empty: there is none"})
    days = _number("since then, or since it was opened")
    owed = _number()
    done = _number()


class StillUnits(marshmallow.Schema):
    """Units without recent records, the longest first; at most 100."""

    total = _number()
    lines = fields.List(fields.Nested(StillUnit), required=True)


class Choice(marshmallow.Schema):
    """An option of a filter."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class Choices(marshmallow.Schema):
    """The options of the filters, from all units."""

    kinds = fields.List(fields.String(), required=True)
    zones = fields.List(fields.Nested(Choice), required=True)
    liaisons = fields.List(fields.Nested(Choice), required=True)
    duties = fields.List(fields.Nested(Choice), required=True)


class OverviewAnswer(marshmallow.Schema):
    """The district's figures in a window as of a day, as known now."""

    campaign = fields.String(required=True)
    title = fields.String(required=True)
    window = fields.String(required=True)
    as_of = fields.String(required=True)
    windows = fields.List(fields.String(), required=True, metadata={"description": "all windows begun so far"})
    position = fields.String(
        required=True, metadata={"description": "up to where it counts: `source/partition/position`, by commas"}
    )
    units = _number("how many are counted")
    whole = fields.Nested(Sums, required=True)
    months = fields.List(fields.Nested(MonthSums), required=True)
    duties = fields.List(fields.Nested(DutySums), required=True)
    kinds = fields.List(fields.Nested(GroupSums), required=True)
    zones = fields.List(fields.Nested(GroupSums), required=True)
    liaisons = fields.List(fields.Nested(GroupSums), required=True)
    still = fields.Nested(StillUnits, required=True)
    choices = fields.Nested(Choices, required=True)
