"""Corrections after a report, as events; the figures follow as scoring.md defines."""

from __future__ import annotations

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import figures, finding, note, report_events, study, teacher, unit
from tests.support.reported import event


def test_a_closed_unit_owes_nothing_from_that_day(small_system: AnySystem) -> None:
    report_events(small_system, unit("C1"), study("C1", "2022-11-08"))
    assert figures(small_system, "C1", "2022-Q4", "2022-12-31")["base"] == "50.00"
    closed = event("unit.closed", "closing", unit_id="C1", closed_on="2022-12-15")
    assert report_events(small_system, closed, closed) == ["accepted", "unchanged"]
    assert figures(small_system, "C1", "2022-Q4", "2022-12-31")["base"] == "100.00"
    assert report_events(small_system, study("C1", "2022-12-15")) == ["waiting"], (
        "it may still be open, by a later change"
    )


def test_a_membership_that_ends_before_the_due_day_is_no_duty_of_the_unit(small_system: AnySystem) -> None:
    report_events(small_system, unit("C2"), study("C2", "2022-11-08"), study("C2", "2022-12-08"), teacher("CP2", "C2"))
    assert figures(small_system, "C2", "2022-Q4", "2022-12-31")["base"] == "25.00"
    end = event("membership.ended", "ending", person_id="CP2", unit_id="C2", from_="2015-09-01", to="2022-12-01")
    assert report_events(small_system, end) == ["accepted"]
    assert figures(small_system, "C2", "2022-Q4", "2022-12-31")["base"] == "100.00"
    assert report_events(small_system, note("CP2", "2022-11-30"), note("CP2", "2022-12-01")) == ["accepted", "waiting"]


def test_a_rectified_finding_costs_nothing_from_that_day(small_system: AnySystem) -> None:
    report_events(small_system, unit("B1", "bureau"), unit("C3"), study("C3", "2022-11-08"), finding("CF3", "C3", "B1"))
    assert figures(small_system, "C3", "2022-Q4", "2022-12-31")["score"] == "47.50"
    rectified = event("finding.rectified", "rectifying", finding_id="CF3", rectified_on="2022-12-10")
    assert report_events(small_system, rectified) == ["accepted"]
    assert figures(small_system, "C3", "2022-Q4", "2022-12-31")["score"] == "50.00"
    assert figures(small_system, "C3", "2022-Q4", "2022-12-09")["score"] == "97.50", "as of a day before"


def test_a_unit_under_another_office_is_assessed_by_that_one(small_system: AnySystem) -> None:
    report_events(small_system, unit("O1", "office"), unit("O2", "office"), unit("C4", liaison_id="O1"))
    assert report_events(small_system, finding("CF4", "C4", "O2", found_on="2022-12-05")) == [
        "refused assessor_id not_assigned"
    ]
    related = event("unit.related", "relating", unit_id="C4", liaison_id="O2", from_="2022-12-01")
    assert report_events(small_system, related) == ["accepted"]
    again = finding("CF4", "C4", "O2", found_on="2022-12-05") | {"id": "finding-CF4-again"}
    assert report_events(small_system, again, finding("CF5", "C4", "O1", found_on="2022-12-05")) == [
        "accepted",
        "refused assessor_id not_assigned",
    ]


def test_changes_wait_for_what_they_change(small_system: AnySystem) -> None:
    closed = event("unit.closed", "early-closing", unit_id="C6", closed_on="2022-12-15")
    rectified = event("finding.rectified", "early-rectifying", finding_id="CF6", rectified_on="2022-11-21")
    assert report_events(small_system, closed, rectified) == ["waiting", "waiting"]
    report_events(small_system, finding("CF6", "C6", "B6"), study("C6", "2022-11-08"), unit("C6"), unit("B6", "bureau"))
    line = figures(small_system, "C6", "2022-Q4", "2022-12-31")
    assert (line["base"], line["deduction"]) == ("100.00", "0.00")
