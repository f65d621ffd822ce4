"""The versions of a campaign, read from its stream."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from chassis.store import event_log
from contracts.participation import CampaignAmended, CampaignClosed, CampaignLaunched
from services.participation.campaign.differences import differences


def campaign_versions(connection: Connection, campaign: str) -> list[dict[str, Any]]:
    """Launch, amendments and closing, latest first; with the differences of each amendment."""
    result: list[dict[str, Any]] = []
    before: Mapping[str, Any] = {}
    for recorded in event_log.streams(connection, [f"campaign-{campaign}"]):
        line: dict[str, Any] = {
            "recorded_at": recorded.recorded_at,
            "actor": recorded.actor,
            "closed_on": "",
            "differences": [],
        }
        match recorded.event():
            case CampaignLaunched() as event:
                line |= {"version": event.campaign_version, "outcome": "launched"}
                before = event.document
            case CampaignAmended() as event:
                changed = [each.message for each in differences(before, event.document)]
                line |= {"version": event.campaign_version, "outcome": "amended", "differences": changed}
                before = event.document
            case CampaignClosed() as event:
                line |= {"version": 0, "outcome": "closed", "closed_on": event.closed_on}
        result.append(line)
    return result[::-1]
