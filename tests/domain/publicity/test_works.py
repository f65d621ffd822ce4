"""From nomination to selection: consent first, reviewers of other units, the rubric, the pass mark."""

from dataclasses import replace
from fractions import Fraction

import pytest

from contracts.publicity import (
    ConsentGiven,
    ConsentWithdrawn,
    ReviewerAssigned,
    WorkMarked,
    WorkNominated,
    WorkReturned,
    WorkRevised,
    WorkSelected,
)
from duties.publicity import Publicity
from services.publicity.reviews.domain import Reviewer
from services.publicity.works.domain.commands import (
    AssignReviewer,
    DeselectWork,
    GiveConsent,
    MarkWork,
    NominateWork,
    ReturnWork,
    SelectWork,
    WithdrawConsent,
)
from services.publicity.works.domain.decisions import decide_work
from services.publicity.works.domain.state import Work, evolve_work
from tests.domain.publicity.scripted import Script

RULES = Publicity()
NOMINATE = NominateWork("W1", "P1", "S01", "2022-autumn", "text", "c0", 900, "k1:sealed", "2022-12-01", "unit",
                        ("unit", "inside"), "paper", frozenset({"S01"}))  # fmt: skip
NOMINATED = WorkNominated("W1", "P1", "S01", "2022-autumn", "text", "c0", 900, "2022-12-01", "unit", "k1:sealed")
CONSENT = ConsentGiven("W1", "P1", ("inside", "unit"), "2022-12-01", "paper")
HOME = frozenset({"S01"})
ANNA, BO = Reviewer("R1", {"S02"}), Reviewer("R2", {"O01"})
GOOD = {"writing": Fraction(40), "usefulness": Fraction("38.5")}

new = Script(Work(), evolve_work, decide_work, RULES)
nominated = new.given(NOMINATED, CONSENT)


def assign(reviewer: Reviewer) -> AssignReviewer:
    return AssignReviewer("W1", reviewer, HOME, "2022-12-02")


def mark(reviewer: Reviewer, marks: dict[str, Fraction] = GOOD) -> MarkWork:
    return MarkWork("W1", reviewer, HOME, marks, "2022-12-05")


reviewed = nominated.after(assign(ANNA), assign(BO), mark(ANNA), mark(BO))
SELECT = SelectWork("W1", "unit", "2022-12-08T02:00:00.000000Z")


BACK = ReturnWork("W1", ANNA, HOME, "k1:why", "2022-12-06")
RETURNED = WorkReturned("W1", "P1", "S01", "reviewer", "R1", "2022-12-06", "k1:why")
AGAIN = replace(NOMINATE, content="c1", size=950, title="k1:new", on="2022-12-09", by="author")
REVISED = WorkRevised("W1", "P1", "text", "c1", 950, "2022-12-09", "author", "k1:new")


def test_a_reviewer_or_the_unit_sends_a_work_back_once() -> None:
    reviewed.then(BACK, [RETURNED])
    reviewed.then(replace(BACK, reviewer=None), [replace(RETURNED, by="unit", reviewer_id="")])
    reviewed.given(RETURNED).then(replace(BACK, reason="again"), [])


def test_who_does_not_review_it_or_is_of_its_unit_by_now_sends_nothing_back() -> None:
    reviewed.refuses(replace(BACK, reviewer=Reviewer("R9", {"S02"})), "not_the_reviewer", "reviewer_id")
    reviewed.refuses(replace(BACK, reviewer=Reviewer("R1", {"S01"})), "reviewer_of_unit", "reviewer_id")
    reviewed.after(SELECT).refuses(BACK, "already_selected")
    reviewed.after(WithdrawConsent("W1", (), "2022-12-06")).refuses(BACK, "no_consent")
    new.refuses(BACK, "unknown_work")


def test_a_returned_work_waits_for_its_revision() -> None:
    reviewed.given(RETURNED).refuses(SELECT, "returned")
    nominated.after(assign(ANNA), assign(BO)).given(RETURNED).refuses(mark(ANNA), "returned")
    reviewed.given(RETURNED).then(NOMINATE, [])


