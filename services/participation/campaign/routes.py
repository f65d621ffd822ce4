"""Routes of the campaigns: launch, close, read."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.events.canonical_json import instant
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import JSON, Media, Positions
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.campaign import Campaign
from duties.days import Day, day_of
from services.participation.campaign import file
from services.participation.campaign.handlers import REFUSALS, close_campaign, launch_campaign, read_campaign_file
from services.participation.campaign.preview import campaign_preview, campaign_warnings
from services.participation.campaign.queries import campaign_in_force, campaign_list, campaign_named
from services.participation.intake.pending_loop import PendingLoop
from services.registry import rights

_FILE = Media("application/yaml", "A campaign file.", {"type": "string"})
_CAMPAIGN: dict[str, Any] = {"type": "object", "required": ["campaign", "version", "title"]}


class CampaignWarning(marshmallow.Schema):
    """What of the campaign is to be looked at; it may be launched all the same."""

    code = fields.String(required=True)
    duty = fields.String(required=True, metadata={"description": "empty: it concerns none"})
    message = fields.String(required=True, metadata={"description": "a sentence with the remedy"})


class PreviewedPeriod(marshmallow.Schema):
    """A period of a duty: its first day, the last on time, the last that counts."""

    period = fields.String(required=True)
    start = fields.String(required=True)
    due = fields.String(required=True)
    late_limit = fields.String(required=True)


class PreviewedDuty(marshmallow.Schema):
    """A duty and its periods that are due within the year ahead."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    every = fields.String(required=True)
    periods = fields.List(fields.Nested(PreviewedPeriod), required=True)


class CampaignPreview(marshmallow.Schema):
    """What a campaign would ask in the year from `since` on."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    duties = fields.List(fields.Nested(PreviewedDuty), required=True)
    warnings = fields.List(fields.Nested(CampaignWarning), required=True)


class CampaignWarnings(marshmallow.Schema):
    """The open campaign's warnings as of today; without one: no campaign, no warnings."""

    campaign = fields.String(required=True)
    title = fields.String(required=True)
    warnings = fields.List(fields.Nested(CampaignWarning), required=True)


class LaunchOutcome(Positions):
    """The campaign and version in force, and whether this launch changed it."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("launched", "amended", "unchanged")))
    warnings = fields.List(fields.Nested(CampaignWarning), required=True)


class CloseRequest(marshmallow.Schema):
    """When the campaign ends."""

    on = fields.String(load_default="", metadata={"description": "first day on which nothing is owed; empty: today"})


class CloseOutcome(Positions):
    """The campaign that ends, and whether this changed its end."""

    campaign = fields.String(required=True)
    closed_on = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("closed", "unchanged")))


class CampaignQuery(marshmallow.Schema):
    """Which campaign is read."""

    campaign = fields.String(load_default="", metadata={"description": "its id; empty: the one in force"})


class ListedCampaign(marshmallow.Schema):
    """A campaign as it stands now; `closes_on` is empty where no end is set."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    open = fields.Boolean(required=True)
    in_force = fields.Boolean(required=True, metadata={"description": "rows are judged by it: it was launched last"})
    starts_on = fields.String(required=True)
    closes_on = fields.String(required=True)
    launched_at = fields.String(required=True)


class CampaignList(marshmallow.Schema):
    """Every campaign, the last launched first."""

    campaigns = fields.List(fields.Nested(ListedCampaign), required=True)


class CampaignRoutes:
    """Launch, end and reading of campaigns."""

    store: Store
    units_of_work: UnitsOfWork
    clock: Clock
    pending_loop: PendingLoop

    @route("POST", "/api/campaign", right=rights.KEEP_CAMPAIGN, largest=2 * file.LARGEST, body=_FILE,
           response={200: LaunchOutcome, 201: LaunchOutcome})  # fmt: skip
    def launch_campaign(self, request: RouteRequest) -> Any:
        """Launch the campaign of a YAML file, or amend it by a higher version."""
        outcome = launch_campaign(
            self.units_of_work, read_campaign_file(request.body), request.actor, request.correlation,
            self.pending_loop.wake,
        )  # fmt: skip
        return (201 if outcome["outcome"] == "launched" else 200), outcome

    @route("POST", "/api/campaign/close", right=rights.KEEP_CAMPAIGN, body=CloseRequest, response=CloseOutcome)
    def close_campaign(self, request: RouteRequest) -> Any:
        """End the campaign: nothing is owed from that day on, and the next one may be launched."""
        closed_on = _day_or_none(request.json["on"])
        return close_campaign(self.units_of_work, closed_on, request.actor, request.correlation)

    @route("POST", "/api/campaign/preview", right=rights.KEEP_CAMPAIGN, largest=2 * file.LARGEST, body=_FILE,
           response=CampaignPreview)  # fmt: skip
    def preview_campaign(self, request: RouteRequest) -> Any:
        """What a campaign file would ask in the year ahead, and its warnings; launches nothing."""
        rules = Campaign.from_data(read_campaign_file(request.body))
        with self.store.reading() as connection:
            return campaign_preview(connection, rules, instant(self.clock()))

    @route("GET", "/api/campaign/warnings", right=rights.SEE_CAMPAIGN, response=CampaignWarnings)
    def warnings(self, _: RouteRequest) -> Any:
        """What of the campaign in force is to be looked at, as of today."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            if stored is None:
                return {"campaign": "", "title": "", "warnings": []}
            warnings = campaign_warnings(connection, stored.rules, instant(self.clock()))
        return {"campaign": stored.campaign, "title": stored.rules.title, "warnings": warnings}

    @route("GET", "/api/campaign", right=rights.SEE_CAMPAIGN, query=CampaignQuery, problems=(404,),
           response=Media(JSON, "The campaign, as its file says it; closed: with that end.", _CAMPAIGN))  # fmt: skip
    def campaign(self, request: RouteRequest) -> Any:
        """A campaign by its id, or the one in force."""
        named = request.query["campaign"]
        with self.store.reading() as connection:
            stored = campaign_named(connection, named) if named else campaign_in_force(connection)
        if stored is None:
            detail = f"没有编号为 {named[:60]} 的主题活动。" if named else REFUSALS["no_campaign"]
            raise Problem(404, "unknown_campaign" if named else "no_campaign", detail)
        return stored.shown_document

    @route("GET", "/api/campaigns", right=rights.SEE_CAMPAIGN, response=CampaignList)
    def campaigns(self, _: RouteRequest) -> Any:
        """Every campaign so far, open or ended."""
        with self.store.reading() as connection:
            return {"campaigns": campaign_list(connection, instant(self.clock()))}


def _day_or_none(text: str) -> Day | None:
    try:
        return day_of(text) if text else None
    except ValueError:
        detail = f"“{text[:20]}”不是有效日期，请写成 2023-09-01 这样"
        raise Problem(422, "bad_date", detail, column="on") from None
