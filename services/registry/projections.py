"""Events of participation -> rows of the registry."""

import functools
from collections.abc import Mapping, Sequence

from sqlalchemy import Table

from chassis.events.canonical_json import canonical, moment
from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Projection, Rows
from contracts.participation import (
    CampaignAmended,
    CampaignLaunched,
    ExemptionGranted,
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from duties.days import Day, Instant, day_of, microseconds
from services.registry.tables import RegistryTables

EventProjections = Mapping[type[Event], Sequence[Projection]]


def registry_projections(tables: RegistryTables) -> EventProjections:
    """What a service lists among its projections for these tables."""
    into = _RegistryProjections(tables)
    projections: dict[type[Event], Sequence[Projection]] = {
        CampaignLaunched: [into.store_campaign],
        CampaignAmended: [into.store_campaign],
        UnitRegistered: [into.store_unit],
        UnitClosed: [into.close_unit],
        UnitRelated: [into.relate_unit],
        MembershipStarted: [into.store_membership],
        MembershipEnded: [into.end_membership],
    }
    return projections | ({PersonErased: [into.erase_names]} if tables.keeps_names else {})


def exemption_projections(exemptions: Table) -> EventProjections:
    """What a service lists among its projections for `exemption_table`."""

    def store_exemption(rows: Rows, event: ExemptionGranted, _: RecordedEvent) -> None:
        rows.put(exemptions, exemption_id=event.exemption_id, person_id=event.person_id, unit_id=event.unit_id,
                 duty=event.duty, period=event.period)  # fmt: skip

    return {ExemptionGranted: [store_exemption]}


def day_or_zero(text: str) -> Day:
    """The ordinal of `YYYY-MM-DD`; 0 for the empty text."""
    return day_of(text) if text else 0


@functools.lru_cache(maxsize=4096)
def instant_of(text: str) -> Instant:
    """Microseconds since 1970 UTC of an instant in the log's form; a batch repeats few of them."""
    return microseconds(moment(text))


class _RegistryProjections:
    def __init__(self, tables: RegistryTables) -> None:
        self._tables = tables

    def store_campaign(self, rows: Rows, event: CampaignLaunched | CampaignAmended, _: RecordedEvent) -> None:
        rows.put(self._tables.campaigns, campaign=event.campaign, version=event.campaign_version,
                 document=canonical(event.document))  # fmt: skip

    def store_unit(self, rows: Rows, event: UnitRegistered, _: RecordedEvent) -> None:
        rows.put(self._tables.units, unit_id=event.unit_id, name=event.name, kind=event.kind,
                 tags=";".join(event.tags), liaison_id=event.liaison_id, opened_on=day_or_zero(event.opened_on),
                 closed_on=day_or_zero(event.closed_on))  # fmt: skip

    def close_unit(self, rows: Rows, event: UnitClosed, _: RecordedEvent) -> None:
        rows.amend(self._tables.units, {"unit_id": event.unit_id}, closed_on=day_or_zero(event.closed_on))

    def relate_unit(self, rows: Rows, event: UnitRelated, _: RecordedEvent) -> None:
        """A relation that is not given stays as it was."""
        if event.liaison_id:
            rows.amend(self._tables.units, {"unit_id": event.unit_id}, liaison_id=event.liaison_id)

    def store_membership(self, rows: Rows, event: MembershipStarted, _: RecordedEvent) -> None:
        name = {"name": event.name} if self._tables.keeps_names else {}
        rows.put(self._tables.memberships, person_id=event.person_id, unit_id=event.unit_id,
                 since=day_or_zero(event.since), until=day_or_zero(event.until), role=event.role, **name)  # fmt: skip

    def end_membership(self, rows: Rows, event: MembershipEnded, _: RecordedEvent) -> None:
        key = {"person_id": event.person_id, "unit_id": event.unit_id, "since": day_or_zero(event.since)}
        rows.amend(self._tables.memberships, key, until=day_or_zero(event.until))

    def erase_names(self, rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
        """The person's key is destroyed; the unreadable text goes too."""
        rows.change(self._tables.memberships, {"person_id": event.person_id}, name="")
