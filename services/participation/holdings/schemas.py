"""Schemas of the routes under `/api/publisher`."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger
from services.participation.holdings.domain import KINDS
from services.participation.registry.routes import UnitSummary

MOST_PARTS, MOST_ROWS = 1024, 1000
_BOUND = validate.Length(0, 512)


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


class OwnOutcome(marshmallow.Schema):
    """The number of its reports with this outcome since its registration."""

    outcome = fields.String(required=True)
    code = fields.String(required=True, metadata=_described_as("why refused; '' of the others"))
    count = fields.Integer(required=True, strict=True)
    last_at = fields.String(required=True)


class OwnRegistration(marshmallow.Schema):
    """The calling publisher: what it may report, until when its token is valid, the outcomes of its reports."""

    name = fields.String(required=True)
    types = fields.List(fields.String(), required=True)
    units = fields.List(fields.String(), required=True)
    sources = fields.List(fields.String(), required=True)
    amqp = fields.Boolean(required=True)
    token_expires_at = fields.String(required=True)
    rows_a_minute = fields.Integer(required=True, strict=True, metadata=_described_as("its quota; 0: none"))
    bytes_a_minute = fields.Integer(required=True, strict=True, metadata=_described_as("its quota; 0: none"))
    rows_left = fields.Integer(required=True, strict=True, metadata=_described_as("of this minute"))
    bytes_left = fields.Integer(required=True, strict=True, metadata=_described_as("of this minute"))
    outcomes = fields.List(fields.Nested(OwnOutcome), required=True)
    waiting = fields.Integer(required=True, strict=True)


class KindEntry(marshmallow.Schema):
    """A kind of record of the campaign in force."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    duty = fields.String(required=True, metadata=_described_as("the duty that counts it; empty: none"))
    of_persons = fields.Boolean(required=True, metadata=_described_as("whether a row names a person"))


class DutyEntry(marshmallow.Schema):
    """A duty, and the kind of record it counts."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    record = fields.String(required=True)
    every = fields.String(required=True)


class PeriodEntry(marshmallow.Schema):
    """A period that has begun: the days `[from, to)` (`to` empty: open), and the last day on time."""

    duty = fields.String(required=True)
    period = fields.String(required=True)
    from_ = fields.String(required=True, data_key="from", attribute="from")
    to = fields.String(required=True)
    due_on = fields.String(required=True)


class ItemEntry(marshmallow.Schema):
    """An item of the quarter's sheet and its maximum."""

    item = fields.String(required=True)
    max = fields.String(required=True)


class WordsEntry(marshmallow.Schema):
    """The values of one kind of column."""

    name = fields.String(required=True)
    values = fields.List(fields.String(), required=True)


class CodeEntry(marshmallow.Schema):
    """A code of refusals."""

    code = fields.String(required=True)
    message = fields.String(required=True, metadata=_described_as("Chinese, as a receipt says it"))
    english = fields.String(required=True)


