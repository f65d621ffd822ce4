"""Reads what a template is generated from: the registry's units and people, the campaign in force."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.store import subject_keys
from duties.campaign import Campaign
from duties.periods import Period, period_named
from services.participation.campaign.queries import campaign_in_force
from services.participation.imports.catalogue import TABLE_LABELS
from services.participation.registry.projections import memberships, units
from services.participation.templates.domain import (
    MONTH,
    Member,
    TemplateSheet,
    UnitFacts,
    sheet_of_kind,
    sheets_of_month,
)


def template_sheets(connection: Connection, kind: str, unit_id: str, month: str, today: date) -> list[TemplateSheet]:
    """The sheets of a template: of one kind of table, or (`month`) of everything that the unit may report for a month,
    empty: today's.  Problem 404, 409, 422."""
    listed = _units(connection, today)
    unit = _unit(listed, unit_id) if unit_id else None
    campaign = rules.rules if (rules := campaign_in_force(connection)) else None
    if kind != MONTH:
        people = _members(connection, unit_id, today, today) if unit and kind == "people" else []
        return [sheet_of_kind(kind, _with_unique_names(listed), campaign, unit, people)]
    return _month_sheets(connection, listed, unit, campaign, month or f"{today:%Y-%m}")


def title_of(kind: str, unit_name: str) -> str:
    """The template's title."""
    return f"{unit_name}{'月度填报' if kind == MONTH else TABLE_LABELS[kind]}模板"


def name_of_unit(connection: Connection, unit_id: str) -> str:
    return str(connection.scalar(sa.select(units.c.name).where(units.c.unit_id == unit_id)) or "")


def _month_sheets(
    connection: Connection, listed: list[UnitFacts], unit: UnitFacts | None, campaign: Campaign | None, month: str
) -> list[TemplateSheet]:
    if unit is None:
        raise Problem(422, "missing", "月度填报模板要写明是哪个单位。", column="unit_id")
    if campaign is None:
        raise Problem(409, "no_campaign", "还没有启动活动方案，请先执行 qihang campaign launch。")
    period: Period | None = period_named("month", month)
    if period is None:
        raise Problem(422, "unknown_period", f"{month[:40]} 不是月份，应写成 2022-11 这样。", column="month")
    first, last = date.fromordinal(period.start), date.fromordinal(period.end - 1)
    people = _members(connection, unit.unit_id, first, last)
    return sheets_of_month(
        next(item for item in _with_unique_names(listed) if item.unit_id == unit.unit_id), people, campaign, period
    )


def _units(connection: Connection, today: date) -> list[UnitFacts]:
    """The units in service today or later."""
    query = sa.select(units).where(
        units.c.voided == 0, sa.or_(units.c.closed_on == "", units.c.closed_on > today.isoformat())
    )
    return [UnitFacts(row.unit_id, row.name, row.kind, frozenset(filter(None, row.tags.split(";"))))
            for row in connection.execute(query.order_by(units.c.unit_id))]  # fmt: skip


def _with_unique_names(listed: list[UnitFacts]) -> list[UnitFacts]:
    """With the id in place of a name that several units have: a cell must identify one unit."""
    names = [unit.name for unit in listed]
    return [unit if names.count(unit.name) == 1 else UnitFacts(unit.unit_id, unit.unit_id, unit.kind, unit.tags)
            for unit in listed]  # fmt: skip


def _unit(listed: list[UnitFacts], unit_id: str) -> UnitFacts:
    for unit in listed:
        if unit.unit_id == unit_id:
            return unit
    raise Problem(404, "unknown_unit", f"没有编号为 {unit_id[:40]} 的在办单位。")


def _members(connection: Connection, unit_id: str, first: date, last: date) -> list[Member]:
    """Who serves in the unit on one of these days, ordered by id."""
    table = memberships.c
    query = sa.select(memberships).where(
        table.unit_id == unit_id, table.voided == 0, table.since <= last.isoformat(),
        sa.or_(table.until == "", table.until > first.isoformat()),
    )  # fmt: skip
    rows = connection.execute(query.order_by(table.person_id, table.since)).all()
    keys = subject_keys.existing_keys(connection, [row.person_id for row in rows])
    return [Member(row.person_id, decipher(row.name, row.person_id, keys.get(row.person_id)) or "", row.role, row.since,
                   row.until) for row in rows]  # fmt: skip
