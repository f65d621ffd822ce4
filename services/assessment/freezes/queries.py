"""Rows -> the frozen windows of a campaign, with what was admitted to each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import Connection

from duties.report_requests import AwardRequest, ReportRequest, ScoreRequest
from services.assessment.freezes.projections import admissions, freezes
from services.assessment.scores.queries import ADMISSIBLE
from services.registry.versions import of_campaign


@dataclass
class FrozenWindow:
    """`known_at` as events have it; `admitted`: the decision by the id of the row."""

    window: str
    known_at: str
    admitted: dict[str, str] = field(default_factory=dict)


def frozen_windows(connection: Connection, campaign: str) -> dict[str, FrozenWindow]:
    """By window id, in that order."""
    frozen = sa.select(freezes).where(freezes.c.campaign == campaign).order_by(freezes.c.window_id)
    result = {row.window_id: FrozenWindow(row.window_id, row.known_at) for row in connection.execute(frozen)}
    admitted = sa.select(admissions).where(admissions.c.campaign == campaign).order_by(admissions.c.row_id)
    for row in connection.execute(admitted):
        result[row.window_id].admitted[row.row_id] = row.decision
    return result


def frozen_for(windows: dict[str, FrozenWindow], request: ReportRequest) -> FrozenWindow | None:
    """The freeze under which a request is answered: of its window, or of the year of awards."""
    match request:
        case ScoreRequest():
            return windows.get(request.window)
        case AwardRequest():
            return windows.get(f"{request.year:04}")
    return None


def unknown_rows(connection: Connection, campaign: str, row_ids: Iterable[str]) -> list[str]:
    """Those that no record, finding, sheet, exemption or decision of the campaign bears."""
    wanted = sorted(set(row_ids))
    known: set[str] = set()
    for table, id_column in ADMISSIBLE.items():
        query = sa.select(table.c[id_column]).where(table.c[id_column].in_(wanted), of_campaign(table, campaign))
        known.update(connection.execute(query).scalars())
    return [row_id for row_id in wanted if row_id not in known]
