"""What assessment decides when events of other services arrive."""

from collections.abc import Sequence
from typing import Any

from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import FindingReported, RectificationReported
from services.assessment.domain import ASSESSMENTS, Command, RaiseFinding, RectifyFinding, ScoreSheet


def record_findings_and_sheets(unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """What assessors reported at the intake becomes findings and sheets of assessment's own log."""
    commands = [_command(event, recorded.recorded_at) for event, recorded in batch]
    unit_of_work.execute_all(ASSESSMENTS, commands, causations=[recorded.id for _, recorded in batch])


def _command(event: Any, learnt_at: str) -> Command:
    match event:
        case FindingReported():
            return RaiseFinding(event.finding_id, event.unit_id, event.assessor_id, event.found_on, event.deadline,
                                event.points, event.rectified_on, learnt_at)  # fmt: skip
        case RectificationReported():
            return RectifyFinding(event.finding_id, event.rectified_on, learnt_at)
        case _:
            return ScoreSheet(event.sheet_id, event.unit_id, event.assessor_id, event.period, event.item, event.points,
                              event.assessed_on, learnt_at)  # fmt: skip
