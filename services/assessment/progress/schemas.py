"""Schemas of the routes of duties."""

import marshmallow
from marshmallow import fields, validate

from duties.periods import CADENCES

FIGURE = {"pattern": r"^\d+\.\d+$"}
STATES = ("open", "overdue", "done", "late", "excused")
EXCUSES = ("", "exempted", "paused")


def _figure(description: str = "", allow_none: bool = False) -> fields.String:
    about = FIGURE | ({"description": description} if description else {})
    return fields.String(required=True, metadata=about, allow_none=allow_none)


def _number(description: str = "") -> fields.Integer:
    return fields.Integer(required=True, strict=True, metadata={"description": description} if description else {})


class WindowQuery(marshmallow.Schema):
    """The window, the day, and the instant as known at."""

    window = fields.String(
        load_default="", metadata={"description": "month, quarter, semester or year; default: the year of `as_of`"}
    )
    as_of = fields.String(load_default="", metadata={"description": "YYYY-MM-DD; default: today"})
    known_at = fields.String(load_default="", metadata={"description": "ISO 8601; default: now"})


class DutiesQuery(WindowQuery):
    """The subject: exactly one of `unit_id` and `person_id`."""

    unit_id = fields.String(load_default="")
    person_id = fields.String(load_default="")


class PeopleQuery(WindowQuery):
    """The unit; optionally one duty, one period, one state."""

    unit_id = fields.String(required=True)
    duty = fields.String(load_default="")
    period = fields.String(load_default="")
    state = fields.String(load_default="", validate=validate.OneOf(("", *STATES)))


class CountedRecord(marshmallow.Schema):
    """A record that counts."""

    record_id = fields.String(required=True)
    day = fields.String(required=True)
    on_time = fields.Boolean(required=True)
    evidence = fields.Boolean(required=True)


class DutyPeriodLine(marshmallow.Schema):
    """A duty in a period."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    record = fields.String(required=True, metadata={"description": "the kind of record that counts for it"})
    every = fields.String(required=True, validate=validate.OneOf(CADENCES))
    period = fields.String(required=True)
    needed = _number("how many records it asks of each who owes it")
    weight = _figure("of the duty among the campaign's duties")
    worth = _figure("its share of the unit's base out of 100; null: the window does not count it (yet)",
                    allow_none=True)  # fmt: skip


class DutyLine(DutyPeriodLine):
    """A duty of one unit or person in a period: what is owed and what is done."""

    unit_id = fields.String(required=True)
    person_id = fields.String(required=True, metadata={"description": "empty: the unit's own"})
    start = fields.String(required=True, metadata={"description": "first day of the period"})
    due = fields.String(required=True, metadata={"description": "last day on which work is on time"})
    done = _number("how many records count for it")
    state = fields.String(
        required=True, validate=validate.OneOf(STATES),
        metadata={"description": "open and overdue: not done; done: all on time; late: done, not all on time; "
                                 "excused: not asked, see `excuse`"},
    )  # fmt: skip
    excuse = fields.String(required=True, validate=validate.OneOf(EXCUSES))
    records = fields.List(fields.Nested(CountedRecord), required=True)


class PeopleLine(DutyPeriodLine):
    """A duty of persons in a period: how many of the unit's people owe it, and their progress."""

    due = fields.String(required=True, metadata={"description": "the latest of theirs"})
    owing = _number()
    done = _number("how many have done it, on time or late")
    late = _number("how many of these not all on time")
    overdue = _number("how many have not done it and are past their due day")
    excused = _number("how many are not asked; not among `owing`")


class Figures(marshmallow.Schema):
    """A unit's figures in the window, as displayed."""

    base = _figure()
    sheet = _figure("null: no complete sheet", allow_none=True)
    deduction = _figure()
    score = _figure()
    completion = _figure()
    on_time = _figure()
    evidence = _figure()


class DutyPartLine(marshmallow.Schema):
    """What one duty contributes to the base; the points of all duties add up to it."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    weight = _figure()
    instances = _number("how many fell due in the window")
    complete = _number()
    on_time = _number("counted records that are on time")
    late = _number("counted records that are late")
    credit = _figure("out of 1, four decimals")
    points = _figure("of the 100 of the base")
    most = _figure("the points that it gives when all is done on time")


class Ranking(marshmallow.Schema):
    """The unit's rank among all units, as last shown on the scoreboard; its figures may be slightly older."""

    rank = fields.Integer(required=True, strict=True, allow_none=True)
    band = fields.String(required=True, metadata={"description": "front, middle, below, or empty without a rank"})
    score = _figure("by which it was ranked")
    position = fields.String(required=True, metadata={"description": "up to where it counts, as X-Qihang-After has it"})


