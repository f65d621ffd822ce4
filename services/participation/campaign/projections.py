"""Projects launches, amendments and ends of campaigns into a read model: one row per campaign, its latest version."""

from sqlalchemy import BigInteger, Column, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.participation import CampaignAmended, CampaignClosed, CampaignLaunched
from services.participation.tables import METADATA

campaigns = Table(
    "campaigns", METADATA,
    Column("campaign", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("launched_at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("closed_on", Text, nullable=False),  # empty: it was not closed
)  # fmt: skip


def store_launched_campaign(rows: Rows, event: CampaignLaunched, recorded: RecordedEvent) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document),
             launched_at=recorded.recorded_at, recorded_at=recorded.recorded_at, closed_on="")  # fmt: skip


def store_amended_campaign(rows: Rows, event: CampaignAmended, recorded: RecordedEvent) -> None:
    rows.amend(campaigns, {"campaign": event.campaign}, version=event.campaign_version,
               document=canonical(event.document), recorded_at=recorded.recorded_at)  # fmt: skip


def close_campaign(rows: Rows, event: CampaignClosed, _: RecordedEvent) -> None:
    rows.amend(campaigns, {"campaign": event.campaign}, closed_on=event.closed_on)
