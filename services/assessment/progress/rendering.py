"""Renders the progress of a unit or a person as JSON: days as dates, figures as they are displayed (scoring.md 8)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from duties.campaign import Campaign
from duties.days import Day, iso
from duties.progress import DutyProgress
from duties.report_requests import Window
from duties.result_files import points, share
from duties.rules import Duty
from duties.scores import DutyPart, UnitScore, takes_points
from duties.subjects import Finding, SheetRow

Worth = Mapping[str, Fraction]
"""The worth of one instance of a duty in a unit's base, by the duty's id."""


def worth_of(parts: Iterable[DutyPart]) -> Worth:
    """The worth per instance: a duty's possible points divided by its instances."""
    return {part.totals.duty.id: part.most / part.totals.instances for part in parts}


def duty_lines(progress: Iterable[DutyProgress], worth: Worth) -> list[dict[str, Any]]:
    return [_duty_line(item, worth) for item in progress]


def _duty_line(item: DutyProgress, worth: Worth) -> dict[str, Any]:
    instance = item.instance
    records = [{"record_id": record.record_id, "day": iso(record.day), "on_time": record.on_time,
                "evidence": record.evidence} for record in item.records]  # fmt: skip
    return _period_line(item, worth if item.is_scored else {}) | {
        "unit_id": instance.unit_id, "person_id": instance.person_id, "start": iso(instance.start),
        "due": iso(instance.due), "done": len(records), "state": item.state, "excuse": item.excuse, "records": records,
    }  # fmt: skip


def _period_line(item: DutyProgress, worth: Worth) -> dict[str, Any]:
    duty = item.duty
    share_of_base = worth.get(duty.id)
    return {"duty": duty.id, "title": duty.title, "record": duty.record, "every": duty.every,
            "period": item.instance.period, "needed": item.instance.needed, "weight": points(duty.weight),
            "worth": None if share_of_base is None else points(share_of_base)}  # fmt: skip


def people_lines(
    progress: Iterable[DutyProgress], worth: Worth, place: Callable[[DutyProgress], int]
) -> list[dict[str, Any]]:
    """One line per duty and period, in the order of `place`."""
    return [_people_line(list(group), worth) for _, group in groupby(sorted(progress, key=place), key=place)]


def _people_line(group: Sequence[DutyProgress], worth: Worth) -> dict[str, Any]:
    owing = [item for item in group if not item.excuse]
    scored = any(item.is_scored for item in owing)
    return _period_line(group[0], worth if scored else {}) | {
        "due": iso(max(item.instance.due for item in group)), "owing": len(owing),
        "done": sum(item.is_done for item in owing), "late": sum(item.state == "late" for item in owing),
        "overdue": sum(item.state == "overdue" for item in owing), "excused": len(group) - len(owing),
    }  # fmt: skip


def finding_lines(findings: Iterable[Finding], window: Window, as_of: Day) -> list[dict[str, Any]]:
    """Findings reported up to the day, latest first; `deducts`: the window's figures include its points."""
    day = min(as_of, window.last)
    known = sorted((item for item in findings if item.found_on <= as_of), key=lambda item: -item.found_on)
    return [{"finding_id": item.finding_id, "found_on": iso(item.found_on), "points": points(item.points),
             "deadline": iso(item.deadline) if item.deadline else "",
             "rectified_on": iso(item.rectified_on) if item.rectified_on and item.rectified_on <= as_of else "",
             "deducts": takes_points(item, day)} for item in known]  # fmt: skip


def sheet_lines(campaign: Campaign, rows: Iterable[SheetRow], as_of: Day) -> list[dict[str, Any]]:
    """One line per quarter that has rows: the number of items assessed, and their total."""
    quarters: dict[str, list[SheetRow]] = {}
    for row in rows:
        if row.assessed_on <= as_of and row.item in campaign.item_max:
            quarters.setdefault(row.quarter, []).append(row)
    return [{"period": quarter, "assessed": len(own), "items": len(campaign.item_max),
             "points": points(sum((row.points for row in own), Fraction(0))),
             "most": points(sum((campaign.item_max[row.item] for row in own), Fraction(0)))}
            for quarter, own in sorted(quarters.items())]  # fmt: skip


def figures(score: UnitScore | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {"base": points(score.base), "sheet": None if score.sheet is None else points(score.sheet),
            "deduction": points(score.deduction), "score": points(score.score), "completion": share(score.completion),
            "on_time": share(score.on_time), "evidence": share(score.evidence)}  # fmt: skip


def part_lines(parts: Iterable[DutyPart]) -> list[dict[str, Any]]:
    return [_part_line(part.totals.duty, part) for part in parts]


def _part_line(duty: Duty, part: DutyPart) -> dict[str, Any]:
    totals = part.totals
    return {"duty": duty.id, "title": duty.title, "weight": points(duty.weight), "instances": totals.instances,
            "complete": totals.complete, "on_time": totals.on_time, "late": totals.late, "credit": share(part.credit),
            "points": points(part.points), "most": points(part.most)}  # fmt: skip
