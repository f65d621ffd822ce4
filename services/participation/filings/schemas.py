"""Schemas of the routes of filings."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import Positions
from duties.record_kinds import MOST_FILES, MOST_LISTED
from services.participation.filings.domain.filing import AWAITED, STATUSES
from services.participation.filings.queries import MOST

_ID = validate.Length(0, 128)
_ENTRY = validate.Regexp(r"([A-Za-z0-9][A-Za-z0-9-]{7,63})?")
ACTS = ("edit", "submit", "withdraw", "confirm", "return", "correct", "attach")


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


def _text(most: int = 200) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(0, most))


def _revision() -> fields.Integer:
    about = _described_as("the filing's revision as seen: 409 where it is another by now; 0: whatever it is")
    return fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 1_000_000), metadata=about)


class FormContent(marshmallow.Schema):
    """A filled-in form; `people`: whose deed it is, for a kind of persons; `fields`: the kind's own, by id."""

    kind = fields.String(required=True, validate=validate.Length(1, 200))
    unit_id = fields.String(load_default="", validate=_ID, metadata=_described_as("empty: the unit of the one person"))
    people = fields.List(fields.String(validate=validate.Length(1, 128)), load_default=list,
                         validate=validate.Length(0, MOST_LISTED))  # fmt: skip
    occurred_at = _text(60)
    period = _text(60)
    title = _text(400)
    content_sha256 = _text(64)
    evidence = fields.List(fields.String(validate=validate.Length(64, 64)), load_default=list,
                           validate=validate.Length(0, MOST_FILES))  # fmt: skip
    fields_ = fields.Dict(keys=fields.String(), load_default=dict, attribute="fields", data_key="fields")


class DeedOfEntry(FormContent):
    """One form of an entry; `revision`: of its draft as seen, 0: not checked."""

    revision = _revision()


class NewFilings(marshmallow.Schema):
    """One entry with its filings; the kind of the first determines by `files_with` the kinds of the others."""

    entry_id = fields.String(
        load_default="",
        validate=_ENTRY,
        metadata=_described_as("made by the form: the same again changes nothing; empty: made here"),
    )
    deeds = fields.List(fields.Nested(DeedOfEntry), required=True, validate=validate.Length(1, 10))
    submit = fields.Boolean(load_default=False, metadata=_described_as("also submit them all"))


class ChangedFiling(marshmallow.Schema):
    """The complete form; a filing that counts is corrected, which needs a reason."""

    revision = _revision()
    content = fields.Nested(FormContent, required=True)
    reason = _text(400)
    submit = fields.Boolean(load_default=False, metadata=_described_as("of a draft: also submit it"))


class AtRevision(marshmallow.Schema):
    """The revision that the caller has seen."""

    revision = _revision()


class Because(marshmallow.Schema):
    """The reason."""

    reason = fields.String(required=True, validate=[validate.Length(1, 400), validate.Regexp(r"(?s).*\S")])


class WithReason(AtRevision, Because):
    """The reason, and the revision that the caller has seen."""


class MayHaveReason(AtRevision):
    """The reason; required if it counts."""

    reason = _text(400)


class FilingIds(marshmallow.Schema):
    """The filings to confirm."""

    filings = fields.List(fields.String(validate=validate.Length(1, 128)), required=True,
                          validate=validate.Length(1, MOST))  # fmt: skip


class FilingState(marshmallow.Schema):
    """The state of a filing."""

    filing_id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    awaits = fields.String(required=True, validate=validate.OneOf(AWAITED))
    counts = fields.Boolean(required=True)
    revision = fields.Integer(required=True, strict=True)


class FilingsChanged(Positions):
    """The filings as they are now; `outcome`: unchanged if nothing changed."""

    filings = fields.List(fields.Nested(FilingState), required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged")))


class ConfirmedFiling(marshmallow.Schema):
    """The outcome: confirmed, unchanged (it already was), or refused with a message."""

    filing_id = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("confirmed", "unchanged", "refused")))
    message = fields.String(required=True)


class ConfirmedFilings(Positions):
    """The outcome for each, in order."""

    outcomes = fields.List(fields.Nested(ConfirmedFiling), required=True)


