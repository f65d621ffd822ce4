"""Reads quarter sheets: the grid of an office, one sheet with its history, a unit's own."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log
from contracts.quarter_sheets import (
    QuarterSheetCompleted,
    QuarterSheetConfirmed,
    QuarterSheetDrafted,
    QuarterSheetReopened,
    QuarterSheetReturned,
)
from duties.campaign import Campaign
from duties.days import Day, iso
from duties.periods import period_named
from services.participation.domain.cells import number_of
from services.participation.registry.identity import subjects_of_units
from services.participation.registry.names import names_of_people, names_of_units
from services.participation.registry.projections import units
from services.participation.sheets.projections import assessed_items, quarter_sheets
from services.registry import rights
from services.registry.person_record import person_of_actor

STATES: Final = ("pending", "draft", "completed", "confirmed")
"""待考核, 草稿, 待复核, 已完成."""
ACTS: Final = ("draft", "complete", "return", "confirm", "correct")
_DONE: Final = {
    QuarterSheetDrafted: "填写", QuarterSheetCompleted: "提交复核", QuarterSheetReturned: "退回",
    QuarterSheetConfirmed: "复核通过", QuarterSheetReopened: "更正",
}  # fmt: skip


class CountingItem(NamedTuple):
    """A row of sheets.csv that counts."""

    sheet_id: str
    points: str
    assessed_on: str
    assessor_id: str


def require_quarter(rules: Campaign | None, period: str) -> Campaign:
    """The rules whose sheets include this quarter.  Problem 404, 409."""
    if rules is None or rules.sheets is None:
        detail = "还没有启动活动方案。" if rules is None else "本方案没有季考核表。"
        raise Problem(409, "no_campaign" if rules is None else "no_sheets", detail)
    if not rules.quarter_exists(period):
        raise Problem(404, "unknown_period", f"本方案没有 {period[:20]} 这个季度。", column="period")
    return rules


def quarters_begun(rules: Campaign, today: Day) -> list[str]:
    """The ids of the quarters that have begun, the latest first."""
    begun = rules.periods_between("quarter", rules.starts_on, max(today, rules.starts_on))
    return [item.id for item in reversed(begun) if rules.exists(item)]


def items_that_count(
    connection: Connection, period: str, unit_ids: Collection[str]
) -> dict[str, dict[str, CountingItem]]:
    """The counting items of these units in the quarter, by unit and item."""
    row = assessed_items.c
    query = sa.select(assessed_items).where(row.voided == 0, row.period == period, row.unit_id.in_(sorted(unit_ids)))
    result: dict[str, dict[str, CountingItem]] = defaultdict(dict)
    for each in connection.execute(query):
        result[each.unit_id][each.item] = _counting_item(each)
    return result


def _counting_item(row: Any) -> CountingItem:
    return CountingItem(row.sheet_id, row.points, row.assessed_on, row.assessor_id)


def sheets_of_quarter(connection: Connection, rules: Campaign, actor: Actor, period: str) -> list[dict[str, Any]]:
    """Every unit with a sheet in the quarter, and its state."""
    assessed = _units_with_sheets(connection, rules, period)
    names = [row.unit_id for row in assessed]
    counting = items_that_count(connection, period, names)
    begun = {row.unit_id: row for row in connection.execute(
        sa.select(quarter_sheets).where(quarter_sheets.c.period == period))}  # fmt: skip
    return [_line(rules, actor, row, begun.get(row.unit_id), counting.get(row.unit_id, {})) for row in assessed]


def _units_with_sheets(connection: Connection, rules: Campaign, period: str) -> Sequence[Any]:
    """Units in service on a day of the quarter, offices first."""
    quarter = period_named("quarter", period)
    kinds = sorted(rules.sheets.kinds) if rules.sheets else []
    if quarter is None or not kinds:
        return []
    unit = units.c
    open_then = sa.and_(unit.opened_on < iso(quarter.end), sa.or_(unit.closed_on == "",
                                                                   unit.closed_on > iso(quarter.start)))  # fmt: skip
    query = sa.select(unit.unit_id, unit.name, unit.kind, unit.liaison_id)
    return connection.execute(
        query.where(unit.voided == 0, unit.kind.in_(kinds), open_then).order_by(unit.kind, unit.unit_id)
    ).all()


def _line(rules: Campaign, actor: Actor, unit: Any, begun: Any, counting: Mapping[str, CountingItem]) -> dict[str, Any]:
    subject = rights.Subject(unit.unit_id, unit.kind, unit.liaison_id)
    assesses = rights.may(actor, rights.ASSESS_UNIT, subject)
    official = {item: known.points for item, known in counting.items() if item in rules.item_max}
    is_whole = len(official) == len(rules.item_max)
    status = begun.status if begun and assesses else ""
    state = status if status in ("draft", "completed") else "confirmed" if is_whole else "pending"
    drafted = json.loads(begun.points) if status in ("draft", "completed") else {}
    points = official | drafted if assesses else official if is_whole else {}
    missing = [item for item in rules.item_max if item not in points]
    return {
        "unit_id": unit.unit_id, "unit_name": unit.name, "kind": unit.kind, "state": state, "points": points,
        "official": official if assesses or is_whole else {}, "total": "" if missing else total_of(points),
        "correcting": bool(begun and assesses and begun.correcting), "revision": begun.revision if begun else 0,
        "may": _acts(actor, begun, state, bool(official), missing) if assesses else [],
    }  # fmt: skip


def _acts(actor: Actor, begun: Any, state: str, has_official: bool, missing: Sequence[str]) -> list[str]:
    if state == "completed":
        return ["return"] + (["confirm"] if begun.completed_by != actor.name else [])
    if state == "draft":
        return ["draft"] + ([] if missing else ["complete"])
    opens = state == "pending" and (begun is None or begun.status != "confirmed" or not has_official)
    return (["draft"] if opens else []) + (["correct"] if has_official else [])


def total_of(points: Mapping[str, str]) -> str:
    """Their exact sum as a decimal text."""
    total = sum(map(number_of, points.values()))
    text = f"{float(total):.4f}".rstrip("0").rstrip(".")
    return text or "0"


def sheet_detail(connection: Connection, rules: Campaign, actor: Actor, unit_id: str, period: str) -> dict[str, Any]:
    """One sheet with its history.  Problem 403, 404."""
    rights.require(actor, rights.ASSESS_UNIT, subjects_of_units(connection, [unit_id])[unit_id])
    lines = sheets_of_quarter(connection, rules, actor, period)
    line = next((each for each in lines if each["unit_id"] == unit_id), None)
    if line is None:
        raise Problem(404, "unknown_unit", "这个单位在这个季度没有季考核表。", column="unit_id")
    rows = {item: known.sheet_id for item, known in items_that_count(connection, period, [unit_id])[unit_id].items()}
    return line | {"period": period, "history": _history(connection, actor, unit_id, period), "rows": rows}


def _history(connection: Connection, actor: Actor, unit_id: str, period: str) -> list[dict[str, Any]]:
    """Who did what; names only for members of the same office."""
    recorded = event_log.streams(connection, [f"quarter_sheet-{period}-{unit_id}"])
    names = names_of_people(connection, sorted({person_of_actor(each.actor) for each in recorded} - {""}))
    offices = {post.unit_id for post in rights.posts_of(actor)}
    entries = []
    for each in recorded:
        event: Any = each.event()
        role, who, office = each.actor.partition(":")[0], person_of_actor(each.actor), each.actor.rpartition("@")[2]
        label = rights.LABELS.get(role, role) if role not in rights.UNIT_POSTS else "考核人"
        by = f"{label} {names.get(who, '')}".strip() if office in offices or who == actor.name else label
        entries.append({"at": each.recorded_at, "what": _DONE.get(type(event), ""), "by": by,
                        "reason": getattr(event, "reason", ""), "revision": each.version,
                        "points": dict(getattr(event, "points", {}))})  # fmt: skip
    return entries


def own_sheets(connection: Connection, rules: Campaign, unit_id: str) -> list[dict[str, Any]]:
    """A unit's sheets that are complete and count, latest quarter first; no drafts."""
    row = assessed_items.c
    query = sa.select(assessed_items).where(row.voided == 0, row.unit_id == unit_id)
    quarters: dict[str, dict[str, CountingItem]] = defaultdict(dict)
    for each in connection.execute(query):
        if each.item in rules.item_max:
            quarters[each.period][each.item] = _counting_item(each)
    whole = {period: items for period, items in quarters.items() if len(items) == len(rules.item_max)}
    assessors = {item.assessor_id for items in whole.values() for item in items.values()}
    names = names_of_units(connection, sorted(assessors))
    return [
        {"period": period, "points": (points := {item: known.points for item, known in items.items()}),
         "total": total_of(points), "assessed_on": max(known.assessed_on for known in items.values()),
         "assessors": sorted({names.get(known.assessor_id, known.assessor_id) for known in items.values()})}
        for period, items in sorted(whole.items(), reverse=True)
    ]  # fmt: skip
