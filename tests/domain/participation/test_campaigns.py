"""One district, one campaign: launched once, amended by a higher version; what comes before it is pending."""

import pytest

from contracts.participation import CampaignAmended, CampaignLaunched
from duties.problems import CampaignProblems
from services.participation.campaign.domain import (
    CampaignRefused,
    CampaignState,
    LaunchCampaign,
    decide_campaign,
    evolve_campaign,
)
from services.participation.domain import Ledger, Refused
from tests.domain.participation.district import campaign_document
from tests.domain.participation.scripted import GOOD, Given, good

DOCUMENT = campaign_document()
AMENDED = {**DOCUMENT, "version": 2, "title": "第二年"}


def launched(*documents: dict[str, object]) -> CampaignState:
    state = CampaignState()
    for document in documents:
        for event in decide_campaign(state, LaunchCampaign(document)):
            state = evolve_campaign(state, event)
    return state


def refusal(state: CampaignState, document: dict[str, object]) -> str:
    with pytest.raises(CampaignRefused) as raised:
        decide_campaign(state, LaunchCampaign(document))
    return raised.value.code


def test_a_campaign_is_launched_once() -> None:
    assert decide_campaign(CampaignState(), LaunchCampaign(DOCUMENT)) == [CampaignLaunched("xue-lun-shu", 1, DOCUMENT)]
    assert decide_campaign(launched(DOCUMENT), LaunchCampaign(DOCUMENT)) == []


def test_a_higher_version_amends_it() -> None:
    assert decide_campaign(launched(DOCUMENT), LaunchCampaign(AMENDED)) == [CampaignAmended("xue-lun-shu", 2, AMENDED)]
    assert launched(DOCUMENT, AMENDED).version == 2


def test_other_content_needs_a_higher_version() -> None:
    assert refusal(launched(DOCUMENT), {**DOCUMENT, "title": "改"}) == "version_not_higher"
    assert refusal(launched(DOCUMENT, AMENDED), DOCUMENT) == "version_not_higher"


def test_a_second_campaign_is_refused() -> None:
    assert refusal(launched(DOCUMENT), {**DOCUMENT, "campaign": "other", "version": 9}) == "already_launched"


def test_what_is_no_campaign_is_never_launched() -> None:
    with pytest.raises(CampaignProblems):
        decide_campaign(CampaignState(), LaunchCampaign({**DOCUMENT, "timezone": "Mars/Olympus"}))


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
