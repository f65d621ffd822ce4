"""Projects participation's events into versions of the registry's rows."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Table

from chassis.events.canonical_json import canonical
from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Projection, Rows
from contracts.corrections import ExemptionCorrected, MembershipCorrected, PostCorrected, UnitCorrected
from contracts.participation import (
    CampaignAmended,
    CampaignClosed,
    CampaignLaunched,
    ExemptionGranted,
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    PostAssigned,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from duties.days import Day, day_of
from services.registry.tables import RegistryTables
from services.registry.versions import correction_values, stamp_of

EventProjections = Mapping[type[Event], Sequence[Projection]]


def registry_projections(tables: RegistryTables) -> EventProjections:
    """The projections of these tables, for a service's list."""
    into = _RegistryProjections(tables)
    projections: dict[type[Event], Sequence[Projection]] = {
        CampaignLaunched: [into.store_campaign],
        CampaignAmended: [into.amend_campaign],
        CampaignClosed: [into.close_campaign],
        UnitRegistered: [into.store_unit],
        UnitClosed: [into.close_unit],
        UnitRelated: [into.relate_unit],
        UnitCorrected: [into.correct_unit],
        MembershipStarted: [into.store_membership],
        MembershipEnded: [into.end_membership],
        MembershipCorrected: [into.correct_membership],
        PostAssigned: [into.store_post],
        PostCorrected: [into.correct_post],
    }
    return projections | {PersonErased: [into.end_posts, *([into.erase_names] if tables.keeps_names else [])]}


def exemption_projections(exemptions: Table) -> EventProjections:
    """The projections of `exemption_table`, for a service's list."""

    def store_exemption(rows: Rows, event: ExemptionGranted, recorded: RecordedEvent) -> None:
        rows.put_first_version(exemptions, stamp_of(recorded), **_exemption(event))

    def correct_exemption(rows: Rows, event: ExemptionCorrected, recorded: RecordedEvent) -> None:
        rows.put_next_version(exemptions, stamp_of(recorded), **_exemption(event), **correction_values(event))

    return {ExemptionGranted: [store_exemption], ExemptionCorrected: [correct_exemption]}


def _exemption(event: ExemptionGranted | ExemptionCorrected) -> dict[str, str]:
    names = ("exemption_id", "campaign", "person_id", "unit_id", "duty", "period")
    return {name: getattr(event, name) for name in names}


def day_or_zero(text: str) -> Day:
    """The ordinal of a day `YYYY-MM-DD`; 0 for the empty text."""
    return day_of(text) if text else 0


