"""Enters one row of one table, decided at once by the rules of an import."""

from collections.abc import Callable, Mapping

from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.batch.handlers import release_pending_reports, submit_foreign_rows
from services.participation.campaign.queries import rules_of
from services.participation.domain import KIND_OF_TABLE, ROW_KINDS, Accepted, Refused, row_of
from services.participation.domain.people_messages import sentence_for_people


def enter_row(
    units_of_work: UnitsOfWork, table: str, cells: Mapping[str, str], late_entry: str, actor: object, correlation: str,
    on_commit: Callable[[], None], campaign: str = "",
) -> tuple[str, list[str]]:  # fmt: skip
    """Returns accepted or unchanged, and the positions.  `campaign`: an earlier campaign whose rules apply.  Problem
    422 with column and code if the row is refused or has a column that the table lacks (if ignored, a misspelt one
    would empty a cell); 404: no such table or campaign."""
    kind = KIND_OF_TABLE.get(table)
    if kind is None:
        raise Problem(404, "unknown_table", f"没有数据表 {table}，应为 {'、'.join(KIND_OF_TABLE)}。", column="table")
    if unknown := sorted(cells.keys() - set(ROW_KINDS[kind].columns)):
        raise Problem(422, "unknown_column", f"{table} 没有这一列：{unknown[0]}。", column=unknown[0])
    with units_of_work.begin(actor, correlation) as unit_of_work:
        rules = rules_of(unit_of_work, campaign)
        if campaign and rules is None:
            raise Problem(404, "unknown_campaign", f"没有启动过编号为 {campaign[:40]} 的活动方案。")
        decision = submit_foreign_rows(unit_of_work, [row_of(kind, cells)], rules, late_entry=late_entry)[0]
        if isinstance(decision, Refused):
            text = sentence_for_people(decision.code, decision.column, cells.get(decision.column, ""))
            raise Problem(422, decision.code, text, column=decision.column)
        if isinstance(decision, Accepted):
            release_pending_reports(unit_of_work, decision.events)
            unit_of_work.after_commit(on_commit)
    return ("accepted" if isinstance(decision, Accepted) else "unchanged"), unit_of_work.positions
