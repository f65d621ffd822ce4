"""What assessment projects into read models: the whole list (which events it handles, service.py declares)."""

from chassis.store.projections import Projections
from contracts.assessment import FindingRaised, FindingRectified, SheetScored
from contracts.participation import (
    RecordSubmitted,
    RecordWithdrawn,
)
from services.assessment.findings.projections import rectify_finding, store_finding
from services.assessment.scores.projections import store_record, withdraw_record
from services.assessment.sheets.projections import store_sheet
from services.assessment.tables import exemptions, registry
from services.registry.projections import exemption_projections, registry_projections

PROJECTIONS = Projections(
    registry_projections(registry),
    exemption_projections(exemptions),
    {
        RecordSubmitted: [store_record],
        RecordWithdrawn: [withdraw_record],
        FindingRaised: [store_finding],
        FindingRectified: [rectify_finding],
        SheetScored: [store_sheet],
    },
)
