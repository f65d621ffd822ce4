"""Findings and sheets of assessment's own log."""

from __future__ import annotations

from contracts.assessment import FindingRaised, FindingRectified, SheetScored
from services.assessment.findings.domain import FINDINGS, RaiseFinding, RectifyFinding, UnknownFinding
from services.assessment.sheets.domain import SHEETS, ScoreSheet
from tests.support.given import given

RAISE = RaiseFinding("F1", "S1", "O1", "2023-03-01", "2023-03-31", "-2", "", "2023-03-02T00:00:00.000000Z")
RAISED = FindingRaised(**vars(RAISE))
RECTIFY = RectifyFinding("F1", "2023-03-20", "2023-03-21T00:00:00.000000Z")
RECTIFIED = FindingRectified(**vars(RECTIFY))
SCORE = ScoreSheet("Q1-S1", "S1", "O1", "2023-Q1", "study", "4.5", "2023-04-02", "2023-04-03T00:00:00.000000Z")


def test_a_reported_finding_is_raised_once() -> None:
    given(FINDINGS).when(RAISE).then(RAISED)
    given(FINDINGS, RAISED).when(RAISE).then()


def test_a_finding_is_rectified_once_a_day() -> None:
    given(FINDINGS, RAISED).when(RECTIFY).then(RECTIFIED)
    given(FINDINGS, RAISED, RECTIFIED).when(RECTIFY).then()


def test_an_unknown_finding_cannot_be_rectified() -> None:
    given(FINDINGS).when(RECTIFY).then_refused(UnknownFinding)


def test_a_sheet_is_scored_once() -> None:
    scored = SheetScored(**vars(SCORE))
    given(SHEETS).when(SCORE).then(scored)
    given(SHEETS, scored).when(SCORE).then()
