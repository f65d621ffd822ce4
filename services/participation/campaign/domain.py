"""The district's one campaign: launched once, amended by a higher version, never replaced by another."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.events.canonical_json import canonical
from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.participation import CampaignAmended, CampaignLaunched
from duties.campaign import Campaign, campaign_data


@dataclass(frozen=True)
class LaunchCampaign:
    """`document` is the campaign file's data, as the file or duties.campaign.campaign_data gives it;
    `running` is the id of the campaign that was launched already."""

    document: Mapping[str, object]
    running: str = ""

    @property
    def streams(self) -> set[str]:
        return {f"campaign-{campaign}" for campaign in (self.document.get("campaign"), self.running) if campaign}


@dataclass(frozen=True)
class CampaignState:
    """The campaign in force; version 0 before the launch."""

    campaign: str = ""
    version: int = 0
    document: Mapping[str, object] | None = None


class CampaignRefused(Exception):
    """A launch or amendment that may not be: `already_launched` or `version_not_higher`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def decide_campaign(state: CampaignState, command: LaunchCampaign) -> list[Event]:
    """CampaignProblems when the document is no campaign, CampaignRefused when it is not its turn."""
    document = campaign_data(command.document)
    rules = Campaign.from_data(document)
    if state.document is None:
        return [CampaignLaunched(rules.id, rules.version, document)]
    if rules.id != state.campaign:
        raise CampaignRefused("already_launched")
    if canonical(document) == canonical(state.document):
        return []
    if rules.version <= state.version:
        raise CampaignRefused("version_not_higher")
    return [CampaignAmended(rules.id, rules.version, document)]


def evolve_campaign(state: CampaignState, event: Event) -> CampaignState:
    match event:
        case CampaignLaunched() | CampaignAmended():
            return CampaignState(event.campaign, event.campaign_version, event.document)
    return state


CAMPAIGN = Decider(CampaignState, decide_campaign, evolve_campaign, streams=lambda command: command.streams)