def test_a_revision_is_marked_anew_and_only_a_returned_work_has_one() -> None:
    reviewed.refuses(AGAIN, "conflict")
    reviewed.given(RETURNED).refuses(replace(AGAIN, author_id="P2"), "conflict")
    back = reviewed.given(RETURNED)
    back.then(AGAIN, [REVISED])
    revised = back.given(REVISED)
    revised.then(AGAIN, [])
    revised.refuses(SELECT, "reviews_missing")
    selected = WorkSelected("W1", "P1", "S01", "2022-autumn", "unit", SELECT.at)
    revised.after(mark(ANNA), mark(BO)).then(SELECT, [selected])
    more = replace(AGAIN, levels=("unit", "print"), how="self")
    back.then(more, [REVISED, ConsentGiven("W1", "P1", ("print",), "2022-12-09", "self")])


def test_a_nomination_bears_its_consent() -> None:
    new.then(NOMINATE, [NOMINATED, CONSENT])


def test_a_repeated_nomination_is_nothing_and_another_one_a_conflict() -> None:
    nominated.then(NOMINATE, [])
    nominated.refuses(replace(NOMINATE, content="other"), "conflict", "work_id")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"levels": ()}, "consent_needed"),
        ({"levels": ("radio",)}, "unknown_level"),
        ({"in_service": frozenset({"S02"})}, "not_in_service"),
    ],
)
def test_what_a_nomination_needs(changed: dict[str, object], code: str) -> None:
    new.refuses(replace(NOMINATE, **changed), code)  # type: ignore[arg-type]


def test_consent_grows_and_is_withdrawn_level_by_level_or_whole() -> None:
    nominated.then(GiveConsent("W1", ("print", "unit"), "2022-12-03", "self"),
                   [ConsentGiven("W1", "P1", ("print",), "2022-12-03", "self")])  # fmt: skip
    nominated.then(WithdrawConsent("W1", ("unit",), "2022-12-03"),
                   [ConsentWithdrawn("W1", "P1", ("unit",), "2022-12-03", "author")])  # fmt: skip
    whole = ConsentWithdrawn("W1", "P1", ("inside", "unit"), "2022-12-03", "author", True)
    nominated.then(WithdrawConsent("W1", (), "2022-12-03"), [whole])
    nominated.given(whole).then(WithdrawConsent("W1", (), "2022-12-04"), [])


def test_a_reviewer_is_assigned_once() -> None:
    nominated.then(assign(ANNA), [ReviewerAssigned("W1", "R1", "2022-12-02")])
    nominated.after(assign(ANNA)).then(assign(ANNA), [])
    nominated.after(assign(ANNA), assign(BO)).refuses(assign(Reviewer("R3", {"S05"})), "reviewers_complete")


@pytest.mark.parametrize(
    "reviewer",
    [Reviewer("R1", {"S01"}), Reviewer("R1", {"S02", "S01"}), Reviewer("P1", {"S02"})],
    ids=["of the unit", "of the unit too", "the author"],
)
def test_a_reviewer_is_never_of_the_author_s_unit_nor_the_author(reviewer: Reviewer) -> None:
    nominated.refuses(assign(reviewer), "reviewer_of_unit")


def test_the_unit_that_nominated_counts_as_the_author_s_after_a_transfer() -> None:
    moved = AssignReviewer("W1", Reviewer("R1", {"S01"}), frozenset({"S09"}), "2023-01-05")
    nominated.refuses(moved, "reviewer_of_unit")


def test_a_reviewer_out_of_service_is_not_asked() -> None:
    nominated.refuses(assign(Reviewer("R1", ())), "not_in_service")


def test_marks_are_complete_within_range_and_exact() -> None:
    ready = nominated.after(assign(ANNA))
    ready.then(mark(ANNA), [WorkMarked("W1", "R1", {"writing": "40", "usefulness": "38.5"}, "78.5",
                                       "2022-12-05")])  # fmt: skip
    ready.refuses(mark(ANNA, {"writing": Fraction(25)}), "mark_missing")
    ready.refuses(mark(ANNA, {**GOOD, "writing": Fraction("50.1")}), "mark_out_of_range")
    ready.refuses(mark(ANNA, {**GOOD, "style": Fraction(1)}), "unknown_item")
    ready.refuses(mark(BO), "not_the_reviewer")


