"""What follows from sheets that were reported at participation's intake."""

from collections.abc import Sequence

from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import SheetReported
from services.assessment.sheets.domain import ScoreSheet, Sheet, decide, evolve


def score_sheets(work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Reported sheet items become events of assessment's own log."""
    commands = [(_command(event, recorded.recorded_at), recorded.id) for event, recorded in batch]
    sheets: dict[str, Sheet] = {}
    for event in work.load({command.stream for command, _ in commands}):
        sheets[event.stream] = evolve(sheets.get(event.stream, Sheet()), event)
    for command, cause in commands:
        for event in decide(sheets.get(command.stream, Sheet()), command):
            sheets[command.stream] = evolve(sheets.get(command.stream, Sheet()), event)
            work.append(event, causation=cause)


def _command(event: SheetReported, learnt_at: str) -> ScoreSheet:
    return ScoreSheet(event.sheet_id, event.unit_id, event.assessor_id, event.period, event.item, event.points,
                      event.assessed_on, learnt_at)  # fmt: skip