class PageQuery(marshmallow.Schema):
    """A filter and a page: `after` is `next` of the previous page."""

    kind = _text()
    status = fields.String(
        load_default="",
        metadata=_described_as("one or several, separated by commas"),
        validate=validate.Regexp(rf"(?:(?:{'|'.join(STATUSES)})(?:,(?!$)|$))*"),
    )
    period = _text(60)
    since = _text(10)
    until = _text(10)
    text = _text(80)
    entry_id = _text(128)
    refers_to = _text(128)
    after = _text(200)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class FilingsQuery(PageQuery):
    """`mine`: the caller's units; a unit; `to_confirm`: only those that await confirmation."""

    unit_id = fields.String(load_default="", validate=_ID)
    awaits = fields.String(load_default="", validate=validate.OneOf(AWAITED))
    to_confirm = fields.Boolean(load_default=False)
    files = fields.Boolean(load_default=False, metadata=_described_as("with the files of each"))


class FileOfFiling(marshmallow.Schema):
    """A stored file that the reader may open.  `later`: attached to the record after it was filed."""

    content = fields.String(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    private = fields.Boolean(required=True)
    later = fields.Boolean(required=True)


class FilingSummary(FilingState):
    """A filing in a list; the title of a person's own is given to that person only."""

    entry_id = fields.String(required=True)
    kind = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    person_id = fields.String(required=True)
    person_name = fields.String(required=True)
    people_count = fields.Integer(required=True, strict=True)
    day = fields.String(required=True)
    period = fields.String(required=True)
    title = fields.String(required=True)
    file_count = fields.Integer(required=True, strict=True)
    refers_to = fields.String(required=True)
    recalled = fields.Boolean(required=True, metadata=_described_as("it counted and was given back by who collects it"))
    on_behalf = fields.Boolean(required=True)
    begun_at = fields.String(required=True)
    recorded_at = fields.String(required=True)
    files = fields.List(fields.Nested(FileOfFiling), metadata=_described_as("where they are asked for"))


class FilingPage(marshmallow.Schema):
    """A page, latest first; `next`: empty on the last; `total`: over all pages."""

    filings = fields.List(fields.Nested(FilingSummary), required=True)
    next = fields.String(required=True)
    total = fields.Integer(required=True, strict=True)


class OwnRecord(marshmallow.Schema):
    """A record of the caller's, from any source."""

    record_id = fields.String(required=True)
    kind = fields.String(required=True)
    unit_id = fields.String(required=True)
    day = fields.String(required=True)
    period = fields.String(required=True)
    title = fields.String(required=True)
    recorded_at = fields.String(required=True)
    withdrawn = fields.Boolean(required=True)


class OwnFilings(FilingPage):
    """The caller's filings, and their latest records."""

    records = fields.List(fields.Nested(OwnRecord), required=True)


class PersonOfFiling(marshmallow.Schema):
    """A person whose deed it is."""

    person_id = fields.String(required=True)
    name = fields.String(required=True)


class FilingEvent(marshmallow.Schema):
    """An event in the history."""

    at = fields.String(required=True, metadata=_described_as("UTC"))
    event = fields.String(required=True)
    what = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    revision = fields.Integer(required=True, strict=True)
    sentence = fields.String(required=True, metadata=_described_as("all of it in words, Chinese"))


class FilingDetail(FilingState):
    """A complete filing.  `private_fields`: those that are filled in; their text is given to the person only.  `may`:
    the reader's possible actions."""

    entry_id = fields.String(required=True)
    kind = fields.String(required=True)
    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    people = fields.List(fields.Nested(PersonOfFiling), required=True)
    people_count = fields.Integer(required=True, strict=True)
    occurred_at = fields.String(required=True)
    period = fields.String(required=True)
    title = fields.String(required=True)
    content_sha256 = fields.String(required=True)
    evidence = fields.List(fields.String(), required=True)
    files = fields.List(fields.Nested(FileOfFiling), required=True)
    record_id = fields.String(required=True, metadata=_described_as("to which files are put; empty: it does not count"))
    fields_: Any = fields.Dict(keys=fields.String(), required=True, attribute="fields", data_key="fields")
    private_fields = fields.List(fields.String(), required=True)
    on_behalf = fields.Boolean(required=True)
    may = fields.List(fields.String(validate=validate.OneOf(ACTS)), required=True)
    history = fields.List(fields.Nested(FilingEvent), required=True)


class FirstResponse(marshmallow.Schema):
    """A unit's first filing that refers to another."""

    unit_id = fields.String(required=True)
    unit_name = fields.String(required=True)
    filing_id = fields.String(required=True)
    kind = fields.String(required=True)
    day = fields.String(required=True)


class FirstResponses(marshmallow.Schema):
    """For each unit the first that counts, earliest first."""

    responses = fields.List(fields.Nested(FirstResponse), required=True)
