"""Use cases: launch, amend and close campaigns."""

from collections.abc import Callable, Mapping
from typing import Any

from chassis.events.canonical_json import moment
from chassis.events.definition import Event
from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from contracts.participation import CampaignLaunched
from duties.campaign import Campaign
from duties.days import Day, iso, microseconds
from services.participation.batch.handlers import release_pending_reports
from services.participation.campaign import file
from services.participation.campaign.domain import (
    CAMPAIGNS,
    CampaignCommand,
    CampaignRefused,
    CloseCampaign,
    LaunchCampaign,
)
from services.participation.campaign.preview import campaign_warnings
from services.participation.campaign.queries import campaign_in_force

REFUSALS: Mapping[str, str] = {
    "no_campaign": "还没有启动活动方案。",
    "already_launched": "主题活动“{title}”（{campaign}）正在进行，同一时间只开展一个活动。要修改它，请沿用编号 "
    "{campaign} 并提高 version；要开展新的活动，请先用 qihang campaign close 结束它，或等到它的结束日 closes_on。",
    "version_not_higher": "内容有变化，但 version 没有提高；请把方案文件的 version 加 1 后再执行。",
    "campaign_closed": "主题活动 {campaign} 已经结束，不能再修改或重新启动；请给新的活动换一个编号（campaign）。",
    "already_closed": "主题活动 {campaign} 已于 {closed_on} 结束，结束日不能再改。",
    "closes_too_early": "结束日应当晚于活动的开始日 {starts_on}。",
    "closes_too_late": "方案已写明活动于 {closes_on} 结束；要延长，请修改方案文件的 closes_on，并把 version 加 1 "
    "后重新发布。",
}


def read_campaign_file(text: bytes) -> dict[str, Any]:
    """Parse a campaign file.  Problem 422 with every problem and its line."""
    try:
        return file.load(text)
    except file.CampaignFileProblems as error:
        problems = [
            {"line": problem.line, "column": problem.column, "path": ".".join(map(str, problem.path)),
             "code": problem.code, "message": str(problem), "remedy": problem.remedy, "text": problem.text}
            for problem in error.problems
        ]  # fmt: skip
        raise Problem(422, "invalid_campaign", f"方案文件有 {len(problems)} 处问题。", problems=problems) from None


def launch_campaign(
    units_of_work: UnitsOfWork, document: dict[str, Any], actor: object, correlation: str,
    on_commit: Callable[[], None],
) -> dict[str, Any]:  # fmt: skip
    """Launch the campaign, or amend it by a higher version; returns the version in force, the outcome (launched,
    amended, unchanged), the warnings and the positions.  `on_commit`: wakes the loop that decides pending reports.
    Problem 409."""
    with units_of_work.begin(actor, correlation) as unit_of_work:
        command = LaunchCampaign(document, _campaign_id_in_force(unit_of_work), microseconds(moment(unit_of_work.now)))
        events = _execute(unit_of_work, command)
        release_pending_reports(unit_of_work, events)
        warnings = campaign_warnings(unit_of_work.connection, Campaign.from_data(document), unit_of_work.now)
        unit_of_work.after_commit(on_commit)
    outcome = "unchanged" if not events else "launched" if isinstance(events[0], CampaignLaunched) else "amended"
    return {"campaign": document["campaign"], "version": document["version"], "outcome": outcome,
            "warnings": warnings, "positions": unit_of_work.positions}  # fmt: skip


def close_campaign(
    units_of_work: UnitsOfWork, closed_on: Day | None, actor: object, correlation: str
) -> dict[str, Any]:
    """Close the campaign in force; returns its id, the first day on which nothing is owed, and closed or unchanged.
    Problem 409."""
    with units_of_work.begin(actor, correlation) as unit_of_work:
        last = _campaign_id_in_force(unit_of_work)
        command = CloseCampaign(last, closed_on, microseconds(moment(unit_of_work.now)))
        events = _execute(unit_of_work, command)
        ends = unit_of_work.combined_state(CAMPAIGNS, [command]).campaigns[last].rules.closes_on
    return {"campaign": last, "closed_on": iso(ends or 0), "outcome": "closed" if events else "unchanged",
            "positions": unit_of_work.positions}  # fmt: skip


def _campaign_id_in_force(unit_of_work: UnitOfWork) -> str:
    stored = campaign_in_force(unit_of_work.connection)
    return stored.campaign if stored else ""


def _execute(unit_of_work: UnitOfWork, command: CampaignCommand) -> list[Event]:
    try:
        return unit_of_work.execute(CAMPAIGNS, command)
    except CampaignRefused as refused:
        detail = REFUSALS[refused.code].format_map(refused.params)
        raise Problem(409, refused.code, detail) from None
