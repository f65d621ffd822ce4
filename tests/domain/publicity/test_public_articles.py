"""What is public stays known as public until it is gone: no later step that fails puts an article back."""

from dataclasses import replace

import pytest

from contracts import articles
from services.publicity.articles.domain import public_check, submission
from services.publicity.articles.domain.commands import (
    ApplyConsentWithdrawal,
    ConfirmTakenDown,
    OrderSubmission,
    OrderTakeDown,
)
from services.publicity.articles.domain.submission import (
    CheckPublic,
    FindPublication,
    NothingToDo,
    Poll,
    Remove,
    next_step,
)
from tests.domain.publicity.scripted import Script
from tests.domain.publicity.test_articles import AT, CONFIRM, LINK, cleared

LATER = "2022-12-10T09:00:00.000000Z"
MONTHS_LATER = "2023-06-10T01:00:00.000000Z"
ordered = cleared.after(OrderSubmission("A1", AT))
intended = ordered.given(articles.CoverUploaded("A1", "c"), articles.DraftAdded("A1", "m"),
                         articles.PublishIntended("A1", "m", AT))  # fmt: skip
submitted = intended.given(articles.PublishSubmitted("A1", "1", AT))
public = submitted.given(articles.ArticlePublished("A1", "S01", "district", "选登", LINK, "api", "p", "", AT))
taking_down = public.after(OrderTakeDown("A1", "x", AT))
LOSE = ApplyConsentWithdrawal("A1", "W1", frozenset({"district"}), LATER)


def failed(script: Script, code: str = "48001", step: str = "poll") -> Script:
    return script.given(*submission.failed(script.state, step, code, "", AT))


@pytest.mark.parametrize("script", [public, taking_down])
def test_no_failure_puts_what_is_public_back(script: Script) -> None:
    assert not submission.failed(script.state, "remove", "48001", "", AT)
    assert not submission.after_poll(script.state, 3, "", "", AT)
    forced = script.given(articles.SubmissionFailed("A1", "remove", "48001", "", ""))
    assert forced.state.status == script.state.status
    forced.refuses(replace(CONFIRM, link="https://mp.weixin.qq.com/s/other"), "conflict")


def test_a_deletion_that_is_not_granted_is_tried_again_ever_more_seldom() -> None:
    script, waits = taking_down, []
    for _ in range(4):
        (event,) = public_check.still_public(script.state, "48001", "api unauthorized", False, AT)
        assert isinstance(event, articles.TakeDownFailed) and event.unit_id == "S01" and event.ordered_at == AT
        script = script.given(event)
        waits.append(event.until)
        assert script.state.status == "taking_down" and next_step(script.state, AT) == NothingToDo(event.until)
        assert next_step(script.state, event.until) == Remove()
    assert waits == ["2022-12-10T02:00:00.000000Z", "2022-12-10T07:00:00.000000Z", *["2022-12-11T01:00:00.000000Z"] * 2]


def test_by_hand_it_is_taken_down_not_before_it_was_public_and_then_checked() -> None:
    done = ConfirmTakenDown("A1", "hand", "", LATER)
    taking_down.refuses(replace(done, at="2022-12-10T00:59:59.000000Z"), "before_publication")
    gone = taking_down.after(done)
    assert gone.state.status == "taken_down" and next_step(gone.state, MONTHS_LATER) == CheckPublic()
    gone.then(done, [])
    seen = gone.given(*public_check.after_check(gone.state, "public", LATER))
    assert seen.state.status == "taking_down" and next_step(seen.state, LATER) == Remove()
    really = gone.given(*public_check.after_check(gone.state, "gone", LATER))
    assert really.state.status == "taken_down" and next_step(really.state, MONTHS_LATER) == NothingToDo()


def test_what_is_public_is_looked_at_after_a_day_and_then_more_seldom() -> None:
    assert isinstance(next_step(public.state, LATER), NothingToDo)
    assert next_step(public.state, "2022-12-11T01:00:00.000000Z") == CheckPublic()
    script = public
    for _ in range(9):
        script = script.given(*public_check.after_check(script.state, "no_answer", LATER))
        assert script.state.status == "published" and script.state.look_at
    assert script.state.look_at == "2023-01-09T09:00:00.000000Z"
    gone = script.given(*public_check.after_check(script.state, "gone", LATER))
    assert gone.state.status == "taken_down" and gone.state.look_at == ""


def test_an_order_that_the_platform_took_is_asked_about_for_ever() -> None:
    script = submitted
    for _ in range(60):
        script = script.given(*submission.stalled(script.state, "poll", "no_answer", AT))
        assert script.state.status == "submitted"
    assert next_step(script.state, MONTHS_LATER) == Poll()


def test_an_order_that_nobody_answers_for_may_be_settled_by_a_person() -> None:
    submitted.refuses(CONFIRM, "not_in_draft")
    stuck = submitted.given(*[articles.SubmissionStalled("A1", "poll", "48001", AT)] * 5)
    assert stuck.after(CONFIRM).state.how == "hand"
    again = stuck.after(OrderSubmission("A1", LATER))
    assert again.state.earlier == ("c",), "looked for before anything is ordered again"
    submitted.then(OrderSubmission("A1", LATER), [])


def test_what_may_have_been_ordered_is_searched_for_after_the_interface_gave_up() -> None:
    unknown = failed(intended, "unknown_outcome", "find_publication")
    assert unknown.state.status == "failed" and unknown.state.may_be_public
    assert next_step(unknown.state, LATER) == FindPublication()
    seen = unknown.given(*submission.after_search(unknown.state, "p", LINK, False, LATER))
    assert seen.state.status == "published" and seen.state.platform_id == "p"
    refused = failed(intended, "53503", "submit_refused")
    assert not refused.state.may_be_public and next_step(refused.state, MONTHS_LATER) == NothingToDo()


def test_consent_lost_while_nobody_knows_takes_it_down_as_soon_as_it_is_found_public() -> None:
    unknown = failed(intended, "unknown_outcome", "find_publication")
    order = articles.TakeDownOrdered("A1", "S01", "api", "consent_withdrawn", LATER)
    unknown.then(LOSE, [order])
    wanted = unknown.given(order)
    assert next_step(wanted.state, LATER) == FindPublication()
    seen = wanted.given(*submission.after_search(wanted.state, "p", LINK, False, LATER))
    assert seen.state.status == "taking_down"
    for _ in range(9):
        if wanted.state.status == "stopped":
            break
        wanted = wanted.given(*submission.after_search(wanted.state, "", "", False, LATER))
    assert wanted.state.status == "stopped"
    unknown.given(order).then(ConfirmTakenDown("A1", "hand", "", LATER),
                              [articles.ArticleStopped("A1", "consent_withdrawn")])  # fmt: skip


def test_published_and_removed_between_two_polls_is_both() -> None:
    events = submission.after_poll(submitted.state, 6, "p", "", LATER)
    assert [type(event) for event in events[1:]] == [articles.ArticlePublished, articles.ArticleTakenDown]


def test_what_a_person_recorded_under_another_link_stays() -> None:
    by_hand = cleared.after(CONFIRM)
    by_hand.refuses(replace(CONFIRM, link="https://mp.weixin.qq.com/s/two"), "conflict")