class SubjectLine(marshmallow.Schema):
    """The subject and the instant that the answer is valid for."""

    campaign = fields.String(required=True)
    title = fields.String(required=True)
    window = fields.String(required=True)
    as_of = fields.String(required=True)
    known_at = fields.String(required=True, allow_none=True)
    unit_id = fields.String(required=True, metadata={"description": "empty: a person's duties"})
    name = fields.String(required=True, metadata={"description": "the unit's name; of a person empty"})
    person_id = fields.String(required=True, metadata={"description": "empty: a unit's duties"})
    windows = fields.List(fields.String(), required=True, metadata={"description": "all windows begun so far"})


class FindingLine(marshmallow.Schema):
    """A finding of a unit."""

    finding_id = fields.String(required=True)
    found_on = fields.String(required=True)
    points = _figure()
    deadline = fields.String(required=True, metadata={"description": "empty: none"})
    rectified_on = fields.String(required=True, metadata={"description": "empty: it is not"})
    deducts = fields.Boolean(required=True, metadata={"description": "whether the figures count its points"})


class SheetLine(marshmallow.Schema):
    """A unit's sheet of a quarter; while items are not assessed it is pending and does not count."""

    period = fields.String(required=True)
    assessed = _number("how many items are")
    items = _number("how many there are")
    points = _figure("of the assessed items")
    most = _figure("that these could have")


class DutiesAnswer(SubjectLine):
    """Duties of the window that have begun, and those not done that can still be done; and the figures."""

    duties = fields.List(fields.Nested(DutyLine), required=True)
    people = fields.List(
        fields.Nested(PeopleLine), required=True, metadata={"description": "of a unit: what its people owe"}
    )
    figures = fields.Nested(
        Figures, required=True, allow_none=True, metadata={"description": "of a unit; null: nothing fell due"}
    )
    parts = fields.List(fields.Nested(DutyPartLine), required=True, metadata={"description": "of a unit's base"})
    ranking = fields.Nested(
        Ranking, required=True, allow_none=True,
        metadata={"description": "of a unit; null: the unit has no score, or all units are still calculated"},
    )  # fmt: skip
    findings = fields.List(
        fields.Nested(FindingLine), required=True, metadata={"description": "of a unit, the last first"}
    )
    sheets = fields.List(fields.Nested(SheetLine), required=True, metadata={"description": "of a unit, by quarter"})
    points = _figure("a person's points of the year in which the window ends, eligible or not; null: no such award",
                     allow_none=True)  # fmt: skip


class PeopleAnswer(SubjectLine):
    """The same duties for the unit's people, one by one."""

    duties = fields.List(fields.Nested(DutyLine), required=True)


class SupervisedCell(marshmallow.Schema):
    """A unit's own duty in the window, its periods summed up; `state`: the most urgent one."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    done = _number("records that count")
    needed = _number("records needed, without what is excused")
    overdue = _number("periods that are overdue")


class SupervisedUnit(marshmallow.Schema):
    """A unit; `last_on`: the day of its last record for a unit's duty, empty if there is none."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    last_on = fields.String(required=True)
    overdue = _number("periods of its own duties that are overdue")
    overdue_elsewhere = _number("periods overdue in `year` that the window does not show")
    duties = fields.List(fields.Nested(SupervisedCell), required=True)


class SupervisedDuty(marshmallow.Schema):
    """A duty that some of the units owe."""

    duty = fields.String(required=True)
    title = fields.String(required=True)


class SupervisedAnswer(marshmallow.Schema):
    """The units ordered by id, the duties in the order of the campaign's file."""

    window = fields.String(required=True)
    as_of = fields.String(required=True)
    year = fields.String(required=True, metadata={"description": "the year in which the window ends"})
    windows = fields.List(fields.String(), required=True)
    units = fields.List(fields.Nested(SupervisedUnit), required=True)
    duties = fields.List(fields.Nested(SupervisedDuty), required=True)
