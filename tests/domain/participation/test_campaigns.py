"""One campaign at a time: launched, amended by a higher version, closed, then the next."""

from datetime import UTC, datetime

import pytest

from contracts.participation import CampaignAmended, CampaignClosed, CampaignLaunched
from duties.days import day_of, iso, microseconds
from duties.problems import CampaignProblems
from services.participation.campaign.domain import (
    CampaignCommand,
    CampaignRefused,
    CampaignsState,
    CloseCampaign,
    LaunchCampaign,
    decide_campaign,
    evolve_campaigns,
)
from services.participation.campaign.handlers import REFUSALS
from services.participation.domain import Ledger, Refused
from tests.domain.participation.district import campaign_document
from tests.domain.participation.scripted import GOOD, Given, good

DOCUMENT = campaign_document()
AMENDED = {**DOCUMENT, "version": 2, "title": "第二年"}
ENDING = {**DOCUMENT, "closes_on": "2023-08-01"}
NEXT = {**DOCUMENT, "campaign": "xin", "title": "新的活动"}


def instant(text: str) -> int:
    return microseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


def launch(document: dict[str, object], last: str = "", now: str = "2023-05-04T02:00") -> LaunchCampaign:
    return LaunchCampaign(document, last, instant(now))


def close(on: str = "", last: str = "xue-lun-shu", now: str = "2023-05-04T02:00") -> CloseCampaign:
    return CloseCampaign(last, day_of(on) if on else None, instant(now))


def after(*commands: CampaignCommand) -> CampaignsState:
    state = CampaignsState()
    for command in commands:
        for event in decide_campaign(state, command):
            state = evolve_campaigns(state, event)
    return state


def amend(document: dict[str, object], now: str = "2023-05-04T02:00") -> LaunchCampaign:
    return launch(document, "xue-lun-shu", now)


def refusal(state: CampaignsState, command: CampaignCommand) -> str:
    """The code; its message can be made of what the refusal bears."""
    with pytest.raises(CampaignRefused) as raised:
        decide_campaign(state, command)
    assert "{" not in REFUSALS[raised.value.code].format_map(raised.value.params)
    return raised.value.code


LAUNCHED = after(launch(DOCUMENT))


def test_a_campaign_is_launched_once() -> None:
    assert decide_campaign(CampaignsState(), launch(DOCUMENT)) == [CampaignLaunched("xue-lun-shu", 1, DOCUMENT)]
    assert decide_campaign(LAUNCHED, amend(DOCUMENT)) == []


def test_a_higher_version_amends_it() -> None:
    assert decide_campaign(LAUNCHED, amend(AMENDED)) == [CampaignAmended("xue-lun-shu", 2, AMENDED)]
    assert after(launch(DOCUMENT), amend(AMENDED)).campaigns["xue-lun-shu"].version == 2


def test_other_content_needs_a_higher_version() -> None:
    assert refusal(LAUNCHED, amend({**DOCUMENT, "title": "改"})) == "version_not_higher"
    assert refusal(after(launch(DOCUMENT), amend(AMENDED)), amend(DOCUMENT)) == "version_not_higher"


def test_a_second_campaign_is_refused_while_one_is_open_and_the_refusal_names_it() -> None:
    assert refusal(LAUNCHED, launch({**NEXT, "version": 9}, "xue-lun-shu")) == "already_launched"
    with pytest.raises(CampaignRefused) as raised:
        decide_campaign(LAUNCHED, launch(NEXT, "xue-lun-shu"))
    assert raised.value.params == {"campaign": "xue-lun-shu", "title": DOCUMENT["title"]}


def test_the_next_may_be_launched_from_the_day_of_closing_in_the_campaign_s_timezone() -> None:
    closed = after(launch(DOCUMENT), close("2023-06-01"))
    assert refusal(closed, launch(NEXT, "xue-lun-shu", "2023-05-31T15:59")) == "already_launched"
    assert decide_campaign(closed, launch(NEXT, "xue-lun-shu", "2023-05-31T16:00")) == [
        CampaignLaunched("xin", 1, NEXT)
    ]


