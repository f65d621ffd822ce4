"""Schemas of the routes of campaigns."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import Positions


class CampaignWarning(marshmallow.Schema):
    """A warning about the campaign; it may be launched nevertheless."""

    code = fields.String(required=True)
    duty = fields.String(required=True, metadata={"description": "empty: it concerns none"})
    message = fields.String(required=True, metadata={"description": "a sentence with the remedy"})


class PreviewedPeriod(marshmallow.Schema):
    """A period of a duty: its first day, the last day on time, the last day that counts."""

    period = fields.String(required=True)
    start = fields.String(required=True)
    due = fields.String(required=True)
    late_limit = fields.String(required=True)


class PreviewedDuty(marshmallow.Schema):
    """A duty and its periods due within the coming year."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    every = fields.String(required=True)
    who = fields.String(required=True, metadata={"description": "whom it binds, in words"})
    of_persons = fields.Boolean(required=True)
    count = fields.Integer(required=True, strict=True, metadata={"description": "records that a period asks"})
    weight = fields.String(required=True, metadata={"description": "an exact number, may be a fraction"})
    record = fields.String(required=True, metadata={"description": "the kind of record that it counts"})
    late_credit = fields.String(required=True, metadata={"description": "what a late record is worth, a fraction"})
    evidence_required = fields.Boolean(required=True)
    periods = fields.List(fields.Nested(PreviewedPeriod), required=True)


class CampaignPeriods(marshmallow.Schema):
    """What a campaign requires in the year from `since`."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    duties = fields.List(fields.Nested(PreviewedDuty), required=True)


class CampaignDifference(marshmallow.Schema):
    """A difference to the campaign file in force."""

    section = fields.String(required=True, metadata={"description": "the key of the file, such as duties"})
    item = fields.String(required=True, metadata={"description": "id of the duty, kind or semester; empty: none"})
    title = fields.String(required=True)
    change = fields.String(required=True, validate=validate.OneOf(("added", "removed", "changed", "moved")))
    field = fields.String(required=True, metadata={"description": "its label; empty: the item as a whole"})
    before = fields.String(required=True)
    after = fields.String(required=True)
    message = fields.String(required=True, metadata={"description": "the difference as a sentence"})


class CampaignPreview(CampaignPeriods):
    """What a campaign would require in the year from `since`, and the result of launching it now."""

    warnings = fields.List(fields.Nested(CampaignWarning), required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("launched", "amended", "unchanged", "refused")))
    refusal = fields.String(required=True, metadata={"description": "why it would be refused, in words; else empty"})
    base = fields.String(
        required=True,
        metadata={"description": "ID/VERSION of the campaign in force; or empty"},
    )
    differences = fields.List(
        fields.Nested(CampaignDifference), required=True,
        metadata={"description": "to the version in force of the same campaign; empty for another campaign"},
    )  # fmt: skip
    document = fields.Dict(required=True, metadata={"description": "the file's data in normal form"})


class CampaignVersion(marshmallow.Schema):
    """A launch, an amendment or the closing of a campaign: by whom, when, and what it changed."""

    version = fields.Integer(required=True, strict=True, metadata={"description": "0: an end has none"})
    outcome = fields.String(required=True, validate=validate.OneOf(("launched", "amended", "closed")))
    recorded_at = fields.String(required=True)
    actor = fields.String(required=True)
    closed_on = fields.String(required=True)
    differences = fields.List(fields.String(), required=True, metadata={"description": "sentences"})


class CampaignVersions(marshmallow.Schema):
    """The versions of a campaign, latest first."""

    campaign = fields.String(required=True)
    title = fields.String(required=True)
    versions = fields.List(fields.Nested(CampaignVersion), required=True)


class CampaignDocument(marshmallow.Schema):
    """A campaign's data, to write as a file."""

    document = fields.Dict(required=True)


class CampaignWarnings(marshmallow.Schema):
    """The open campaign's warnings as of today; empty without one."""

    campaign = fields.String(required=True)
    title = fields.String(required=True)
    warnings = fields.List(fields.Nested(CampaignWarning), required=True)


class LaunchOutcome(Positions):
    """The campaign and version in force, and whether this request changed it."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("launched", "amended", "unchanged")))
    warnings = fields.List(fields.Nested(CampaignWarning), required=True)


class CloseRequest(marshmallow.Schema):
    """The day on which the campaign ends."""

    on = fields.String(load_default="", metadata={"description": "first day on which nothing is owed; empty: today"})


class CloseOutcome(Positions):
    """The campaign that ends, and whether this request changed its end."""

    campaign = fields.String(required=True)
    closed_on = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("closed", "unchanged")))


class CampaignFileQuery(marshmallow.Schema):
    """The campaign whose file is wanted."""

    campaign = fields.String(load_default="", metadata={"description": "its id; empty: the one in force"})
    revise = fields.Boolean(load_default=False, metadata={"description": "with the next version, to be amended"})


class CampaignQuery(marshmallow.Schema):
    """The campaign."""

    campaign = fields.String(load_default="", metadata={"description": "its id; empty: the one in force"})


class ListedCampaign(marshmallow.Schema):
    """The state of a campaign; `closes_on` is empty if no end is set."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    open = fields.Boolean(required=True)
    in_force = fields.Boolean(required=True, metadata={"description": "rows are judged by it: it was launched last"})
    starts_on = fields.String(required=True)
    closes_on = fields.String(required=True)
    launched_at = fields.String(required=True)


class CampaignList(marshmallow.Schema):
    """All campaigns, latest launch first."""

    campaigns = fields.List(fields.Nested(ListedCampaign), required=True)
