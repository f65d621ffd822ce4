"""What stands between official and present figures: which units, which figures, and only the events that made it."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from chassis.events.definition import Event
from chassis.store.schema import inbox
from contracts import corrections, participation
from contracts.assessment import WindowFrozen
from duties.days import day_of
from services.assessment.freezes import difference_run
from services.assessment.scores import score_run
from tests.services.assessment.test_facts_as_known import (
    CAMPAIGN,
    History,
    at,
    finding,
    launched,
    membership,
    record,
    unit,
)
from tests.services.assessment.test_facts_as_known import make_store as make_store
from tests.services.assessment.test_freezes import WINDOW, admit, result_files

CORRECTED = {"voided": False, "columns": ("points",), "correction_id": "C1", "correction_reason": "核实"}


class Received(History):
    """The inbox keeps the events too, as it does in a running service."""

    def record(self, days: int, *events: Event) -> None:
        first = next(self.positions)
        self.positions = iter(range(first, 10_000))
        super().record(days, *events)
        rows = [
            ("participation", 0, first + n, f"{first + n}", event.wire, event.stream, 1, at(days), at(days),
             "operator:王主任", "", "", json.dumps(dataclasses.asdict(event)), "")
            for n, event in enumerate(events) if event.wire.startswith("participation")
        ]  # fmt: skip
        with self.store.writing() as connection:
            self.store.insert(connection, inbox, rows)


@pytest.fixture
def history(make_store: Any) -> History:
    """Two units, each with a finding of 5 points in the quarter, which is frozen on day 40."""
    result = Received(make_store().store)
    with result.store.writing() as connection:
        connection.execute(inbox.delete())
    result.record(0, launched())
    for unit_id in ("X1", "X2"):
        cells = finding("5") | {"unit_id": unit_id, "finding_id": f"F{unit_id}"}
        result.record(0, participation.UnitRegistered(**(unit(f"单位{unit_id}") | {"unit_id": unit_id})),
                      participation.FindingReported(**cells))  # fmt: skip
    result.record(40, WindowFrozen(CAMPAIGN, WINDOW, at(40)))
    score_run.open_store.cache_clear()
    return result


def differences(history: History, folder: Path) -> list[dict[str, str]]:
    result_files(history, folder)
    with (folder / "differences.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["window"] == WINDOW]


def correct(points: str, **more: Any) -> Event:
    cells = finding(points) | {"unit_id": "X1", "finding_id": "FX1"} | CORRECTED
    return corrections.FindingCorrected(**(cells | more))


def test_nothing_differs_where_nothing_came_that_the_window_asks(history: History, tmp_path: Path) -> None:
    elsewhere = finding("1") | {"unit_id": "X1", "finding_id": "FX9", "found_on": "2023-08-01"}
    history.record(50, participation.FindingReported(**elsewhere))
    assert differences(history, tmp_path / "none") == []


def test_a_difference_names_the_unit_its_figures_and_the_event_that_made_it(history: History, tmp_path: Path) -> None:
    elsewhere = finding("1") | {"unit_id": "X1", "finding_id": "FX9", "found_on": "2023-08-01"}
    history.record(50, participation.FindingReported(**elsewhere))
    history.record(51, correct("2"))
    (line,) = differences(history, tmp_path / "corrected")
    assert line == {
        "what": "score", "window": WINDOW, "as_of": "2023-03-31", "unit_id": "X1", "person_id": "",
        "official": line["official"], "present": line["present"], "figures": line["figures"],
        "table": "findings", "id": "FX1", "event": "participation.finding_corrected.v1", "position": line["position"],
        "recorded_at": at(51), "actor": "operator:王主任", "reason": "核实",
    }  # fmt: skip
    assert "deduction" in line["figures"].split(";")
    admit(history, 60, "C1")
    assert differences(history, tmp_path / "admitted") == []


def test_the_event_that_the_difference_names_can_be_admitted_by_its_position(history: History, tmp_path: Path) -> None:
    history.record(50, participation.RectificationReported("FX1", "2023-03-20"))
    (line,) = differences(history, tmp_path / "rectified")
    assert (line["event"], line["reason"]) == ("participation.rectification_reported.v1", "")
    assert admit(history, 60, line["position"]) == [line["position"]]
    assert differences(history, tmp_path / "admitted") == []


def test_a_membership_that_came_later_is_named_where_its_person_owes(history: History, tmp_path: Path) -> None:
    joined = membership("teacher") | {"since": "2023-01-15"}
    book = record("", "2023-02-01") | {"kind": "book_issue"}
    history.record(50, participation.MembershipStarted(**joined), participation.RecordSubmitted(**book))
    lines = differences(history, tmp_path / "joined")
    assert {(line["unit_id"], line["table"], line["id"]) for line in lines} == {
        ("X1", "people", "P1/X1/2023-01-15"), ("X1", "records", "R1"),
    }  # fmt: skip
    assert {line["actor"] for line in lines} == {"operator:王主任"}


def test_rules_that_were_amended_are_named_where_they_change_a_figure(history: History, tmp_path: Path) -> None:
    study = record("2023-03") | {"kind": "study_session", "person_id": ""}
    history.record(10, participation.RecordSubmitted(**study))
    history.record(50, launched(2))
    assert differences(history, tmp_path / "same") == []
    document = launched(3).document  # type: ignore[attr-defined]
    duties = [duty for duty in document["duties"] if duty["id"] != "discussion-day"]
    history.record(51, participation.CampaignAmended(CAMPAIGN, 3, document | {"duties": duties}))
    lines = differences(history, tmp_path / "amended")
    assert {(line["unit_id"], line["table"], line["id"]) for line in lines} == {("X1", "campaigns", CAMPAIGN)}
    assert {line["event"] for line in lines} == {"participation.campaign_amended.v1"}


def test_the_route_s_calculation_gives_both_figures_of_each(history: History) -> None:
    history.record(51, correct("2"))
    order: Any = {"database_url": history.store.url.render_as_string(hide_password=False), "campaign": CAMPAIGN,
                  "window": WINDOW, "as_of": day_of("2023-03-31"), "differences": True}  # fmt: skip
    (line,) = difference_run.run(order)["units"]
    pairs = {item["figure"]: (item["official"], item["present"]) for item in line["figures"]}
    assert (line["name"], pairs["deduction"]) == ("单位X1", ("5.00", "2.00"))
    assert [event["reason"] for event in line["events"]] == ["核实"]
    official = difference_run.run(order | {"differences": False})["units"]
    assert {item["unit_id"]: item["deduction"] for item in official} == {"X1": "5.00", "X2": "5.00"}
