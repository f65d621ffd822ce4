"""What follows from findings that were reported at participation's intake."""

from collections.abc import Sequence

from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import FindingReported, RectificationReported
from services.assessment.findings.domain import Command, Finding, RaiseFinding, RectifyFinding, decide, evolve


def raise_and_rectify_findings(work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Reported findings and rectifications become events of assessment's own log."""
    commands = [(_command(event, recorded.recorded_at), recorded.id) for event, recorded in batch]
    findings: dict[str, Finding] = {}
    for event in work.load({command.stream for command, _ in commands}):
        findings[event.stream] = evolve(findings.get(event.stream, Finding()), event)
    for command, cause in commands:
        for event in decide(findings.get(command.stream, Finding()), command):
            findings[command.stream] = evolve(findings.get(command.stream, Finding()), event)
            work.append(event, causation=cause)


def _command(event: FindingReported | RectificationReported, learnt_at: str) -> Command:
    match event:
        case FindingReported():
            return RaiseFinding(event.finding_id, event.unit_id, event.assessor_id, event.found_on, event.deadline,
                                event.points, event.rectified_on, learnt_at)  # fmt: skip
        case RectificationReported():
            return RectifyFinding(event.finding_id, event.rectified_on, learnt_at)
