"""Scores cached between two views of the scoreboard, so that only units with new facts are calculated again.

A unit's score rests on its own facts and on all facts of all its people; what came since is read from the log and the
inbox.  Where that cannot tell whose scores changed, all are calculated."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.event_log import read_heads
from chassis.store.prepared_query import column_in
from chassis.store.row_statements import row_id_names
from chassis.store.schema import cursors, events, inbox
from duties.scores import UnitScore
from services.assessment.findings.projections import findings
from services.assessment.scores.projections import records
from services.assessment.sheets.projections import sheets
from services.assessment.tables import exemptions, registry

MOST_EVENTS = 2000
"""With more than that since the last time, calculating everything costs no more."""
MOST_FILES = 32
VERSION = 1

_NAMES_ITS_SUBJECT = {
    "participation.record_submitted",
    "participation.membership_started",
    "participation.membership_ended",
    "participation.membership_corrected",
    "participation.exemption_granted",
    "participation.finding_reported",
    "participation.sheet_reported",
}
"""Events that name their unit, their person or both."""
_NAMES_ITS_ROW = {
    "participation.record_withdrawn": "record_id",
    "participation.record_corrected": "record_id",
    "participation.exemption_corrected": "exemption_id",
    "participation.rectification_reported": "finding_id",
    "participation.finding_corrected": "finding_id",
    "participation.sheet_corrected": "sheet_id",
}
"""Events on a row: they concern every unit and person that it was of, in whichever version."""
_WITHOUT_EFFECT = {
    "participation.unit_related", "participation.person_erased", "participation.post_assigned",
    "participation.post_corrected",
}  # fmt: skip
"""Events that change no score."""
_FIGURES = ("base", "sheet", "deduction", "score", "completion", "on_time", "evidence")

Positions = dict[str, list[Any]]


@dataclass(frozen=True)
class CachedScores:
    """Exact scores (their ranks mean nothing) as they were when the log and the inbox were at `positions`."""

    positions: Positions
    scores: dict[str, UnitScore]


def positions(connection: Connection) -> Positions:
    """The positions of the own log and of every cursor: with them the rows change, and otherwise only by a rebuild."""
    result: Positions = {f"own/{head.partition}": ["", head.position] for head in read_heads(connection)}
    for row in connection.execute(sa.select(cursors)):
        result[f"{row.source}/{row.partition}"] = [row.epoch, row.position]
    return result


def changed_units(connection: Connection, since: Positions) -> frozenset[str] | None:
    """The units whose score may have changed since; None where all may."""
    now = positions(connection)
    if since.keys() != now.keys() or any(since[key][0] != now[key][0] for key in now):
        return None
    changes = _Changes()
    for key, (_, after) in since.items():
        if not _collect(connection, key, after, changes):
            return None
    return _unit_ids(connection, changes)


@dataclass
class _Changes:
    units: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    rows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By the name of their id."""


def _collect(connection: Connection, key: str, after: int, changes: _Changes) -> bool:
    """Notes what came there since; False where it does not tell whom it concerns."""
    source, _, partition = key.rpartition("/")
    table = events if source == "own" else inbox
    query = sa.select(table.c.type, table.c.data).where(table.c.partition == int(partition), table.c.position > after)
    if table is inbox:
        query = query.where(inbox.c.source == source)
    page = connection.execute(query.limit(MOST_EVENTS + 1)).all()
    return len(page) <= MOST_EVENTS and all(
        _note_change(kind.rpartition(".v")[0], data, changes) for kind, data in page
    )


def _note_change(kind: str, text: str, changes: _Changes) -> bool:
    data = json.loads(text)
    if kind in _NAMES_ITS_SUBJECT:
        changes.units.add(data["unit_id"])
        changes.people.add(data.get("person_id", ""))
    elif kind in _NAMES_ITS_ROW:
        row_id = _NAMES_ITS_ROW[kind]
        changes.rows[row_id].add(data[row_id])
    else:  # a campaign, a unit, an event that an operator released out of its order
        return kind in _WITHOUT_EFFECT
    return True


def _unit_ids(connection: Connection, changes: _Changes) -> frozenset[str]:
    for table in (records, findings, sheets, exemptions):
        (row_id,) = row_id_names(table)
        for row in _select_by_id(connection, table.c[row_id], changes.rows[row_id], table):
            changes.units.add(row.unit_id)
            changes.people.add(getattr(row, "person_id", ""))
    member = registry.memberships.c
    changes.units.update(
        row.unit_id for row in _select_by_id(connection, member.person_id, changes.people, member.unit_id)
    )
    return frozenset(changes.units - {""})


def _select_by_id(connection: Connection, column: Any, names: set[str], *wanted: Any) -> Iterable[Any]:
    chosen = column_in(column, sorted(names - {""}), connection.dialect.name == "postgresql")
    return connection.execute(sa.select(*wanted).where(chosen))


def read(path: Path) -> CachedScores | None:
    """What the file has; None where it is missing or not of this version."""
    try:
        result = json.loads(path.read_bytes())
        if result["version"] != VERSION:
            return None
        return CachedScores(
            result["positions"], {item: _score(item, figures) for item, figures in result["scores"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(path: Path, cached: CachedScores) -> None:
    scores = {score.unit_id: [_text(getattr(score, name)) for name in _FIGURES] for score in cached.scores.values()}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"version": VERSION, "positions": cached.positions, "scores": scores}))
    fresh.replace(path)
    oldest = sorted(path.parent.glob("*.json"), key=lambda item: item.stat().st_mtime)[:-MOST_FILES]
    for item in oldest:
        item.unlink(missing_ok=True)


def _text(figure: Fraction | None) -> str:
    return "" if figure is None else str(figure)


def _score(unit_id: str, figures: Sequence[str]) -> UnitScore:
    base, sheet, *others = (Fraction(figure) if figure else None for figure in figures)
    return UnitScore(unit_id, base, sheet, *others)  # type: ignore[arg-type]
