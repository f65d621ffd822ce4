"""The day parameter of a request."""

from chassis.process.problems import Problem
from duties.days import Day, day_of
from services.notifications.delivery.campaign_clock import CampaignClock, CampaignTime


def requested_day(campaign_clock: CampaignClock, text: str) -> tuple[CampaignTime, Day]:
    """The campaign's time, and the requested day (default: today).  Problem 409, 422."""
    now = campaign_clock.now()
    if now is None:
        raise Problem(409, "no_campaign", "还没有启动活动方案。")
    try:
        return now, day_of(text) if text else now.day
    except ValueError:
        detail = f"“{text[:20]}”不是有效日期，请写成 2022-11-30 这样"
        raise Problem(422, "bad_date", detail, column="day") from None
