"""Launches and amends the campaign."""

from collections.abc import Callable
from typing import Any

from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitsOfWork
from contracts.participation import CampaignLaunched
from services.participation.batch.handlers import release_pending_reports
from services.participation.campaign import file
from services.participation.campaign.domain import CAMPAIGN, CampaignRefused, LaunchCampaign
from services.participation.campaign.queries import campaign_in_force

_MESSAGES = {
    "already_launched": "本系统已启动另一个主题活动，一个系统只开展一个活动。",
    "version_not_higher": "内容有变化，但 version 没有提高；请把方案文件的 version 加 1 后再执行。",
}


def read_campaign_file(text: bytes) -> dict[str, Any]:
    """The data of a campaign file.  Problem 422 with every fault and its line."""
    try:
        return file.load(text)
    except file.CampaignFileProblems as error:
        problems = [
            {"line": problem.line, "path": ".".join(map(str, problem.path)), "code": problem.code,
             "message": str(problem)} for problem in error.problems
        ]  # fmt: skip
        raise Problem(422, "invalid_campaign", f"方案文件有 {len(problems)} 处问题。", problems=problems) from None


def launch_campaign(
    units_of_work: UnitsOfWork, document: dict[str, Any], actor: object, correlation: str,
    on_commit: Callable[[], None],
) -> dict[str, Any]:  # fmt: skip
    """Launches the campaign, or amends it by a higher version: the version in force, the outcome (launched, amended,
    unchanged) and the positions.  `on_commit`: wakes who decides pending reports.  Problem 409."""
    with units_of_work.begin(actor, correlation) as unit_of_work:
        stored = campaign_in_force(unit_of_work.connection)
        command = LaunchCampaign(document, running=stored.campaign if stored else "")
        try:
            events = unit_of_work.execute(CAMPAIGN, command)
        except CampaignRefused as refused:
            raise Problem(409, refused.code, _MESSAGES[refused.code]) from None
        release_pending_reports(unit_of_work, events)
        unit_of_work.after_commit(on_commit)
    outcome = "unchanged" if not events else "launched" if isinstance(events[0], CampaignLaunched) else "amended"
    return {"campaign": document["campaign"], "version": document["version"], "outcome": outcome,
            "positions": unit_of_work.positions}  # fmt: skip
