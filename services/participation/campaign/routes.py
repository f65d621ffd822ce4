"""Routes of the campaign."""

from typing import Any

from marshmallow import fields, validate

from chassis.http.operator_routes import INSIDE, OPERATOR
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import JSON, Media, Positions
from chassis.process.problems import Problem
from services.participation.campaign import file
from services.participation.campaign.handlers import launch_campaign, read_campaign_file
from services.participation.campaign.queries import campaign_in_force

_FILE = Media("application/yaml", "A campaign file.", {"type": "string"})
_CAMPAIGN: dict[str, Any] = {"type": "object", "required": ["campaign", "version", "title"]}


class LaunchOutcome(Positions):
    """The campaign and version in force, and whether this launch changed it."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("launched", "amended", "unchanged")))


class CampaignRoutes:
    """Launch and reading of the campaign."""

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

    @route("GET", "/api/campaign", roles=(*INSIDE, "leader"), problems=(404,),
           response=Media(JSON, "The campaign in force, as its file says it.", _CAMPAIGN))  # fmt: skip
    def campaign(self, _: RouteRequest) -> Any:
        """The campaign in force."""
        with self.runtime.store.reading() as connection:
            stored = campaign_in_force(connection)
        if stored is None:
            raise Problem(404, "no_campaign", "还没有启动活动方案。")
        return stored.document
