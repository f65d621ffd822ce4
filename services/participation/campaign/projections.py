"""Projects the launch and the amendments of the campaign into its read model."""

from sqlalchemy import BigInteger, Column, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.participation import CampaignAmended, CampaignLaunched
from services.participation.tables import METADATA

campaigns = Table(
    "campaigns", METADATA,
    Column("campaign", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
)  # fmt: skip


def store_campaign(rows: Rows, event: CampaignLaunched | CampaignAmended, recorded: RecordedEvent) -> None:
    rows.put(campaigns, campaign=event.campaign, version=event.campaign_version, document=canonical(event.document),
             recorded_at=recorded.recorded_at)  # fmt: skip
