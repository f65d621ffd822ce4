"""What follows from findings that were reported at participation's intake."""

from collections.abc import Sequence

from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import FindingReported, RectificationReported
from services.assessment.findings.domain import FINDINGS, Command, RaiseFinding, RectifyFinding


def raise_and_rectify_findings(unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Reported findings and rectifications become events of assessment's own log."""
    commands = [_command(event, recorded.recorded_at) for event, recorded in batch]
    unit_of_work.execute_all(FINDINGS, commands, causations=[recorded.id for _, recorded in batch])


def _command(event: FindingReported | RectificationReported, learnt_at: str) -> Command:
    match event:
        case FindingReported():
            return RaiseFinding(event.finding_id, event.unit_id, event.assessor_id, event.found_on, event.deadline,
                                event.points, event.rectified_on, learnt_at)  # fmt: skip
        case RectificationReported():
            return RectifyFinding(event.finding_id, event.rectified_on, learnt_at)