class _RegistryProjections:
    def __init__(self, tables: RegistryTables) -> None:
        self._tables = tables

    def store_campaign(self, rows: Rows, event: CampaignLaunched, recorded: RecordedEvent) -> None:
        stamp = stamp_of(recorded)
        rows.put_first_version(self._tables.campaigns, stamp, campaign=event.campaign, version=event.campaign_version,
                               document=canonical(event.document), launched_at=stamp.known_from)  # fmt: skip

    def amend_campaign(self, rows: Rows, event: CampaignAmended, recorded: RecordedEvent) -> None:
        rows.amend_version(self._tables.campaigns, stamp_of(recorded), {"campaign": event.campaign},
                           version=event.campaign_version, document=canonical(event.document))  # fmt: skip

    def close_campaign(self, rows: Rows, event: CampaignClosed, recorded: RecordedEvent) -> None:
        rows.amend_version(self._tables.campaigns, stamp_of(recorded), {"campaign": event.campaign},
                           closed_on=day_or_zero(event.closed_on))  # fmt: skip

    def store_unit(self, rows: Rows, event: UnitRegistered, recorded: RecordedEvent) -> None:
        rows.put_first_version(self._tables.units, stamp_of(recorded), **_unit(event))
        self._put_relations(rows, event, recorded)

    def close_unit(self, rows: Rows, event: UnitClosed, recorded: RecordedEvent) -> None:
        rows.amend_version(self._tables.units, stamp_of(recorded), {"unit_id": event.unit_id}, changed="closed_on",
                           correction_id="", closed_on=day_or_zero(event.closed_on))  # fmt: skip

    def relate_unit(self, rows: Rows, event: UnitRelated, recorded: RecordedEvent) -> None:
        """A relation that the event does not give keeps its value."""
        given = [name for name in ("liaison_id", "zone_id") if getattr(event, name)]
        self._put_relations(rows, event, recorded, given, since=day_or_zero(event.since))

    def correct_unit(self, rows: Rows, event: UnitCorrected, recorded: RecordedEvent) -> None:
        rows.put_next_version(self._tables.units, stamp_of(recorded), **_unit(event), **correction_values(event))
        self._put_relations(rows, event, recorded, event.columns, replaces=1)

    def _put_relations(
        self, rows: Rows, event: UnitRegistered | UnitRelated | UnitCorrected, recorded: RecordedEvent,
        columns: Collection[str] = ("liaison_id", "zone_id"), since: Day = 0, replaces: int = 0,
    ) -> None:  # fmt: skip
        for column, table in (("liaison_id", self._tables.liaisons), ("zone_id", self._tables.zones)):
            if table is not None and column in columns:
                rows.put(table, unit_id=event.unit_id, position=recorded.position, since=since, replaces=replaces,
                         **{column: getattr(event, column)})  # fmt: skip

    def store_membership(self, rows: Rows, event: MembershipStarted, recorded: RecordedEvent) -> None:
        rows.put_first_version(self._tables.memberships, stamp_of(recorded), **self._membership(event))

    def end_membership(self, rows: Rows, event: MembershipEnded, recorded: RecordedEvent) -> None:
        row_id = {"person_id": event.person_id, "unit_id": event.unit_id, "since": day_or_zero(event.since)}
        rows.amend_version(self._tables.memberships, stamp_of(recorded), row_id, changed="to", correction_id="",
                           until=day_or_zero(event.until))  # fmt: skip

    def correct_membership(self, rows: Rows, event: MembershipCorrected, recorded: RecordedEvent) -> None:
        rows.put_next_version(self._tables.memberships, stamp_of(recorded), **self._membership(event),
                              **correction_values(event))  # fmt: skip

    def _membership(self, event: MembershipStarted | MembershipCorrected) -> dict[str, str | Day]:
        name = {"name": event.name} if self._tables.keeps_names else {}
        return {"person_id": event.person_id, "unit_id": event.unit_id, "since": day_or_zero(event.since),
                "until": day_or_zero(event.until), "role": event.role, **name}  # fmt: skip

    def store_post(self, rows: Rows, event: PostAssigned, recorded: RecordedEvent) -> None:
        rows.put_first_version(self._tables.posts, stamp_of(recorded), **_post(event))

    def correct_post(self, rows: Rows, event: PostCorrected, recorded: RecordedEvent) -> None:
        rows.put_next_version(self._tables.posts, stamp_of(recorded), **_post(event), **correction_values(event))

    def end_posts(self, rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
        """A person who was erased holds no post any more, whatever was reported before."""
        rows.change(self._tables.posts, {"person_id": event.person_id}, voided=1)

    def erase_names(self, rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
        """The person's key is destroyed; the ciphertext is removed from every version as well."""
        rows.change(self._tables.memberships, {"person_id": event.person_id}, name="")


def _post(event: PostAssigned | PostCorrected) -> dict[str, str | Day]:
    return {"person_id": event.person_id, "unit_id": event.unit_id, "post": event.post,
            "since": day_or_zero(event.since), "until": day_or_zero(event.until)}  # fmt: skip


def _unit(event: UnitRegistered | UnitCorrected) -> dict[str, str | Day]:
    return {"unit_id": event.unit_id, "name": event.name, "kind": event.kind, "tags": ";".join(event.tags),
            "opened_on": day_or_zero(event.opened_on), "closed_on": day_or_zero(event.closed_on)}  # fmt: skip
