"""Scores kept between two looks at the scoreboard: only units that facts came for are reckoned anew.

A unit's score rests on its own facts and on all facts of all its people; what came since is read from the log and the
inbox.  Where that cannot tell whose scores are touched, all are reckoned."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.event_log import read_heads
from chassis.store.prepared_query import any_of
from chassis.store.schema import cursors, events, inbox
from duties.scores import UnitScore
from services.assessment import projections

MOST_EVENTS = 2000
"""More than that since the last look, and reckoning everything is no dearer."""
KEPT_FILES = 32
VERSION = 1

_NAMING = {"participation.record_submitted", "participation.membership_started", "participation.membership_ended",
           "participation.exemption_granted", "assessment.finding_raised", "assessment.sheet_scored"}  # fmt: skip
"""What names its unit, its person or both."""
_UNTOUCHED = {"participation.unit_related", "participation.person_erased", "participation.finding_reported",
              "participation.rectification_reported", "participation.sheet_reported"}  # fmt: skip
"""What changes no score: a finding or sheet does so only when our own log has it."""
_FIGURES = ("base", "sheet", "deduction", "score", "completion", "on_time", "evidence")

Places = dict[str, list[Any]]


@dataclass(frozen=True)
class Standing:
    """Exact scores (their ranks count for nothing) as they were when the log and the inbox stood at `places`."""

    places: Places
    scores: dict[str, UnitScore]


def places(connection: Connection) -> Places:
    """Where the own log and every cursor stand: with them the rows change, and with nothing else but a rebuild."""
    result: Places = {f"own/{head.partition}": ["", head.position] for head in read_heads(connection)}
    for row in connection.execute(sa.select(cursors)):
        result[f"{row.source}/{row.partition}"] = [row.epoch, row.position]
    return result


def touched(connection: Connection, since: Places) -> frozenset[str] | None:
    """The units whose score may have changed since; None where all may."""
    now = places(connection)
    if since.keys() != now.keys() or any(since[key][0] != now[key][0] for key in now):
        return None
    result = _Touched(set(), set(), set(), set())
    for key, (_, after) in since.items():
        if not _gather(connection, key, after, result):
            return None
    return _units(connection, result)


@dataclass
class _Touched:
    units: set[str]
    people: set[str]
    records: set[str]
    findings: set[str]


def _gather(connection: Connection, key: str, after: int, result: _Touched) -> bool:
    """Whether what came there since tells whom it touches."""
    source, _, partition = key.rpartition("/")
    table = events if source == "own" else inbox
    query = sa.select(table.c.type, table.c.data).where(table.c.partition == int(partition), table.c.position > after)
    if table is inbox:
        query = query.where(inbox.c.source == source)
    page = connection.execute(query.limit(MOST_EVENTS + 1)).all()
    return len(page) <= MOST_EVENTS and all(_touches(kind.rpartition(".v")[0], data, result) for kind, data in page)


def _touches(kind: str, text: str, result: _Touched) -> bool:
    data = json.loads(text)
    match kind:
        case _ if kind in _NAMING:
            result.units.add(data["unit_id"])
            result.people.add(data.get("person_id", ""))
        case "participation.record_withdrawn":
            result.records.add(data["record_id"])
        case "assessment.finding_rectified":
            result.findings.add(data["finding_id"])
        case _:  # a campaign, a unit, what an operator let in out of its order
            return kind in _UNTOUCHED
    return True


def _units(connection: Connection, result: _Touched) -> frozenset[str]:
    record, finding, member = projections.records.c, projections.findings.c, projections.registry.memberships.c
    for row in _named(connection, record.record_id, result.records, record.unit_id, record.person_id):
        result.units.add(row.unit_id)
        result.people.add(row.person_id)
    result.units |= {row.unit_id for row in _named(connection, finding.finding_id, result.findings, finding.unit_id)}
    result.units |= {row.unit_id for row in _named(connection, member.person_id, result.people, member.unit_id)}
    return frozenset(result.units - {""})


def _named(connection: Connection, column: Any, names: set[str], *wanted: Any) -> Iterable[Any]:
    chosen = any_of(column, sorted(names - {""}), connection.dialect.name == "postgresql")
    return connection.execute(sa.select(*wanted).where(chosen))


def kept(path: Path) -> Standing | None:
    """What the file keeps; None where it is missing or not of this version."""
    try:
        result = json.loads(path.read_bytes())
        if result["version"] != VERSION:
            return None
        return Standing(result["places"], {item: _score(item, figures) for item, figures in result["scores"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(path: Path, standing: Standing) -> None:
    scores = {score.unit_id: [_text(getattr(score, name)) for name in _FIGURES] for score in standing.scores.values()}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"version": VERSION, "places": standing.places, "scores": scores}))
    fresh.replace(path)
    oldest = sorted(path.parent.glob("*.json"), key=lambda item: item.stat().st_mtime)[:-KEPT_FILES]
    for item in oldest:
        item.unlink(missing_ok=True)


def _text(figure: Fraction | None) -> str:
    return "" if figure is None else str(figure)


def _score(unit_id: str, figures: Sequence[str]) -> UnitScore:
    base, sheet, *others = (Fraction(figure) if figure else None for figure in figures)
    return UnitScore(unit_id, base, sheet, *others)  # type: ignore[arg-type]
