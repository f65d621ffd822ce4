"""Schemas of the routes of findings."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import Positions
from services.participation.findings.domain import STATUSES

MOST_FILES = 20
MOST = 200
ACTS = ("answer", "return", "close", "correct", "withdraw")


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


def _text(most: int = 200, about: str = "") -> fields.String:
    return fields.String(
        load_default="", validate=validate.Length(0, most), metadata=_described_as(about) if about else {}
    )


def _required_string() -> fields.String:
    return fields.String(required=True)


def _evidence() -> fields.List:
    return fields.List(fields.String(validate=validate.Length(64, 64)), load_default=list,
                       validate=validate.Length(0, MOST_FILES),
                       metadata=_described_as("addresses of kept files of one's own unit"))  # fmt: skip


class FindingAtRevision(marshmallow.Schema):
    """The revision that the caller has seen."""

    revision = fields.Integer(
        strict=True, load_default=0, validate=validate.Range(0, 1_000_000),
        metadata=_described_as("the finding's revision as seen: 409 where it is another by now; 0: whatever it is"),
    )  # fmt: skip


class NewFinding(marshmallow.Schema):
    """A finding to raise; the office is that of the caller's post.  Free text must name no person."""

    finding_id = fields.String(
        load_default="", validate=validate.Regexp(r"([A-Za-z0-9][A-Za-z0-9-]{7,63})?"),
        metadata=_described_as("made by the form: the same again changes nothing; empty: made here"),
    )  # fmt: skip
    unit_id = fields.String(required=True, validate=validate.Length(1, 128))
    category = _text(60, "one of the campaign's list")
    description = _text(4000)
    found_on = _text(10, "empty: today")
    deadline = _text(10, "empty: points are taken at once")
    points = _text(20, "decimal text; empty: 0")
    evidence = _evidence()


class AnsweredFinding(FindingAtRevision):
    """What the unit has rectified, and files that show it."""

    text = _text(4000)
    evidence = _evidence()


class ReturnedFinding(FindingAtRevision):
    """The reason of sending back or withdrawing."""

    reason = _text(4000)


class ClosedFinding(FindingAtRevision):
    """The review."""

    note = _text(4000)
    rectified_on = _text(10, "since when it is rectified; empty: the day of the answer, without one today")


class ChangedFinding(ReturnedFinding):
    """The changes; a missing member is unchanged."""

    category = fields.String(validate=validate.Length(0, 60))
    description = fields.String(validate=validate.Length(0, 4000))
    found_on = fields.String(validate=validate.Length(0, 10))
    deadline = fields.String(validate=validate.Length(0, 10))
    points = fields.String(validate=validate.Length(0, 20))


class FindingState(Positions):
    """The state of the finding; `outcome`: unchanged if nothing changed."""

    finding_id = _required_string()
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    revision = fields.Integer(required=True, strict=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged")))


class FindingsQuery(marshmallow.Schema):
    """A filter; `to_do`: only those that the caller's own unit or office must act on."""

    unit_id = _text(128)
    assessor_id = _text(128)
    category = _text(60)
    status = fields.String(
        load_default="", metadata=_described_as("one or several, separated by commas"),
        validate=validate.Regexp(rf"(?:(?:{'|'.join(STATUSES)})(?:,(?!$)|$))*"),
    )  # fmt: skip
    since = _text(10, "found on that day or later")
    until = _text(10)
    to_do = fields.Boolean(load_default=False)
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 1_000_000))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class FindingSummary(marshmallow.Schema):
    """A finding in a list.  `awaits`: who is to act; `overdue`: past its deadline and not rectified."""

    finding_id = _required_string()
    unit_id = _required_string()
    unit_name = _required_string()
    assessor_id = _required_string()
    assessor_name = _required_string()
    found_on = _required_string()
    deadline = _required_string()
    points = _required_string()
    rectified_on = _required_string()
    answered_on = _required_string()
    category = _required_string()
    description = _required_string()
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    awaits = fields.String(required=True, validate=validate.OneOf(("", "unit", "office")))
    overdue = fields.Boolean(required=True)
    revision = fields.Integer(required=True, strict=True)
    begun_at = _required_string()
    recorded_at = _required_string()


class FindingPage(marshmallow.Schema):
    """A page, longest waiting first; `next`: 0 on the last; `counts`: by status, without the filter of status."""

    findings = fields.List(fields.Nested(FindingSummary), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    total = fields.Integer(required=True, strict=True)
    next = fields.Integer(required=True, strict=True)


class FileOfFinding(marshmallow.Schema):
    """A stored file that an event of the finding refers to."""

    content = _required_string()
    name = _required_string()
    media_type = _required_string()
    size = fields.Integer(required=True, strict=True)


class FindingEvent(marshmallow.Schema):
    """An event in the history: `day` of the deed, `text` as written."""

    at = fields.String(required=True, metadata=_described_as("UTC"))
    what = _required_string()
    by = _required_string()
    text = _required_string()
    day = _required_string()
    files = fields.List(fields.Nested(FileOfFinding), required=True)


class FindingDetail(FindingSummary):
    """A complete finding.  `may`: the reader's possible actions; `needs_another`: the reader raised it, so another
    person must close it; `sees_row`: the reader may read the history of its row."""

    may = fields.List(fields.String(validate=validate.OneOf(ACTS)), required=True)
    needs_another = fields.Boolean(required=True)
    sees_row = fields.Boolean(required=True)
    history = fields.List(fields.Nested(FindingEvent), required=True)


class UnitOfForm(marshmallow.Schema):
    """A unit where the caller may raise a finding, and as which office."""

    unit_id = _required_string()
    name = _required_string()
    kind = _required_string()
    assessor_id = _required_string()


class FindingForm(marshmallow.Schema):
    """The options of the form; `max_points` empty: no limit."""

    categories = fields.List(fields.String(), required=True)
    max_points = _required_string()
    today = _required_string()
    units = fields.List(fields.Nested(UnitOfForm), required=True)
