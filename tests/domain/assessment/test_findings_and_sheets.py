"""Findings and sheets of assessment's own log."""

from __future__ import annotations

from contracts.assessment import FindingRaised, FindingRectified, SheetScored
from services.assessment.domain import ASSESSMENTS, RaiseFinding, RectifyFinding, ScoreSheet, UnknownFinding
from tests.support.given import given

RAISE = RaiseFinding("F1", "S1", "O1", "2023-03-01", "2023-03-31", "-2", "", "2023-03-02T00:00:00.000000Z")
RAISED = FindingRaised(**vars(RAISE))
RECTIFY = RectifyFinding("F1", "2023-03-20", "2023-03-21T00:00:00.000000Z")
RECTIFIED = FindingRectified(**vars(RECTIFY))
SCORE = ScoreSheet("Q1-S1", "S1", "O1", "2023-Q1", "study", "4.5", "2023-04-02", "2023-04-03T00:00:00.000000Z")


def test_a_reported_finding_is_raised_once() -> None:
    given(ASSESSMENTS).when(RAISE).then(RAISED)
    given(ASSESSMENTS, RAISED).when(RAISE).then()


def test_a_finding_is_rectified_once_a_day() -> None:
    given(ASSESSMENTS, RAISED).when(RECTIFY).then(RECTIFIED)
    given(ASSESSMENTS, RAISED, RECTIFIED).when(RECTIFY).then()


def test_an_unknown_finding_cannot_be_rectified() -> None:
    given(ASSESSMENTS).when(RECTIFY).then_refused(UnknownFinding)


def test_a_sheet_is_scored_once() -> None:
    scored = SheetScored(**vars(SCORE))
    given(ASSESSMENTS).when(SCORE).then(scored)
    given(ASSESSMENTS, scored).when(SCORE).then()
