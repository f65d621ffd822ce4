"""Who has which right: a table of its own, compared with the rules for every right and every caller."""

from __future__ import annotations

import pytest

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from docs.generate.security import CAST, allows
from services.registry import rights
from services.registry.rights import DISTRICT, RIGHTS, HeldPost, Party, Right, Subject

UNIT = {"head", "clerk"}
OFFICE = {"operator", "campaign office"}
PERSON = {"the person"}
RESEARCH = {"research office"}
OVER = {"liaison office", "supervision office, of an office"}
OVERVIEW = {"leader", "campaign office"}
SUPERVISION = {"supervision office, of an office", "supervision office, of a school"}
EXPECTED = {
    **dict.fromkeys(("keep_campaign", "enter_facts", "erase_person", "keep_accounts",
                     "see_names", "freeze_figures", "keep_calendar",
                     "keep_contacts", "run_reminders", "see_any_inbox", "publish_for_district"), OFFICE),
    "see_campaign": {"operator", "service"} | OVERVIEW,
    "see_units": {"operator", "service"} | OVERVIEW | SUPERVISION,
    **dict.fromkeys(("file_record",), OFFICE | UNIT | PERSON),
    "see_records": {"operator", "inspector"} | UNIT | PERSON | OVER | OVERVIEW,
    "confirm_record": {"operator", "head"},
    "confirm_entry": {"operator"} | UNIT,
    "confirm_own_entry": {"operator", "head"} | PERSON,
    "confirm_filing": {"operator"} | UNIT | PERSON,
    "see_row": {"operator", "inspector"} | UNIT | PERSON | OVER | OVERVIEW,
    "see_publicity": {"operator", "inspector"} | UNIT | OVER | OVERVIEW | RESEARCH,
    **dict.fromkeys(("read_private_text", "see_own_record"), {"operator"} | PERSON),
    "add_evidence": OFFICE | UNIT | PERSON,
    "see_evidence": OFFICE | {"inspector"} | UNIT | OVER | PERSON,
    "read_own_evidence": PERSON,
    "open_evidence": {"operator", "inspector"} | UNIT | OVER | OVERVIEW | SUPERVISION | PERSON,
    "supervise": {"operator"} | OVER,
    "see_findings": {"operator", "inspector"} | UNIT | OVER | OVERVIEW | SUPERVISION,
    "raise_finding": OVER | SUPERVISION,
    "answer_finding": UNIT,
    "review_finding": UNIT,
    "inspect": {"inspector"},
    "make_bundle": OFFICE | {"inspector"} | UNIT | OVER,
    **dict.fromkeys(("see_candidates",), {"operator"} | OVERVIEW),
    "propose_decision": {"campaign office"},
    "confirm_decision": OVERVIEW,
    "see_figures": {"operator"} | OVERVIEW | SUPERVISION,
    "assess_unit": OVERVIEW | SUPERVISION,
    "return_report": OFFICE | SUPERVISION,
    "see_sheet": {"operator", "inspector"} | UNIT | OVERVIEW | SUPERVISION,
    "see_duties": {"operator", "inspector"} | UNIT | PERSON | OVER | OVERVIEW,
    "see_duties_by_person": {"operator"} | UNIT,
    **dict.fromkeys(("publish_for_unit", "return_work", "put_forward", "select_for_unit", "consent_on_paper"),
                    {"operator"} | UNIT),
    **dict.fromkeys(("submit_work", "see_work", "send_back_work", "give_consent", "stop_showing"),
                    {"operator"} | UNIT | PERSON),
    "keep_posts": OFFICE | {"head"},
    **dict.fromkeys(("confirm_publication", "keep_roster", "see_directory", "keep_people", "import_files", "look_up",
                     "fill_in"), OFFICE | UNIT),
    **dict.fromkeys(("select_for_district", "arrange_reviews"), OFFICE | RESEARCH),
    "select_work": OFFICE | UNIT | RESEARCH,
    "appoint_readers": OFFICE | {"head"} | RESEARCH,
    **dict.fromkeys(("consent", "review", "read"), PERSON),
    "see_proof": {"operator"} | UNIT | PERSON,
    "see_inbox": UNIT | PERSON,
    "set_reminders": UNIT | PERSON,
    "inbox": OFFICE | UNIT | PERSON,
}  # fmt: skip


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.name)
def test_a_right_is_of_those_of_the_table_and_of_nobody_else(right: Right) -> None:
    assert {column for column in CAST if allows(right, column)} == EXPECTED[right.name]


