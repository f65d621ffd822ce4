"""What stands between the official and the present awards of a frozen year, by unit and by person."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from contracts import participation
from contracts.assessment import WindowFrozen
from duties.days import day_of
from services.assessment.freezes import difference_run
from services.assessment.scores import score_run
from tests.journeys.conftest import SMALL_CAMPAIGN
from tests.services.assessment.test_differences import Received
from tests.services.assessment.test_facts_as_known import decision, membership, record, unit
from tests.services.assessment.test_facts_as_known import make_store as make_store
from tests.support.campaigns import document_of

DOCUMENT = document_of(SMALL_CAMPAIGN.read_bytes())
OF = {"campaign": "small"}


def submitted(record_id: str, kind: str, subject: str, day: str) -> participation.RecordSubmitted:
    person = subject if kind == "note" else ""
    unit_id = subject.replace("P", "X")
    return participation.RecordSubmitted(**record("", day) | OF | {
        "record_id": record_id, "kind": kind, "unit_id": unit_id, "unit_given": unit_id, "person_id": person,
    })  # fmt: skip


@pytest.fixture
def history(make_store: Any) -> Received:
    """Of two schools the first leads; their teachers are equal and tied for the one seat.  The year is frozen."""
    result = Received(make_store().store)
    result.record(0, participation.CampaignLaunched("small", 1, DOCUMENT))
    for number in ("1", "2"):
        served = membership("teacher") | {"person_id": f"P{number}", "unit_id": f"X{number}"}
        result.record(0, participation.UnitRegistered(**(unit(f"{number}小") | {"unit_id": f"X{number}"})),
                      participation.MembershipStarted(**served),
                      submitted(f"N{number}", "note", f"P{number}", "2022-12-05"),
                      submitted(f"S{number}", "study_session", f"X{number}", "2022-11-08"))  # fmt: skip
    result.record(1, submitted("T1", "study_session", "X1", "2022-12-08"))
    result.record(40, WindowFrozen("small", "2022", "2023-04-10T16:00:00.000000Z"))
    score_run.open_store.cache_clear()
    return result


def lines(history: Received, folder: Path, what: str) -> list[tuple[str, ...]]:
    """Unit, person, official and present status, table and id of what made the difference."""
    folder.mkdir()
    order: Any = {"database_url": history.store.url.render_as_string(hide_password=False), "known_at": None,
                  "requests": [["award", "2022", 0]], "folder": str(folder), "campaign": None}  # fmt: skip
    score_run.run(order)
    with (folder / "differences.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["what"] == what]
    names = ("unit_id", "person_id", "official", "present", "table", "id")
    return sorted(tuple(row[name] for name in names) for row in rows)


def test_a_unit_whose_award_differs_is_named_with_the_record_that_made_it(history: Received, tmp_path: Path) -> None:
    assert lines(history, tmp_path / "same", "award") == []
    history.record(50, participation.RecordWithdrawn("T1", "2023-04-20T16:00:00.000000Z", "重复"),
                   submitted("T2", "study_session", "X2", "2022-12-09"))  # fmt: skip
    assert lines(history, tmp_path / "changed", "award") == [
        ("X1", "", "awarded", "reserve", "records", "T1"), ("X2", "", "reserve", "awarded", "records", "T2"),
    ]  # fmt: skip
    assert lines(history, tmp_path / "people", "individual") == []


def test_rules_and_decisions_are_named_where_they_move_an_award(history: Received, tmp_path: Path) -> None:
    awards = DOCUMENT["awards"] | {"units": DOCUMENT["awards"]["units"] | {"percent": 100}}
    history.record(50, participation.CampaignAmended("small", 2, DOCUMENT | {"version": 2, "awards": awards}))
    assert ("X2", "", "reserve", "awarded", "campaigns", "small") in lines(history, tmp_path / "rules", "award")
    history.record(51, participation.DecisionSigned(**decision("2022") | OF | {"unit_id": "X1"}))
    assert ("X1", "", "awarded", "", "decisions", "D1") in lines(history, tmp_path / "decided", "award")


def test_a_decision_is_named_for_an_award_and_for_no_figure_that_it_does_not_move(history: Received) -> None:
    history.record(50, participation.DecisionSigned(**decision("2022") | OF | {"unit_id": "X2", "kind": "decline"}),
                   participation.RecordWithdrawn("S2", "2023-04-20T16:00:00.000000Z", "重复"))  # fmt: skip
    order: Any = {"database_url": history.store.url.render_as_string(hide_password=False), "campaign": "small",
                  "window": "2022", "as_of": day_of("2023-02-01"), "differences": True}  # fmt: skip
    answer = difference_run.run(order)
    (score,), (award,) = answer["units"], answer["awards"]
    assert "band" not in {item["figure"] for item in score["figures"]}
    assert [event["row_id"] for event in score["events"]] == ["S2"]
    assert "D1" in [event["row_id"] for event in award["events"]]
    assert [item["figure"] for item in award["figures"]] == ["pool", "seats", "status", "position"]


def test_a_person_whose_place_differs_is_named_with_what_made_it(history: Received, tmp_path: Path) -> None:
    assert lines(history, tmp_path / "same", "individual") == []
    history.record(50, participation.RecordWithdrawn("N2", "2023-04-20T16:00:00.000000Z", "重复"))
    assert lines(history, tmp_path / "withdrawn", "individual") == [
        ("X1", "P1", "tied", "awarded", "", ""), ("X2", "P2", "tied", "", "records", "N2"),
    ]  # fmt: skip
    vetoed = decision("2022") | OF | {"unit_id": "", "person_id": "P1"}
    history.record(51, participation.DecisionSigned(**vetoed))
    assert ("X1", "P1", "tied", "", "decisions", "D1") in lines(history, tmp_path / "vetoed", "individual")


def test_the_route_s_calculation_gives_awards_and_people_of_a_year(history: Received) -> None:
    history.record(50, participation.RecordWithdrawn("N2", "2023-04-20T16:00:00.000000Z", "重复"))
    order: Any = {"database_url": history.store.url.render_as_string(hide_password=False), "campaign": "small",
                  "window": "2022", "as_of": day_of("2023-02-01"), "differences": True}  # fmt: skip
    answer = difference_run.run(order)
    assert [item["unit_id"] for item in answer["units"]] == ["X2"], "whose teacher has no note any more"
    assert [(item["person_id"], item["name"], item["official"], item["present"]) for item in answer["people"]] == [
        ("P1", "1小", "tied", "awarded"), ("P2", "2小", "tied", ""),
    ]  # fmt: skip
    assert [event["row_id"] for event in answer["people"][1]["events"]] == ["N2"]
    month = order | {"window": "2022-12", "as_of": day_of("2022-12-31")}
    history.record(52, WindowFrozen("small", "2022-12", "2023-04-22T16:00:00.000000Z"))
    assert difference_run.run(month)["people"] == []
