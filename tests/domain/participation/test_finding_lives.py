"""The life of a finding: raised, answered, sent back, closed by somebody else of the office."""

from __future__ import annotations

from dataclasses import replace

from chassis.events.definition import Event
from contracts.corrections import FindingCorrected
from contracts.findings import FindingAnswered, FindingClosed, FindingRaised, FindingReturned
from contracts.participation import FindingReported, RectificationReported
from services.participation.findings.domain import (
    FINDING_LIVES,
    AnswerFinding,
    CloseFinding,
    FindingRefused,
    RaiseFinding,
    ReturnFinding,
)
from tests.support.given import given

ROW = ("F1", "S1", "O1", "2022-11-01", "2022-11-20", "1", "", "d", "c", "其他", "没有公示")
REPORTED = FindingReported(*ROW)
RAISED = FindingRaised("F1", "S1", "O1", "p1", ("a" * 64,))
ANSWERED = FindingAnswered("F1", "S1", "O1", "u1", "2022-11-08", "已公示", ())
RETURNED = FindingReturned("F1", "S1", "2022-11-09", "看不清")
RECTIFIED = RectificationReported("F1", "2022-11-08", "d")
VOID = FindingCorrected(*ROW[:9], True, ("*",), "", "重复")
CLOSE = CloseFinding("F1", 0, "p2", "2022-11-10", "已看")
CLOSED = FindingClosed("F1", "S1", "p2", "2022-11-10", "已看")


def life(*events: Event) -> given:
    return given(FINDING_LIVES, REPORTED, RAISED, *events)


def test_a_finding_is_raised_once_after_its_row() -> None:
    raising = RaiseFinding("F1", 0, "p1", ("a" * 64,))
    given(FINDING_LIVES, REPORTED).when(raising).then(RAISED)
    life().when(raising).then()
    given(FINDING_LIVES).when(raising).then_refused(FindingRefused, code="unknown")


def test_the_unit_answers_and_may_add_to_its_answer_until_it_is_reviewed() -> None:
    answering = AnswerFinding("F1", 0, "u1", "2022-11-08", "已公示", ())
    life().when(answering).then(ANSWERED)
    life(ANSWERED).when(answering).then()
    more = replace(answering, text="已公示并拍照")
    life(ANSWERED).when(more).then(replace(ANSWERED, text="已公示并拍照"))
    life(ANSWERED, RECTIFIED).when(more).then_refused(FindingRefused, code="not_now", status="closed")


def test_an_answer_is_sent_back_and_answered_again() -> None:
    returning = ReturnFinding("F1", 0, "2022-11-09", "看不清")
    life().when(returning).then_refused(FindingRefused, code="not_now", status="open")
    life(ANSWERED).when(returning).then(RETURNED)
    life(ANSWERED, RETURNED).when(returning).then()
    again = AnswerFinding("F1", 0, "u1", "2022-11-08", "已公示", ())
    life(ANSWERED, RETURNED).when(again).then(ANSWERED)


def test_somebody_else_than_who_raised_or_answered_it_closes_it() -> None:
    for who in ("p1", "u1"):
        life(ANSWERED).when(replace(CLOSE, closed_by=who)).then_refused(FindingRefused, code="same_person")
    life(ANSWERED).when(CLOSE).then(CLOSED)
    life().when(CLOSE).then(CLOSED)  # seen on the spot, without an answer
    life(ANSWERED, CLOSED, RECTIFIED).when(CLOSE).then()


def test_what_an_outside_system_reported_is_closed_by_anybody_of_the_office() -> None:
    given(FINDING_LIVES, REPORTED).when(replace(CLOSE, closed_by="p1")).then(replace(CLOSED, closed_by="p1"))


def test_whoever_is_no_person_does_not_close_what_no_person_raised() -> None:
    raised = replace(RAISED, raised_by="")
    closing = replace(CLOSE, closed_by="")
    given(FINDING_LIVES, REPORTED, raised).when(closing).then_refused(FindingRefused, code="same_person")


def test_a_withdrawn_finding_has_no_life_any_more() -> None:
    for command in (CLOSE, AnswerFinding("F1", 0, "u1", "2022-11-08", "已公示", ())):
        life(VOID).when(command).then_refused(FindingRefused, code="not_now", status="withdrawn")


def test_a_correction_that_takes_the_rectification_back_opens_the_review_again() -> None:
    reopened = FindingCorrected(*ROW[:9], False, ("rectified_on",), "", "登记错了")
    state = life(ANSWERED, CLOSED, RECTIFIED, reopened).state
    assert (state.status, state.revision) == ("answered", 6)


def test_what_was_decided_on_an_older_state_is_refused() -> None:
    life(ANSWERED).when(replace(CLOSE, revision=2)).then_refused(FindingRefused, code="changed", status="answered")
    life(ANSWERED).when(replace(CLOSE, revision=3)).then(CLOSED)