def test_the_table_names_every_right_once() -> None:
    names = [right.name for right in RIGHTS]
    assert sorted(names) == sorted(EXPECTED) == sorted(set(names))


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.name)
def test_who_has_a_right_passes_the_gate_of_its_routes(right: Right) -> None:
    for column in EXPECTED[right.name]:
        actor, _ = CAST[column]
        assert right.admit(actor).name == actor.name


@pytest.mark.parametrize("right", [right for right in RIGHTS if right.district], ids=lambda right: right.name)
def test_the_gate_of_a_right_over_the_district_keeps_everybody_else_out(right: Right) -> None:
    for column in set(CAST) - EXPECTED[right.name]:
        with pytest.raises(Problem):
            right.admit(CAST[column][0])


def test_a_leader_or_campaign_office_of_a_unit_that_is_no_bureau_has_no_right_by_it() -> None:
    for post in ("leader", "campaign_office"):
        party = Party("console", "P9", frozenset({"person", post}), posts=(HeldPost(post, "S2", "school"),))
        assert not any(rights.may(party, right, DISTRICT) for right in RIGHTS)


def test_an_office_does_not_stand_over_itself() -> None:
    post = HeldPost("clerk", "O2", "office", frozenset({"supervision_office"}))
    assert not rights._supervises(post, Subject("O2", "office", "O2"))


def test_the_actor_of_an_event_is_the_person_with_the_post_by_which_they_act() -> None:
    party = Party("console", "P9", frozenset({"person", "clerk", "head"}),
                  posts=(HeldPost("clerk", "S1", "school"), HeldPost("head", "S2", "school")))  # fmt: skip
    own = Subject("S1", person_id="P9")
    assert str(rights.require(party, rights.PUBLISH_FOR_UNIT, own)) == "clerk:P9@S1"
    assert str(rights.require(party, rights.PUBLISH_FOR_UNIT, Subject("S2"))) == "head:P9@S2"
    assert str(rights.require(party, rights.CONSENT, own)) == "person:P9"
    assert str(rights.require(CAST["operator"][0], rights.ENTER_FACTS, DISTRICT)) == "operator:operator"


def test_a_unit_named_in_a_token_counts_for_the_posts_of_that_token_only() -> None:
    account = Actor("console", "clerk-S1", frozenset({"clerk"}), ("S1",))
    party = rights.party_of(account, [], {"S1": ("school", "")}, 1)
    assert party.posts == (HeldPost("clerk", "S1", "school"),)
    assert str(party) == "clerk:clerk-S1"
    person = Actor("console", "P1", frozenset({"person"}), ("S1",))
    assert rights.party_of(person, [("S2", "head")], {}, 1).posts == (HeldPost("head", "S2"),)


def test_a_refusal_says_in_words_who_may() -> None:
    with pytest.raises(Problem) as refused:
        rights.require(CAST["clerk"][0], rights.REVIEW, CAST["clerk"][1])
    assert (refused.value.status, refused.value.code) == (403, "not_allowed")
    assert refused.value.detail == "评审只能由本人办理，任何人不得代办。"
    with pytest.raises(Problem) as refused:
        rights.require(CAST["head of another unit"][0], rights.PUBLISH_FOR_UNIT, CAST["clerk"][1])
    assert "本单位填报员" in refused.value.detail
