"""Reads the frozen windows of a campaign with their admissions, and the facts that official figures are calculated
from."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.event_log import read_heads
from chassis.store.grouped_rows import ReplacedRows
from duties.report_requests import AwardRequest, ReportRequest, ScoreRequest
from services.assessment.freezes.projections import admissions, freezes
from services.assessment.freezes.row_versions import ROW_TABLES, Key, official_row, versions_of
from services.assessment.scores.queries import FactsAsKnown
from services.registry.versions import instant_of


@dataclass(frozen=True)
class Admission:
    """An admitted row or correction: who admitted it, when, by which event, under which decision."""

    position: str
    name: str
    row_name: str
    decision: str
    admitted_at: str
    actor: str
    admitted_by: str


@dataclass
class FrozenWindow:
    """A frozen window: `known_at` as text of the log, `actor` who froze it."""

    window: str
    known_at: str
    actor: str
    admitted: list[Admission] = field(default_factory=list)


def frozen_windows(connection: Connection, campaign: str) -> dict[str, FrozenWindow]:
    """The frozen windows by id; admissions ordered by name."""
    frozen = sa.select(freezes).where(freezes.c.campaign == campaign).order_by(freezes.c.window_id)
    result = {row.window_id: FrozenWindow(row.window_id, row.known_at, row.actor) for row in connection.execute(frozen)}
    admitted = sa.select(admissions).where(admissions.c.campaign == campaign).order_by(admissions.c.position)
    for row in connection.execute(admitted):
        result[row.window_id].admitted.append(
            Admission(row.position, row.name, row.row_name, row.decision, row.admitted_at, row.actor, row.admitted_by)
        )
    for item in result.values():
        item.admitted.sort(key=lambda admission: admission.name)
    return result


def frozen_for(windows: dict[str, FrozenWindow], request: ReportRequest) -> FrozenWindow | None:
    """The freeze that applies to a request: of its window, or of the year for awards."""
    match request:
        case ScoreRequest():
            return windows.get(request.window)
        case AwardRequest():
            return windows.get(f"{request.year:04}")
    return None


def official_facts(connection: Connection, campaign: str, frozen: FrozenWindow) -> FactsAsKnown:
    """The facts as known at the freeze, with what was admitted since.  Raises NoCampaign."""
    known_at = instant_of(frozen.known_at)
    admitted = frozenset(item.position for item in frozen.admitted)
    replaced = _replaced_rows(connection, campaign, {item.row_name for item in frozen.admitted}, admitted, known_at)
    return FactsAsKnown(connection, campaign, known_at, replaced)


def _replaced_rows(
    connection: Connection, campaign: str, row_names: Collection[str], admitted: Collection[str], known_at: int
) -> dict[str, ReplacedRows]:
    """The rows that have admissions, as the admissions change them."""
    keys: dict[str, set[Key]] = defaultdict(set)
    for name in row_names:
        table, _, row_id = name.partition("/")
        keys[table].update(ROW_TABLES[table].keys_named(row_id))
    partitions, result = len(read_heads(connection)), {}
    for table, wanted in keys.items():
        item = ROW_TABLES[table]
        every = versions_of(connection, item, wanted)
        rows = (official_row(item, versions, known_at, admitted, partitions) for versions in every.values())
        kept = tuple(row for row in rows if row is not None and _counts(row, campaign))
        result[item.table.name] = ReplacedRows(item.ids, frozenset(every), kept)
    return result


def _counts(row: Any, campaign: str) -> bool:
    """Whether the row belongs to the campaign and is not an exemption of both a person and a unit, which exempts
    nobody."""
    if hasattr(row, "duty") and row.person_id and row.unit_id:
        return False
    return getattr(row, "campaign", "") in ("", campaign)
