"""Use cases of quarter sheets: draft, complete, return, confirm, correct; each is one transaction."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from duties.campaign import Campaign
from services.participation.batch.handlers import release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, Refused, Row
from services.participation.domain.cells import is_number, number_of
from services.participation.domain.people_messages import sentence_for_people
from services.participation.domain.reserved_ids import SHEET
from services.participation.domain.rows import ReportedCorrection, SheetRow, cells_of
from services.participation.registry.identity import local_day, subjects_of_units
from services.participation.sheets.domain import (
    QUARTER_SHEETS,
    CompleteSheet,
    ConfirmSheet,
    DraftSheet,
    QuarterSheet,
    ReopenSheet,
    ReturnSheet,
    SheetCommand,
    SheetRefused,
)
from services.participation.sheets.queries import CountingItem, items_that_count, require_quarter
from services.registry import rights
from services.registry.rights import Party

_REFUSALS: Final = {
    "changed": "您打开之后，别人改过这张表，请核对之后再办理。",
    "not_now": "这张表现在不能这样办理，请刷新后再看。",
    "same_hand": "提交复核的人不能自己复核，请由本科室其他同志复核。",
    "incomplete": "还有项目没有评分：{items}。",
}


@dataclass(frozen=True)
class Request:
    """The actor of a request, and a callback after the commit."""

    actor: Actor
    correlation: str
    on_commit: Callable[[], None]


class SheetTransaction:
    """One transaction on the sheets of a quarter.  Problem 404, 409."""

    def __init__(self, unit_of_work: UnitOfWork, actor: Actor, period: str) -> None:
        rules = rules_in_force(unit_of_work)
        self.rules: Campaign = require_quarter(rules, period)
        self.unit_of_work, self.actor, self.period = unit_of_work, actor, period
        self.connection = unit_of_work.connection

    def act_on(self, unit_id: str) -> str:
        """The unit as which the actor assesses this one.  Problem 403, 422."""
        subject = subjects_of_units(self.connection, [unit_id])[unit_id]
        acting = rights.require(self.actor, rights.ASSESS_UNIT, subject)
        if not (self.rules.sheets and subject.unit_kind in self.rules.sheets.kinds):
            raise Problem(422, "not_assigned", "季考核只针对方案规定类别的单位。", column="unit_id")
        self.unit_of_work.act_as(acting)
        post = acting.acts_as if isinstance(acting, Party) else None
        return post.unit_id if post else ""

    def state(self, unit_id: str) -> QuarterSheet:
        stream = f"quarter_sheet-{self.period}-{unit_id}"
        return self.unit_of_work.states(QUARTER_SHEETS, [stream])[stream]

    def counting(self, unit_id: str) -> dict[str, CountingItem]:
        return items_that_count(self.connection, self.period, [unit_id]).get(unit_id, {})

    def execute(self, command: SheetCommand) -> bool:
        """Whether it changed anything.  Problem 409."""
        try:
            return bool(self.unit_of_work.execute(QUARTER_SHEETS, command))
        except SheetRefused as refused:
            titles = {item.id: item.title for item in self.rules.sheets.items} if self.rules.sheets else {}
            named = "、".join(titles.get(item, item) for item in refused.items)
            detail = _REFUSALS[refused.code].format(items=named)
            raise Problem(409, "changed_meanwhile" if refused.code == "changed" else refused.code, detail,
                          revision=self.state(command.unit_id).revision) from None  # fmt: skip


@contextmanager
def transaction(units_of_work: UnitsOfWork, request: Request, period: str) -> Iterator[SheetTransaction]:
    with units_of_work.begin(request.actor, request.correlation) as unit_of_work:
        yield SheetTransaction(unit_of_work, request.actor, period)
        unit_of_work.after_commit(request.on_commit)


def draft_sheets(act: SheetTransaction, sheets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Enter points for some items of some units, all or none; returns the units whose sheet changed.  Problem 403, 409,
    422 with the place of each as `UNIT.item`."""
    problems, changed = [], []
    for sheet in sheets:
        unit_id = sheet["unit_id"]
        act.act_on(unit_id)
        points = {item: _figure(text) for item, text in sheet["points"].items()}
        if wrong := _problems_of(act.rules, unit_id, points):
            problems += wrong
            continue
        command = DraftSheet(unit_id, act.period, sheet["revision"], points, _points_of(act.counting(unit_id)))
        changed += [unit_id] if act.execute(command) else []
    if problems:
        raise Problem(422, "bad_fields", problems[0]["message"], problems=problems[:100])
    return changed


