"""A report is of the campaign that was launched last, or of an earlier one by its id: its rules, and only its facts."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.store.projections import Rows
from contracts import participation
from services.assessment.reports.report_jobs import ReportJobs
from services.assessment.service import Service
from services.assessment.subscriptions import PROJECTIONS
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

DOCUMENT = document_of((SAMPLES / "campaign.yaml").read_bytes())
EARLIER = DOCUMENT["campaign"]
WINDOWS = [{"what": "score", "id": "2023", "as_of": "2023-12-31"}]
INSTANTS = {1: "2022-12-01T00:00:00.000000Z", 2: "2024-01-01T00:00:00.000000Z", 3: "2024-02-01T00:00:00.000000Z"}
UNIT = {"unit_id": "X1", "name": "一小", "kind": "school", "tags": (), "zone_id": "", "community_id": "",
        "liaison_id": "", "opened_on": "2010-09-01", "closed_on": "", "digest": "", "tags_given": ""}  # fmt: skip
FINDING = {"finding_id": "F1", "unit_id": "X1", "assessor_id": "O1", "found_on": "2023-03-01", "deadline": "",
           "points": "2.5", "rectified_on": "", "digest": "", "campaign": EARLIER}  # fmt: skip


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[ReportJobs]:
    """Assessment with two campaigns, of which the first has a finding."""
    service = unstarted(Service, Settings(data=str(tmp_path), database_url=""))
    service.store.install("assessment", "district")
    later = DOCUMENT | {"campaign": "later", "timezone": "America/New_York"}
    events: list[tuple[int, Event]] = [
        (1, participation.CampaignLaunched(EARLIER, 1, DOCUMENT)), (1, participation.UnitRegistered(**UNIT)),
        (2, participation.FindingReported(**FINDING)), (3, participation.CampaignLaunched("later", 1, later)),
    ]  # fmt: skip
    with service.store.writing() as connection:
        rows = Rows(service.store, connection)
        PROJECTIONS.apply(rows, [
            (event, RecordedEvent(0, position, "", "", event.stream, 1, INSTANTS[when], INSTANTS[when], *[""] * 5))
            for position, (when, event) in enumerate(events, 1)
        ])  # fmt: skip
        rows.flush()
    yield ReportJobs(service.store, service.clock, service.caught_up, tmp_path / "reports", service.score_runner,
                     lambda function, *arguments: function(*arguments))  # fmt: skip
    service.store.close()


def deductions(jobs: ReportJobs, campaign: str | None, known_at: str | None = None) -> list[str]:
    report = jobs.begin(WINDOWS, known_at, campaign)
    assert (report.state, report.detail) == ("done", "")
    with jobs.file(report.job_id, "unit_scores.csv").open(encoding="utf-8") as file:
        return [row["deduction"] for row in csv.DictReader(file)]


def test_without_an_id_it_is_of_the_campaign_that_was_launched_last(jobs: ReportJobs) -> None:
    assert deductions(jobs, None) == deductions(jobs, "later") == ["0.00"]


def test_an_earlier_campaign_is_reported_by_its_id(jobs: ReportJobs) -> None:
    assert deductions(jobs, EARLIER) == ["2.50"]


def test_an_instant_without_offset_is_local_time_of_the_campaign_that_is_reported(
    jobs: ReportJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs._caught_up, "wait_until_known", lambda _: None)
    assert deductions(jobs, EARLIER, "2024-01-01T07:59") == ["0.00"], "the finding came at 8:00 in Shanghai"
    assert deductions(jobs, EARLIER, "2024-01-01T08:00") == ["2.50"]


def test_the_as_of_day_of_an_award_is_not_asked(jobs: ReportJobs) -> None:
    awards = [{"what": "award", "id": "2023", "as_of": day} for day in ("", "2023-12-31", "9999-12-31", "soon")]
    report = jobs.begin(awards, None, EARLIER)
    assert (report.state, report.detail) == ("done", "")
    for year in ("2099", "0000", "23"):
        with pytest.raises(Problem) as raised:
            jobs.begin([{"what": "award", "id": year, "as_of": ""}], None, EARLIER)
        (problem,) = raised.value.more["problems"]
        assert problem["line"] == 2
        assert year in problem["message"]
        assert "行" not in problem["message"], "whoever shows it names the line"


def test_a_campaign_that_there_was_not_is_named(jobs: ReportJobs) -> None:
    with pytest.raises(Problem, match="unknown_campaign"):
        jobs.begin(WINDOWS, None, "never")


def test_reports_that_are_kept_are_listed_with_what_they_are_of(jobs: ReportJobs) -> None:
    assert jobs.listed() == []
    first = jobs.begin(WINDOWS, None, EARLIER)
    second = jobs.begin([{"what": "outstanding", "id": "", "as_of": "2023-12-31"}], None, None)
    listed = {each["report_id"]: each for each in jobs.listed()}
    assert list(listed) == [second.job_id, first.job_id], "the last begun first"
    assert (listed[first.job_id]["windows"], listed[first.job_id]["campaign"]) == (WINDOWS, EARLIER)
    assert (listed[second.job_id]["campaign"], listed[second.job_id]["state"]) == ("later", "done")
