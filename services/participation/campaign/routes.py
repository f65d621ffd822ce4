"""Routes of campaigns: launch, close, read."""

from typing import Any

from werkzeug.wrappers import Response

from chassis.events.canonical_json import instant
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import JSON, Media
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.campaign import Campaign
from duties.days import Day, day_of
from services.participation.campaign import file
from services.participation.campaign.handlers import REFUSALS, close_campaign, launch_campaign, read_campaign_file
from services.participation.campaign.plain_text import campaign_text
from services.participation.campaign.preview import campaign_periods, campaign_preview, campaign_warnings
from services.participation.campaign.prospect import prospect
from services.participation.campaign.queries import StoredCampaign, campaign_in_force, campaign_list, campaign_named
from services.participation.campaign.schemas import (
    CampaignDocument,
    CampaignFileQuery,
    CampaignList,
    CampaignPeriods,
    CampaignPreview,
    CampaignQuery,
    CampaignVersions,
    CampaignWarnings,
    CloseOutcome,
    CloseRequest,
    LaunchOutcome,
)
from services.participation.campaign.versions import campaign_versions
from services.participation.intake.pending_loop import PendingLoop
from services.registry import rights

_FILE = Media("application/yaml", "A campaign file.", {"type": "string"})
_WRITTEN = Media("application/yaml", "A campaign file; a client that reads YAML gets a mapping.", {"type": "object"})
_CAMPAIGN: dict[str, Any] = {"type": "object", "required": ["campaign", "version", "title"]}


class CampaignRoutes:
    """Routes of campaigns."""

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
        """Close the campaign: nothing is owed from that day on, and the next one may be launched."""
        closed_on = _day_or_none(request.json["on"])
        return close_campaign(self.units_of_work, closed_on, request.actor, request.correlation)

    @route("POST", "/api/campaign/preview", right=rights.KEEP_CAMPAIGN, largest=2 * file.LARGEST, body=_FILE,
           response=CampaignPreview)  # fmt: skip
    def preview_campaign(self, request: RouteRequest) -> Any:
        """What a campaign file would require in the coming year, its warnings, and its differences; launches
        nothing."""
        document, now = read_campaign_file(request.body), instant(self.clock())
        with self.store.reading() as connection:
            return campaign_preview(connection, Campaign.from_data(document), now) | prospect(connection, document, now)

    @route("GET", "/api/campaign/periods", right=rights.SEE_CAMPAIGN, query=CampaignQuery, response=CampaignPeriods,
           problems=(404,))  # fmt: skip
    def campaign_periods(self, request: RouteRequest) -> Any:
        """What a campaign requires in the coming year."""
        return campaign_periods(self._campaign(request.query["campaign"]).rules, instant(self.clock()))

    @route("GET", "/api/campaign/versions", right=rights.SEE_CAMPAIGN, query=CampaignQuery, response=CampaignVersions,
           problems=(404,))  # fmt: skip
    def campaign_versions(self, request: RouteRequest) -> Any:
        """The versions of a campaign: by whom, when, and the differences to the previous one."""
        stored = self._campaign(request.query["campaign"])
        with self.store.reading() as connection:
            versions = campaign_versions(connection, stored.campaign)
        return {"campaign": stored.campaign, "title": stored.rules.title, "versions": versions}

    @route("GET", "/api/campaign/file", right=rights.SEE_CAMPAIGN, query=CampaignFileQuery, response=_WRITTEN,
           problems=(404,))  # fmt: skip
    def campaign_file(self, request: RouteRequest) -> Any:
        """The campaign as a file with the same content, without comments."""
        stored = self._campaign(request.query["campaign"])
        version = {"version": stored.version + 1} if request.query["revise"] else {}
        return Response(campaign_text({**stored.document, **version}), content_type=_FILE.type)

    @route("POST", "/api/campaign/file", right=rights.KEEP_CAMPAIGN, body=CampaignDocument, response=_WRITTEN,
           largest=2 * file.LARGEST)  # fmt: skip
    def write_campaign_file(self, request: RouteRequest) -> Any:
        """Write data as a campaign file; nothing is stored."""
        return Response(campaign_text(request.json["document"]), content_type=_FILE.type)

    @route("GET", "/api/campaign/warnings", right=rights.SEE_CAMPAIGN, response=CampaignWarnings)
    def warnings(self, _: RouteRequest) -> Any:
        """Warnings about the campaign in force, as of today."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            if stored is None:
                return {"campaign": "", "title": "", "warnings": []}
            warnings = campaign_warnings(connection, stored.rules, instant(self.clock()))
        return {"campaign": stored.campaign, "title": stored.rules.title, "warnings": warnings}

    @route("GET", "/api/campaign", right=rights.SEE_CAMPAIGN, query=CampaignQuery, problems=(404,),
           response=Media(JSON, "The campaign, as its file says it; closed: with that end.", _CAMPAIGN))  # fmt: skip
    def campaign(self, request: RouteRequest) -> Any:
        """A campaign by id, or the one in force."""
        return self._campaign(request.query["campaign"]).shown_document

    @route("GET", "/api/campaigns", right=rights.SEE_CAMPAIGN, response=CampaignList)
    def campaigns(self, _: RouteRequest) -> Any:
        """All campaigns, open or closed."""
        with self.store.reading() as connection:
            return {"campaigns": campaign_list(connection, instant(self.clock()))}

    def _campaign(self, campaign: str) -> StoredCampaign:
        """The campaign of that id, or the one in force.  Problem 404."""
        with self.store.reading() as connection:
            stored = campaign_named(connection, campaign) if campaign else campaign_in_force(connection)
        if stored is None:
            detail = f"没有编号为 {campaign[:60]} 的主题活动。" if campaign else REFUSALS["no_campaign"]
            raise Problem(404, "unknown_campaign" if campaign else "no_campaign", detail)
        return stored


def _day_or_none(text: str) -> Day | None:
    try:
        return day_of(text) if text else None
    except ValueError:
        detail = f"“{text[:20]}”不是有效日期，请写成 2023-09-01 这样"
        raise Problem(422, "bad_date", detail, column="on") from None