def _figure(text: str) -> str:
    """The text without blanks, in half-width digits."""
    return unicodedata.normalize("NFKC", text).strip()


def _problems_of(rules: Campaign, unit_id: str, points: Mapping[str, str]) -> list[dict[str, str]]:
    problems = []
    for item, text in points.items():
        most = rules.item_max.get(item)
        if most is None:
            code, words = "unknown_item", "方案的季考核表没有这一项。"
        elif text and not is_number(text):
            code, words = "bad_number", f"“{text[:20]}”不是数字。"
        elif text and not 0 <= number_of(text) <= most:
            code, words = "out_of_range", f"应在 0 到 {most} 之间。"
        else:
            continue
        problems.append({"field": f"{unit_id}.{item}", "code": code, "message": words})
    return problems


def complete_sheet(act: SheetTransaction, unit_id: str, revision: int) -> bool:
    """Submit the sheet for confirmation.  Problem 403, 409."""
    assessor_id = act.act_on(unit_id)
    items = tuple(act.rules.item_max)
    day = local_day(act.connection, datetime.fromisoformat(act.unit_of_work.now)).isoformat()
    by, counting = act.actor.name, _points_of(act.counting(unit_id))
    return act.execute(CompleteSheet(unit_id, act.period, revision, items, assessor_id, day, by, counting))


def return_sheet(act: SheetTransaction, unit_id: str, revision: int, reason: str) -> bool:
    act.act_on(unit_id)
    return act.execute(ReturnSheet(unit_id, act.period, revision, reason))


def reopen_sheet(act: SheetTransaction, unit_id: str, revision: int, reason: str) -> bool:
    """Begin a correction of counting points.  Problem 403, 409."""
    act.act_on(unit_id)
    return act.execute(ReopenSheet(unit_id, act.period, revision, reason, _points_of(act.counting(unit_id))))


def confirm_sheet(act: SheetTransaction, unit_id: str, revision: int) -> bool:
    """Confirm as a second person: the items become rows, or correct existing ones.  Problem 403, 409, 422."""
    act.act_on(unit_id)
    state = act.state(unit_id)
    rules = act.rules
    if not act.execute(ConfirmSheet(unit_id, act.period, revision, rules.id, rules.version, act.actor.name)):
        return False
    rows = _rows_of(act, unit_id, state)
    decisions = submit_rows(act.unit_of_work, rows, rules)
    for row, decision in zip(rows, decisions, strict=True):
        if isinstance(decision, Refused):
            text = sentence_for_people(decision.code, decision.column, cells_of(row).get(decision.column, ""))
            raise Problem(422, decision.code, text, column=decision.column)
    events = [event for decision in decisions if isinstance(decision, Accepted) for event in decision.events]
    release_pending_reports(act.unit_of_work, events)
    return True


def _rows_of(act: SheetTransaction, unit_id: str, state: QuarterSheet) -> list[Row]:
    """The rows that make the stored ones equal to the sheet.  Problem 409 if others were reported meanwhile and no
    correction was begun."""
    counting, rows = act.counting(unit_id), list[Row]()
    for item, points in state.points.items():
        known = counting.get(item)
        if known is None:
            name = _row_id(unit_id, act.period, item, state.revision)
            rows.append(SheetRow(name, unit_id, state.assessor_id, act.period, item, points, state.assessed_on))
        elif number_of(known.points) != number_of(points):
            if not state.correction:
                detail = f"这个季度已经有导入的评分（{known.points}），与这张表的 {points} 不同。"
                raise Problem(409, "already_reported", f"{detail}请先退回，再用“更正”写明原因。")
            rows.append(ReportedCorrection("sheet_corrected", (known.sheet_id,), (("points", points),),
                                           state.correction))  # fmt: skip
    return rows


def _row_id(*parts: object) -> str:
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return f"{SHEET}{digest[:24]}"


def _points_of(counting: Mapping[str, CountingItem]) -> dict[str, str]:
    return {item: known.points for item, known in counting.items()}
