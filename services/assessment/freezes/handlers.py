"""Use cases of freezes: freeze a window, admit rows to it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from chassis.events.canonical_json import moment
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.unit_of_work import CommandContext
from duties.campaign import Campaign
from duties.days import iso, local_day, microseconds
from duties.report_requests import Window, find_window
from services.assessment.freezes.domain import FREEZES, AdmitRows, FreezeWindow, NotFrozen
from services.assessment.freezes.queries import unknown_rows
from services.assessment.tables import registry
from services.registry.queries import campaign_in_force


def freeze_window(runtime: ServiceRuntime, context: CommandContext, window: str) -> dict[str, Any]:
    """Frozen at the instant of this transaction; once only.  Problems 409, 422."""
    campaign = _campaign(runtime)
    last = _window(campaign, window).last
    with runtime.unit_of_work(context.actor, context.correlation) as work:
        if local_day(microseconds(moment(work.now)), ZoneInfo(campaign.timezone)) <= last:
            detail = f"“{window}”到 {iso(last)} 才结束，结束之后才能锁定。"
            raise Problem(422, "window_not_over", detail, column="window")
        command = FreezeWindow(campaign.id, window, work.now)
        frozen = work.execute(FREEZES, command)
        work.flush()
        known_at = work.states(FREEZES, [command.stream])[command.stream].known_at
        return {"window": window, "known_at": known_at, "outcome": "frozen" if frozen else "unchanged",
                "positions": work.positions}  # fmt: skip


def admit_rows(
    runtime: ServiceRuntime, context: CommandContext, window: str, rows: Sequence[str], decision: str
) -> dict[str, Any]:
    """The official figures read these rows as if recorded in time.  Problems 409, 422."""
    campaign = _campaign(runtime)
    _window(campaign, window)
    if not decision.strip():
        raise Problem(422, "no_decision", "请写明处理决定的文号。", column="decision")
    with runtime.unit_of_work(context.actor, context.correlation) as work:
        if unknown := unknown_rows(work.connection, campaign.id, rows):
            detail = f"没有编号为 {'、'.join(unknown[:20])} 的数据；只能采纳记录、督查问题、考核表、免除和评选决定。"
            raise Problem(422, "unknown_rows", detail, column="rows")
        try:
            admitted = work.execute(FREEZES, AdmitRows(campaign.id, window, tuple(rows), decision.strip()))
        except NotFrozen:
            raise Problem(409, "not_frozen", f"“{window}”尚未锁定，无须采纳。") from None
        work.flush()
        return {"window": window, "outcome": "admitted" if admitted else "unchanged", "positions": work.positions}


def _campaign(runtime: ServiceRuntime) -> Campaign:
    with runtime.store.reading() as connection:
        campaign = campaign_in_force(connection, registry)
    if campaign is None:
        raise Problem(409, "no_campaign", "还没有启动活动方案。")
    return campaign


def _window(campaign: Campaign, window: str) -> Window:
    result = find_window(campaign, window)
    if result is None:
        detail = f"没有“{window[:40]}”这个统计时段，应为月（2022-11）、季度（2022-Q4）、学期编号或年（2022）。"
        raise Problem(422, "unknown_window", detail, column="window")
    return result
