"""The list of assessment's projections; its reactions are declared in service.py."""

from chassis.store.projections import Projections
from contracts.assessment import RowsAdmitted, WindowFrozen
from contracts.corrections import DecisionCorrected, FindingCorrected, RecordCorrected, SheetCorrected
from contracts.participation import (
    DecisionSigned,
    FindingReported,
    RecordSubmitted,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
)
from services.assessment.decisions.projections import correct_decision, store_decision
from services.assessment.findings.projections import correct_finding, rectify_finding, store_finding
from services.assessment.freezes.projections import store_admission, store_freeze
from services.assessment.scores.projections import correct_record, store_record, withdraw_record
from services.assessment.sheets.projections import correct_sheet, store_sheet
from services.assessment.tables import exemptions, registry
from services.registry.projections import exemption_projections, registry_projections

PROJECTIONS = Projections(
    registry_projections(registry),
    exemption_projections(exemptions),
    {
        RecordSubmitted: [store_record],
        RecordWithdrawn: [withdraw_record],
        RecordCorrected: [correct_record],
        FindingReported: [store_finding],
        RectificationReported: [rectify_finding],
        FindingCorrected: [correct_finding],
        SheetReported: [store_sheet],
        SheetCorrected: [correct_sheet],
        DecisionSigned: [store_decision],
        DecisionCorrected: [correct_decision],
        WindowFrozen: [store_freeze],
        RowsAdmitted: [store_admission],
    },
)
