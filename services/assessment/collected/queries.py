"""Reads units that owe a collected duty and calculates, with the duties' arithmetic, the state of each period."""

from typing import Any

from duties.campaign import Campaign
from duties.days import iso
from duties.progress import DutyProgress, ProgressPlan
from duties.rules import Duty
from services.assessment.scores.queries import FactsAsKnown


def collected_units(facts: FactsAsKnown, plan: ProgressPlan, duty: Duty) -> tuple[list[str], list[dict[str, Any]]]:
    """The periods in chronological order, and the units that owe any of them, ordered by kind and id."""
    owing = [unit for unit in facts.units() if unit.kind in duty.who.kinds]
    names = facts.unit_names([unit.unit_id for unit in owing])
    known = {each.unit_id: each for each in facts.unit_facts([unit.unit_id for unit in owing], every=False)}
    lines, periods = list[dict[str, Any]](), dict[str, int]()
    for unit in sorted(owing, key=lambda each: (each.kind, each.unit_id)):
        own = known[unit.unit_id]
        mine = [item for item in plan.of_unit(unit, own.records, own.exemptions)
                if item.duty.id == duty.id and plan.is_shown(item) and _is_within(plan, item)]  # fmt: skip
        periods |= {item.instance.period: item.instance.due for item in mine}
        if mine:
            lines.append({"unit_id": unit.unit_id, "name": names.get(unit.unit_id, ""), "kind": unit.kind,
                          "cells": [_cell(item) for item in mine]})  # fmt: skip
    return sorted(periods, key=lambda period: periods[period]), lines


def _is_within(plan: ProgressPlan, item: DutyProgress) -> bool:
    """Whether the item belongs to the window; what is listed only because it can be done early belongs to a later
    one."""
    period = plan.campaign.period(item.duty, item.instance.period)
    falls_on = period.end - 1 if period is not None and item.duty.counts_in_period else item.instance.due
    return plan.window.first <= falls_on <= plan.window.last


def _cell(item: DutyProgress) -> dict[str, Any]:
    last = max(item.records, key=lambda record: record.day) if item.is_done else None
    return {"period": item.instance.period, "due": iso(item.instance.due), "state": item.state,
            "day": iso(last.day) if last else "", "record_id": last.record_id if last else ""}  # fmt: skip


def duty_lines(campaign: Campaign) -> list[dict[str, Any]]:
    return [{"duty": duty.id, "title": duty.title, "record": duty.record, "every": duty.every}
            for duty in campaign.collected_duties]  # fmt: skip
