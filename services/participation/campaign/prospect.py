"""The result that launching a campaign file now would have; launches nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from contracts.participation import CampaignLaunched
from duties.days import microseconds
from services.participation.campaign.differences import differences
from services.participation.campaign.domain import (
    CampaignRefused,
    CampaignsState,
    LaunchCampaign,
    LaunchedCampaign,
    decide_campaign,
)
from services.participation.campaign.handlers import REFUSALS
from services.participation.campaign.queries import StoredCampaign, campaign_in_force, campaign_named


def prospect(connection: Connection, document: Mapping[str, Any], now: str) -> dict[str, Any]:
    """The outcome or the refusal in words, what it is compared with, and the differences."""
    last = campaign_in_force(connection)
    own = campaign_named(connection, str(document["campaign"]))
    outcome, refusal = _outcome([stored for stored in (own, last) if stored], last, document, now)
    return {
        "outcome": outcome, "refusal": refusal, "base": f"{last.campaign}/{last.version}" if last else "",
        "differences": [asdict(each) for each in differences(own.document, document)] if own else [],
        "document": dict(document),
    }  # fmt: skip


def _outcome(
    known: list[StoredCampaign], last: StoredCampaign | None, document: Mapping[str, Any], now: str
) -> tuple[str, str]:
    state = CampaignsState({
        stored.campaign: LaunchedCampaign(stored.version, stored.document, stored.closed_on) for stored in known
    })  # fmt: skip
    command = LaunchCampaign(document, last.campaign if last else "", microseconds(moment(now)))
    try:
        events = decide_campaign(state, command)
    except CampaignRefused as refused:
        return "refused", REFUSALS[refused.code].format_map(refused.params)
    if not events:
        return "unchanged", ""
    return ("launched" if isinstance(events[0], CampaignLaunched) else "amended"), ""
