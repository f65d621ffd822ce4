"""What participation projects into read models: the whole list (which events it handles, service.py declares)."""

from chassis.store.projections import Projections
from contracts.imports import ImportAdvanced, ImportFinished, ImportStarted
from contracts.participation import (
    CampaignAmended,
    CampaignClosed,
    CampaignLaunched,
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    RecordSubmitted,
    RecordWithdrawn,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from services.participation.campaign.projections import close_campaign, store_amended_campaign, store_launched_campaign
from services.participation.imports.projections import finish_import, store_import, store_progress
from services.participation.records.projections import forget_title, store_record, withdraw_record
from services.participation.registry.projections import (
    close_unit,
    end_membership,
    forget_name,
    relate_unit,
    store_membership,
    store_unit,
)

PROJECTIONS = Projections(
    {
        CampaignLaunched: [store_launched_campaign],
        CampaignAmended: [store_amended_campaign],
        CampaignClosed: [close_campaign],
        UnitRegistered: [store_unit],
        UnitClosed: [close_unit],
        UnitRelated: [relate_unit],
        MembershipStarted: [store_membership],
        MembershipEnded: [end_membership],
        PersonErased: [forget_name, forget_title],
        RecordSubmitted: [store_record],
        RecordWithdrawn: [withdraw_record],
        ImportStarted: [store_import],
        ImportAdvanced: [store_progress],
        ImportFinished: [finish_import],
    }
)