def test_the_next_may_be_launched_when_closes_on_is_past() -> None:
    state = after(launch(ENDING))
    assert refusal(state, launch(NEXT, "xue-lun-shu", "2023-07-31T10:00")) == "already_launched"
    assert decide_campaign(state, launch(NEXT, "xue-lun-shu", "2023-08-01T10:00")) == [CampaignLaunched("xin", 1, NEXT)]


def test_a_campaign_closes_today_unless_another_day_is_given() -> None:
    assert decide_campaign(LAUNCHED, close()) == [CampaignClosed("xue-lun-shu", "2023-05-04")]
    assert decide_campaign(LAUNCHED, close("2023-04-01")) == [CampaignClosed("xue-lun-shu", "2023-04-01")]


def test_a_closing_that_is_still_to_come_may_be_moved_and_one_that_came_stays() -> None:
    state = after(launch(DOCUMENT), close("2023-06-01"))
    assert decide_campaign(state, close("2023-06-01")) == []
    assert decide_campaign(state, close("2023-07-01")) == [CampaignClosed("xue-lun-shu", "2023-07-01")]
    assert refusal(state, close("2023-07-01", now="2023-06-02T00:00")) == "already_closed"
    assert decide_campaign(state, close("2023-06-01", now="2023-06-02T00:00")) == []


def test_a_campaign_closes_after_its_first_day_and_not_after_its_written_end() -> None:
    assert refusal(LAUNCHED, close(str(DOCUMENT["starts_on"]))) == "closes_too_early"
    assert refusal(after(launch(ENDING)), close("2023-08-02")) == "closes_too_late"
    assert refusal(after(launch(ENDING)), close(now="2023-08-05T00:00")) == "already_closed"
    assert refusal(CampaignsState(), close(last="")) == "no_campaign"


def test_closing_ends_the_periods_whatever_the_file_says() -> None:
    rules = after(launch(ENDING), close("2023-06-01")).campaigns["xue-lun-shu"].rules
    assert iso(rules.closes_on or 0) == "2023-06-01"
    assert not rules.quarter_exists("2023-Q3")


def test_a_closed_campaign_is_not_amended_and_its_id_is_spent() -> None:
    closed = after(launch(DOCUMENT), close("2023-05-01"))
    assert refusal(closed, amend(AMENDED)) == "campaign_closed"
    assert refusal(closed, amend(DOCUMENT)) == "campaign_closed"
    followed = after(launch(DOCUMENT), close("2023-05-01"), launch(NEXT, "xue-lun-shu"))
    assert refusal(followed, launch(AMENDED, "xin")) == "campaign_closed"


def test_one_that_ended_by_its_file_may_be_prolonged_until_the_next_is_launched() -> None:
    longer = {**ENDING, "version": 2, "closes_on": "2024-08-01"}
    state = after(launch(ENDING))
    assert decide_campaign(state, amend(longer, "2023-09-01T00:00")) == [CampaignAmended("xue-lun-shu", 2, longer)]
    followed = after(launch(ENDING), launch(NEXT, "xue-lun-shu", "2023-08-02T00:00"))
    assert refusal(followed, launch(longer, "xin", "2023-09-01T00:00")) == "campaign_closed"


def test_what_is_no_campaign_is_never_launched() -> None:
    with pytest.raises(CampaignProblems):
        decide_campaign(CampaignsState(), launch({**DOCUMENT, "timezone": "Mars/Olympus"}))


@pytest.mark.parametrize("what", ["exemption", "record", "withdrawal", "finding", "sheet"])
def test_what_the_rules_decide_is_pending_until_the_campaign(what: str) -> None:
    before = Given(Ledger(), None)
    before.when(good(what), allow_pending=True).then_pending_for("campaign")
    before.when(good(what)).then(Refused(next(iter(GOOD[what])), "no_campaign"))
    before.when(good(what, **{next(iter(GOOD[what])): ""}), allow_pending=True).then_refused(
        next(iter(GOOD[what])), "missing"
    )


def test_units_and_people_need_no_campaign() -> None:
    before = Given(Ledger(), None)
    before.when(good("unit", liaison_id="")).then_accepted(unit_id="S1")
    before.when(good("membership"), allow_pending=True).then_pending_for("unit:S1")
