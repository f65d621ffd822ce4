"""The sample district gives the expected results of scoring.md 9, byte for byte."""

from __future__ import annotations

import pytest

from duties import result_files
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from tests.domain.duties.sample_district import SAMPLES, District, requests


@pytest.fixture(scope="module")
def calculation() -> ScoreCalculation:
    return District().calculate(requests())


def expected(name: str) -> str:
    return (SAMPLES / "expected" / name).read_bytes().decode("utf-8")


def test_unit_scores(calculation: ScoreCalculation) -> None:
    rows = [
        row
        for request in requests()
        if isinstance(request, ScoreRequest)
        for row in result_files.score_rows(request, calculation.scores(request))
    ]
    assert result_files.file_text(result_files.UNIT_SCORES, rows) == expected("unit_scores.csv")


def test_units_awarded(calculation: ScoreCalculation) -> None:
    years = [request for request in requests() if isinstance(request, AwardRequest)]
    rows = [row for request in years for row in result_files.commended_rows(calculation.commended(request))]
    assert result_files.file_text(result_files.UNITS_AWARDED, rows) == expected("units_awarded.csv")


def test_individuals(calculation: ScoreCalculation) -> None:
    years = [request for request in requests() if isinstance(request, AwardRequest)]
    rows = [row for request in years for row in result_files.individual_rows(request, calculation.individuals(request))]
    assert result_files.file_text(result_files.INDIVIDUALS, rows) == expected("individuals.csv")


def test_outstanding(calculation: ScoreCalculation) -> None:
    days = [request for request in requests() if isinstance(request, OutstandingRequest)]
    rows = [row for request in days for row in result_files.outstanding_rows(request, calculation.outstanding(request))]
    assert result_files.file_text(result_files.OUTSTANDING, rows) == expected("outstanding.csv")
