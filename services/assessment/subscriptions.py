"""What assessment projects into read models, and which events of other services it reacts to: the whole list."""

from chassis.messaging.reactions import Reactions
from chassis.store.projections import Projections
from contracts.assessment import FindingRaised, FindingRectified, SheetScored
from contracts.participation import (
    FindingReported,
    RecordSubmitted,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
)
from services.assessment.findings.handlers import raise_and_rectify_findings
from services.assessment.findings.projections import rectify_finding, store_finding
from services.assessment.scores.projections import store_record, withdraw_record
from services.assessment.sheets.handlers import score_sheets
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

REACTIONS = Reactions(
    {
        raise_and_rectify_findings: [FindingReported, RectificationReported],
        score_sheets: [SheetReported],
    }
)