def test_marks_stand_once_given() -> None:
    given = nominated.after(assign(ANNA), mark(ANNA))
    given.then(mark(ANNA), [])
    given.refuses(mark(ANNA, {**GOOD, "depth": Fraction(40)}), "conflict")


def test_who_came_to_the_author_s_unit_since_may_not_mark() -> None:
    ready = nominated.after(assign(ANNA))
    ready.refuses(mark(Reviewer("R1", {"S01"})), "reviewer_of_unit")


def test_the_unit_selects_what_both_readers_passed() -> None:
    reviewed.then(SELECT, [WorkSelected("W1", "P1", "S01", "2022-autumn", "unit", SELECT.at)])
    reviewed.after(SELECT).then(SELECT, [])
    nominated.after(assign(ANNA), assign(BO), mark(ANNA)).refuses(SELECT, "reviews_missing")


def test_the_pass_mark_is_met_exactly_or_not_at_all() -> None:
    low = {"writing": Fraction(20), "usefulness": Fraction("21.5")}  # with 78.5: 120 = 2 x 60
    short = {**low, "usefulness": Fraction("1.49")}
    nominated.after(assign(ANNA), assign(BO), mark(ANNA), mark(BO, low)).events(SELECT)
    nominated.after(assign(ANNA), assign(BO), mark(ANNA), mark(BO, short)).refuses(SELECT, "below_pass_mark")


def test_nothing_is_selected_without_consent() -> None:
    reviewed.after(WithdrawConsent("W1", (), "2022-12-07")).refuses(SELECT, "no_consent")


def test_the_district_selects_from_what_a_unit_selected() -> None:
    district = replace(SELECT, level="district")
    reviewed.refuses(district, "not_selected")
    assert reviewed.after(SELECT).events(district)


def test_what_was_deselected_is_selected_again_when_it_was_revised_and_reviewed_anew() -> None:
    undone = reviewed.after(SELECT, DeselectWork("W1", "unit", "有误", SELECT.at))
    revised = undone.after(BACK, replace(NOMINATE, content="c1", on="2022-12-09"))
    revised.refuses(SELECT, "reviews_missing")
    revised.after(mark(ANNA), mark(BO)).then(
        SELECT, [WorkSelected("W1", "P1", "S01", "2022-autumn", "unit", SELECT.at, 2)]
    )


def test_the_same_text_of_one_author_is_selected_once() -> None:
    reviewed.refuses(replace(SELECT, same_text="W0"), "same_text_selected")


def test_what_was_deselected_is_not_selected_again_as_it_was() -> None:
    undone = reviewed.after(SELECT, DeselectWork("W1", "unit", "重复", SELECT.at))
    undone.refuses(SELECT, "deselected")
    undone.then(DeselectWork("W1", "unit", "重复", SELECT.at), [])


def test_a_work_that_nobody_nominated_is_unknown() -> None:
    for command in (SELECT, mark(ANNA), assign(ANNA), GiveConsent("W1", ("unit",), "2022-12-01", "self")):
        new.refuses(command, "unknown_work")


def test_only_the_author_gives_back_what_was_taken_back() -> None:
    gone = nominated.after(WithdrawConsent("W1", ("unit",), "2022-12-03"))
    gone.refuses(GiveConsent("W1", ("unit",), "2022-12-04", "paper"), "author_only")
    gone.refuses(GiveConsent("W1", ("print", "unit"), "2022-12-04", "paper"), "author_only")
    again = gone.after(GiveConsent("W1", ("unit",), "2022-12-04", "self"))
    again.then(GiveConsent("W1", ("unit",), "2022-12-05", "paper"), [])


def test_a_revised_work_handed_in_by_the_unit_does_not_give_back_what_the_author_took_back() -> None:
    back = nominated.after(assign(ANNA), WithdrawConsent("W1", ("unit",), "2022-12-03"), BACK)
    again = replace(NOMINATE, content="c1", levels=("unit",), how="paper", by="unit")
    back.refuses(again, "author_only")
    assert back.after(replace(again, how="self", by="author")).state.levels >= {"unit"}


def test_an_author_does_not_choose_who_reviews_and_nobody_chooses_themselves() -> None:
    for person in (NOMINATE.author_id, ANNA.person_id):
        nominated.refuses(replace(assign(ANNA), assigned_by=person), "appoints_own_reader")