class ReferenceLists(marshmallow.Schema):
    """The values that rows may contain; `campaign` is empty before the first launch."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    timezone = fields.String(required=True)
    record_kinds = fields.List(fields.Nested(KindEntry), required=True)
    duties = fields.List(fields.Nested(DutyEntry), required=True)
    periods = fields.List(fields.Nested(PeriodEntry), required=True)
    sheet_items = fields.List(fields.Nested(ItemEntry), required=True)
    finding_categories = fields.List(fields.String(), required=True)
    words = fields.List(fields.Nested(WordsEntry), required=True)
    codes = fields.List(fields.Nested(CodeEntry), required=True)


class PageQuery(marshmallow.Schema):
    """A page of a list by id."""

    after = fields.String(load_default="", validate=_BOUND, metadata=_described_as("ids past this one"))
    limit = ClampedInteger(MOST_ROWS, MOST_ROWS, "so many at most")


class UnitPage(marshmallow.Schema):
    """Units whose names the publisher may read, ordered by id; `next` is the `after` of the next page, empty on the
    last."""

    units = fields.List(fields.Nested(UnitSummary), required=True)
    next = fields.String(required=True)


class HeldKind(marshmallow.Schema):
    """The rows of one kind in force, and the digest over all of them."""

    kind = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)
    digest = fields.String(required=True)


class HeldKinds(marshmallow.Schema):
    """Every kind with rows."""

    holdings = fields.List(fields.Nested(HeldKind), required=True)


class RangeQuery(marshmallow.Schema):
    """Ids `[first, before)`; empty: no bound."""

    first = fields.String(load_default="", validate=_BOUND)
    before = fields.String(load_default="", validate=_BOUND)
    parts = ClampedInteger(256, MOST_PARTS, "into so many parts at most")


class HeldPart(marshmallow.Schema):
    """The rows of a part of the range."""

    first = fields.String(required=True)
    before = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)
    digest = fields.String(required=True)


class HeldRange(HeldKind):
    """The rows of a range, in total and in parts that cover it without a gap."""

    parts = fields.List(fields.Nested(HeldPart), required=True)


class HeldRowEntry(marshmallow.Schema):
    """A row with the digests of its content now and as accepted.  A voided row does not count; for an erased person the
    digests are empty."""

    id = fields.String(required=True)
    digest = fields.String(required=True)
    accepted = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("standing", "voided", "erased")))


class HeldRowPage(marshmallow.Schema):
    """Own rows by id; `next` is the `after` of the next page, empty on the last."""

    rows = fields.List(fields.Nested(HeldRowEntry), required=True)
    next = fields.String(required=True)


class OwnRow(HeldRowEntry):
    """An own row with its current columns."""

    kind = fields.String(required=True)
    data = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class DifferencesQuery(marshmallow.Schema):
    """What the list covers: all kinds that it contains, or one kind and a range of ids of it."""

    kind = fields.String(load_default="", validate=validate.OneOf(("", *KINDS)))
    first = fields.String(load_default="", validate=_BOUND)
    before = fields.String(load_default="", validate=_BOUND)


class ExtraRow(marshmallow.Schema):
    """A row in force that is not in the list."""

    id = fields.String(required=True)
    digest = fields.String(required=True)


class OtherRow(ExtraRow):
    """A row with different content, or not in force.  `as_accepted`: the list has it as it was accepted; it was
    corrected since, so sending it again would be `unchanged`."""

    state = fields.String(required=True)
    as_accepted = fields.Boolean(required=True)


class DifferencesOfKind(marshmallow.Schema):
    """For one kind: numbers of lines and of equal ones; the ids missing here, those pending, and the differences.
    `next`: the first extra row that was left out."""

    kind = fields.String(required=True)
    posted = fields.Integer(required=True, strict=True)
    same = fields.Integer(required=True, strict=True)
    missing = fields.List(fields.String(), required=True)
    waiting = fields.List(fields.String(), required=True)
    extra = fields.List(fields.Nested(ExtraRow), required=True)
    other = fields.List(fields.Nested(OtherRow), required=True)
    next = fields.String(required=True)


class Differences(marshmallow.Schema):
    """The differences by kind."""

    differences = fields.List(fields.Nested(DifferencesOfKind), required=True)


class ReceiptQuery(marshmallow.Schema):
    """Receipts after the number `after`, since an instant."""

    after = ClampedInteger(0, 2**62, "receipts past this number")
    limit = ClampedInteger(MOST_ROWS, MOST_ROWS, "so many at most")
    since = fields.String(load_default="", validate=validate.Length(0, 40), metadata=_described_as("an instant, UTC"))
    outcome = fields.String(
        load_default="", validate=validate.OneOf(("", "accepted", "unchanged", "waiting", "refused"))
    )


class KeptReceipt(marshmallow.Schema):
    """The receipt of a report; its message does not repeat the value."""

    seq = fields.Integer(required=True, strict=True)
    at = fields.String(required=True)
    source = fields.String(required=True)
    id = fields.String(required=True)
    outcome = fields.String(required=True)
    column = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class KeptReceipts(marshmallow.Schema):
    """Receipts of the last 30 days, oldest first; `next` is the `after` of the next page, which may still be empty."""

    receipts = fields.List(fields.Nested(KeptReceipt), required=True)
    next = fields.Integer(required=True, strict=True)


class OwnWaiting(marshmallow.Schema):
    """A pending report, what it awaits, and the refusal it would get now (`behind`: none; it is behind an earlier
    report of its id)."""

    seq = fields.Integer(required=True, strict=True)
    source = fields.String(required=True)
    id = fields.String(required=True)
    type = fields.String(required=True)
    row = fields.String(required=True, metadata=_described_as("the id of its row; empty: it changes another"))
    awaits = fields.List(fields.String(), required=True)
    since = fields.String(required=True)
    code = fields.String(required=True)
    column = fields.String(required=True)


class OwnWaitingQuery(marshmallow.Schema):
    """Which."""

    limit = ClampedInteger(200, 1000, "so many at most")
    after = ClampedInteger(0, 2**62, "reports past this number")


class OwnWaitingList(marshmallow.Schema):
    """Own pending reports, oldest first; `more`: there are others."""

    total = fields.Integer(required=True, strict=True)
    patience_seconds = fields.Integer(required=True, strict=True)
    waiting = fields.List(fields.Nested(OwnWaiting), required=True)
    more = fields.Boolean(required=True)
