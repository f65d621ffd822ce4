"""What follows from sheets that were reported at participation's intake."""

from collections.abc import Sequence

from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import SheetReported
from services.assessment.sheets.domain import SHEETS, ScoreSheet


def score_sheets(unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Reported sheet items become events of assessment's own log."""
    commands = [_command(event, recorded.recorded_at) for event, recorded in batch]
    unit_of_work.execute_all(SHEETS, commands, causations=[recorded.id for _, recorded in batch])


def _command(event: SheetReported, learnt_at: str) -> ScoreSheet:
    return ScoreSheet(event.sheet_id, event.unit_id, event.assessor_id, event.period, event.item, event.points,
                      event.assessed_on, learnt_at)  # fmt: skip
