"""Decider of the district's campaigns, one after the other: launched, amended by a higher version, closed.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chassis.events.canonical_json import canonical
from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.participation import CampaignAmended, CampaignClosed, CampaignLaunched
from duties.campaign import Campaign, campaign_data
from duties.days import Day, Instant, day_of, iso, local_day


@dataclass(frozen=True)
class LaunchCampaign:
    """`document`: the data of the campaign's file, from the file or from duties.campaign.campaign_data; `last`: the id
    of the campaign launched last; `now`: to tell whether that one has ended."""

    document: Mapping[str, object]
    last: str = ""
    now: Instant = 0

    @property
    def streams(self) -> set[str]:
        return {f"campaign-{campaign}" for campaign in (self.document.get("campaign"), self.last) if campaign}


@dataclass(frozen=True)
class CloseCampaign:
    """Close the campaign launched last; `closed_on` None: today, in its time zone."""

    last: str
    closed_on: Day | None
    now: Instant

    @property
    def streams(self) -> set[str]:
        return {f"campaign-{self.last}"} if self.last else set()


CampaignCommand = LaunchCampaign | CloseCampaign


def rules_until(document: Mapping[str, object], closed_on: Day | None) -> Campaign:
    """The rules of a campaign's document with the end in force: its own `closes_on`, or an earlier closing."""
    rules = Campaign.from_data(document)
    ends = [day for day in (rules.closes_on, closed_on) if day is not None]
    return replace(rules, closes_on=min(ends)) if ends else rules


@dataclass(frozen=True)
class LaunchedCampaign:
    """The state of a campaign; `closed_on` None: it was not closed, but may end by its file's `closes_on`."""

    version: int
    document: Mapping[str, object]
    closed_on: Day | None = None

    @property
    def rules(self) -> Campaign:
        return rules_until(self.document, self.closed_on)


@dataclass(frozen=True)
class CampaignsState:
    """The campaigns that a command refers to, by id."""

    campaigns: Mapping[str, LaunchedCampaign] = field(default_factory=dict)


class CampaignRefused(Exception):
    """The command is not possible now; `params`: the ids, titles and days for the message."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def decide_campaign(state: CampaignsState, command: CampaignCommand) -> list[Event]:
    """Raises CampaignProblems if the document is no valid campaign, CampaignRefused if the command is not possible
    now."""
    last = state.campaigns.get(command.last)
    match command:
        case LaunchCampaign(document=document):
            data = campaign_data(document)
            return _launch(state, last, Campaign.from_data(data), data, command)
        case CloseCampaign():
            return _close(last, command)


def _launch(
    state: CampaignsState, last: LaunchedCampaign | None, rules: Campaign, data: dict[str, object],
    command: LaunchCampaign,
) -> list[Event]:  # fmt: skip
    if last is None:
        return [CampaignLaunched(rules.id, rules.version, data)]
    if rules.id == command.last:
        return _amend(last, rules, data, command.now)
    if rules.id in state.campaigns:
        raise CampaignRefused("campaign_closed", campaign=rules.id)
    if not _has_ended(last.rules, command.now):
        raise CampaignRefused("already_launched", campaign=command.last, title=last.rules.title)
    return [CampaignLaunched(rules.id, rules.version, data)]


def _amend(last: LaunchedCampaign, rules: Campaign, data: dict[str, object], now: Instant) -> list[Event]:
    """A campaign that ended by its own `closes_on` may still be amended, and so prolonged, until the next is
    launched."""
    if last.closed_on is not None and _has_ended(last.rules, now):
        raise CampaignRefused("campaign_closed", campaign=rules.id)
    if canonical(data) == canonical(last.document):
        return []
    if rules.version <= last.version:
        raise CampaignRefused("version_not_higher")
    return [CampaignAmended(rules.id, rules.version, data)]


def _close(last: LaunchedCampaign | None, command: CloseCampaign) -> list[Event]:
    if last is None:
        raise CampaignRefused("no_campaign")
    rules = last.rules
    closed_on = local_day(command.now, rules.zone) if command.closed_on is None else command.closed_on
    if closed_on == last.closed_on:
        return []
    if rules.closes_on is not None and _has_ended(rules, command.now):
        raise CampaignRefused("already_closed", campaign=rules.id, closed_on=iso(rules.closes_on))
    if closed_on <= rules.starts_on:
        raise CampaignRefused("closes_too_early", starts_on=iso(rules.starts_on))
    written = Campaign.from_data(last.document).closes_on
    if written is not None and written < closed_on:
        raise CampaignRefused("closes_too_late", closes_on=iso(written))
    return [CampaignClosed(rules.id, iso(closed_on))]


def _has_ended(rules: Campaign, now: Instant) -> bool:
    return rules.closes_on is not None and rules.closes_on <= local_day(now, rules.zone)


def evolve_campaigns(state: CampaignsState, event: Event) -> CampaignsState:
    match event:
        case CampaignLaunched():
            changed = LaunchedCampaign(event.campaign_version, event.document)
        case CampaignAmended():
            before = state.campaigns[event.campaign]
            changed = replace(before, version=event.campaign_version, document=event.document)
        case CampaignClosed():
            changed = replace(state.campaigns[event.campaign], closed_on=day_of(event.closed_on))
        case _:
            return state
    return CampaignsState({**state.campaigns, event.campaign: changed})


CAMPAIGNS = Decider(CampaignsState, decide_campaign, evolve_campaigns, streams=lambda command: command.streams)
