"""Use cases: freeze a window, admit rows and corrections to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import CommandContext, UnitsOfWork
from duties.campaign import Campaign
from duties.days import iso, local_day, microseconds
from duties.report_requests import Window, find_window
from services.assessment.freezes.admissible import AmbiguousRow, RowNotOfficial, UnknownRows, find_admissible
from services.assessment.freezes.domain import FREEZES, Admissible, AdmitRows, Freeze, FreezeWindow, NotFrozen
from services.assessment.tables import registry
from services.registry.queries import campaign_as_known, campaign_in_force
from services.registry.versions import instant_of


def freeze_window(
    units_of_work: UnitsOfWork, context: CommandContext, window: str, campaign: str | None = None
) -> dict[str, Any]:
    """Freeze a window at the instant of this transaction; a second time changes nothing.  `campaign` None: the one
    launched last.  Problem 404, 409, 422."""
    rules = _campaign(units_of_work.store, campaign)
    last = _window(rules, window).last
    with units_of_work.begin(context.actor, context.correlation) as work:
        if local_day(microseconds(moment(work.now)), ZoneInfo(rules.timezone)) <= last:
            detail = f"“{window}”到 {iso(last)} 才结束，结束之后才能锁定。"
            raise Problem(422, "window_not_over", detail, column="window")
        command = FreezeWindow(rules.id, window, work.now)
        frozen = work.execute(FREEZES, command)
        work.flush()
        known_at = work.states(FREEZES, [command.stream])[command.stream].known_at
        return {"campaign": rules.id, "window": window, "known_at": known_at,
                "outcome": "frozen" if frozen else "unchanged", "positions": work.positions}  # fmt: skip


def admit_rows(
    units_of_work: UnitsOfWork, context: CommandContext, window: str, rows: Sequence[str], decision: str,
    campaign: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Admit rows and corrections: the official figures include them as if recorded in time.  Problem 404, 409, 422."""
    rules = _campaign(units_of_work.store, campaign)
    _window(rules, window)
    if not decision.strip():
        raise Problem(422, "no_decision", "请写明处理决定的文号。", column="decision")
    with units_of_work.begin(context.actor, context.correlation) as work:
        command = AdmitRows(rules.id, window, (), decision.strip())
        state = work.states(FREEZES, [command.stream])[command.stream]
        items = _admissible(work.connection, rules.id, rows, state)
        try:
            admitted = work.execute(FREEZES, replace(command, items=tuple(items)))
        except NotFrozen:
            raise Problem(409, "not_frozen", f"“{window}”尚未锁定，无须采纳。") from None
        work.flush()
        return {"campaign": rules.id, "window": window, "rows": sorted(item.name for item in items),
                "outcome": "admitted" if admitted else "unchanged", "positions": work.positions}  # fmt: skip


def _admissible(connection: Connection, campaign: str, names: Sequence[str], state: Freeze) -> list[Admissible]:
    known_at = instant_of(state.known_at) if state.known_at else None
    try:
        return find_admissible(connection, campaign, names, known_at, state.admitted)
    except UnknownRows as error:
        detail = f"没有编号为 {'、'.join(error.args[:20])} 的数据或更正。"
        raise Problem(422, "unknown_rows", detail, column="rows") from None
    except AmbiguousRow as error:
        names = sorted(error.args)
        detail = f"这个编号不止一处有：{'、'.join(names)}。请写明是哪一个，即 TABLE/ID，如 {names[0]}。"
        raise Problem(422, "ambiguous_row", detail, column="rows") from None
    except RowNotOfficial as error:
        change, row = error.args
        detail = f"{change} 所改的 {row} 是锁定之后才有的，尚未采纳，请一并采纳 {row}。"
        raise Problem(422, "row_not_official", detail, column="rows") from None


def _campaign(store: Store, campaign_id: str | None) -> Campaign:
    with store.reading() as connection:
        if campaign_id is not None:
            named = campaign_as_known(connection, registry, campaign_id)
            if named is None:
                raise Problem(404, "unknown_campaign", f"没有编号为 {campaign_id} 的活动方案。", column="campaign")
            return named
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
