"""Launching and amending the one campaign."""

from typing import Any

from chassis.intake.pending_reports import PendingReports
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from contracts.participation import CampaignLaunched
from services.participation import queries
from services.participation.campaign.domain import CampaignRefused, CampaignState, LaunchCampaign, decide_campaign

_WORDS = {
    "already_launched": "本系统已启动另一个主题活动，一个系统只开展一个活动。",
    "version_not_higher": "内容有变化，但 version 没有提高；请把方案文件的 version 加 1 后再执行。",
}


def launch(runtime: ServiceRuntime, document: dict[str, Any], actor: object, correlation: str) -> dict[str, Any]:
    """The campaign in force after it, and whether it was launched, amended or unchanged.  Problem 409."""
    with runtime.unit_of_work(actor, correlation) as work:
        result = queries.campaign(work.connection)
        state = CampaignState(*result) if result else CampaignState()
        try:
            events = decide_campaign(state, LaunchCampaign(document))
        except CampaignRefused as refused:
            raise Problem(409, refused.code, _WORDS[refused.code]) from None
        work.append(*events)
        if events:
            PendingReports(runtime.store, work.connection, work.query).touch({"campaign"})
        work.flush()
        positions = work.positions
    outcome = "unchanged" if not events else "launched" if isinstance(events[0], CampaignLaunched) else "amended"
    return {"campaign": document["campaign"], "version": document["version"], "outcome": outcome,
            "positions": positions}  # fmt: skip
