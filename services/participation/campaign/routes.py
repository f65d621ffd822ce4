"""Routes of the campaigns: launch, close, read."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.operator_routes import INSIDE, OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import JSON, Media, Positions
from chassis.process.problems import Problem
from duties.days import Day, day_of
from services.participation.campaign import file
from services.participation.campaign.handlers import REFUSALS, close_campaign, launch_campaign, read_campaign_file
from services.participation.campaign.queries import campaign_in_force, campaign_list, campaign_named

_FILE = Media("application/yaml", "A campaign file.", {"type": "string"})
_CAMPAIGN: dict[str, Any] = {"type": "object", "required": ["campaign", "version", "title"]}


class LaunchOutcome(Positions):
    """The campaign and version in force, and whether this launch changed it."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("launched", "amended", "unchanged")))


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

    runtime: Any
    pending_loop: Any

    @route("POST", "/api/campaign", roles=OPERATOR, largest=2 * file.LARGEST, body=_FILE,
           response={200: LaunchOutcome, 201: LaunchOutcome})  # fmt: skip
    def launch_campaign(self, request: RouteRequest) -> Any:
        """Launch the campaign of a YAML file, or amend it by a higher version."""
        outcome = launch_campaign(
            self.runtime.units_of_work, read_campaign_file(request.body), request.actor, request.correlation,
            self.pending_loop.wake,
        )  # fmt: skip
        return (201 if outcome["outcome"] == "launched" else 200), outcome

    @route("POST", "/api/campaign/close", roles=OPERATOR, body=CloseRequest, response=CloseOutcome)
    def close_campaign(self, request: RouteRequest) -> Any:
        """End the campaign: nothing is owed from that day on, and the next one may be launched."""
        closed_on = _day_or_none(request.json["on"])
        return close_campaign(self.runtime.units_of_work, closed_on, request.actor, request.correlation)

    @route("GET", "/api/campaign", roles=(*INSIDE, "leader"), query=CampaignQuery, problems=(404,),
           response=Media(JSON, "The campaign, as its file says it; closed: with that end.", _CAMPAIGN))  # fmt: skip
    def campaign(self, request: RouteRequest) -> Any:
        """A campaign by its id, or the one in force."""
        named = request.query["campaign"]
        with self.runtime.store.reading() as connection:
            stored = campaign_named(connection, named) if named else campaign_in_force(connection)
        if stored is None:
            detail = f"没有编号为 {named[:60]} 的主题活动。" if named else REFUSALS["no_campaign"]
            raise Problem(404, "unknown_campaign" if named else "no_campaign", detail)
        return stored.shown_document

    @route("GET", "/api/campaigns", roles=(*INSIDE, "leader"), response=CampaignList)
    def campaigns(self, _: RouteRequest) -> Any:
        """Every campaign so far, open or ended."""
        with self.runtime.store.reading() as connection:
            return {"campaigns": campaign_list(connection, self.runtime.now())}


def _day_or_none(text: str) -> Day | None:
    try:
        return day_of(text) if text else None
    except ValueError:
        detail = f"“{text[:20]}”不是有效日期，请写成 2023-09-01 这样"
        raise Problem(422, "bad_date", detail, column="on") from None
