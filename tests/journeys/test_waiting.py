"""Rows arrive before what they name: they wait, enter when it comes, and are refused when it never does."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import SMALL_CAMPAIGN, AnySystem, BuildSystem
from tests.journeys.small_district import figures, is_settled, note, report_events, study, teacher, unit, withdrawal
from tests.support.processes import wait_until


def waiting(system: AnySystem) -> set[str]:
    return {item["id"] for item in system.get("participation", "/api/waiting", limit="1000")["waiting"]}


def test_units_that_name_each_other_enter_together(small_system: AnySystem) -> None:
    assert report_events(small_system, unit("W1", zone_id="W2")) == ["waiting"]
    assert report_events(small_system, unit("W2", community_id="W3")) == ["waiting"]
    assert report_events(small_system, unit("W3", zone_id="W1")) == ["accepted"]
    wait_until(lambda: is_settled(small_system), 30, "everything had its turn")
    assert not {"unit-W1", "unit-W2", "unit-W3"} & waiting(small_system)
    entered = {item["unit_id"] for item in small_system.get("participation", "/api/units")["units"]}
    assert {"W1", "W2", "W3"} <= entered


def test_a_record_before_its_person_before_its_unit(small_system: AnySystem) -> None:
    assert report_events(small_system, note("WP4", "2022-12-08")) == ["waiting"]
    assert report_events(small_system, teacher("WP4", "W4")) == ["waiting"]
    assert report_events(small_system, unit("W4"), study("W4", "2022-11-08")) == ["accepted", "accepted"]
    line = figures(small_system, "W4", "2022-Q4", "2022-12-31")
    assert line["base"] == "87.50", "half of the study, weighing 1, and the note, weighing 3"
    assert report_events(small_system, note("WP4", "2022-12-08")) == ["unchanged"]


def test_a_withdrawal_before_its_record(small_system: AnySystem) -> None:
    report_events(small_system, unit("W5"))
    assert report_events(small_system, withdrawal("study-W5-2022-11-08")) == ["waiting"]
    assert report_events(small_system, study("W5", "2022-11-08")) == ["accepted"]
    assert figures(small_system, "W5", "2022-11", "2022-11-30")["base"] == "0.00"


def test_a_later_row_of_a_waiting_id_waits_behind_it(small_system: AnySystem) -> None:
    report_events(small_system, unit("W6"))
    first = study("W7", "2022-11-08", record_id="held")
    second = study("W6", "2022-11-09", record_id="held") | {"id": "held-by-another"}
    assert report_events(small_system, first) == ["waiting"]
    assert report_events(small_system, second) == ["waiting"], "it could enter at once, were the id not held"
    shown = small_system.get("participation", "/api/waiting", limit="1000")
    assert {(each["id"], each["code"], *each["awaits"]) for each in shown["waiting"] if "held" in each["id"]} == {
        ("held", "unknown_unit", "unit:W7"), ("held-by-another", "behind", "hold:record:held")}  # fmt: skip
    behind = small_system.get(
        "participation", "/api/waiting", code="behind", after=str(shown["waiting"][-1]["seq"] - 1)
    )
    assert [each["id"] for each in behind["waiting"]] == ["held-by-another"] and not behind["more"]
    assert ("behind", 1) in {(each["code"], each["count"]) for each in shown["groups"]}
    assert report_events(small_system, unit("W7")) == ["accepted"]
    wait_until(lambda: is_settled(small_system), 30, "everything had its turn")
    assert not {"held", "held-by-another"} & waiting(small_system)
    assert report_events(small_system, first, second) == ["unchanged", "refused record_id conflict"]


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
def test_what_never_comes_is_not_awaited_for_ever(build: BuildSystem) -> None:
    system = build(QIHANG_INTAKE_PATIENCE="1")
    system.start()
    system.qihang("campaign", "launch", SMALL_CAMPAIGN)
    report_events(system, unit("W6"))
    assert report_events(system, study("W9", "2022-11-08", record_id="held")) == ["waiting"]
    behind = study("W6", "2022-11-09", record_id="held") | {"id": "behind"}
    assert report_events(system, behind) == ["waiting"]
    wait_until(lambda: not waiting(system), 40, "the rows are decided for good", interval=0.2)
    assert report_events(system, behind) == ["unchanged"], "who waited behind has its turn"
    system.stop()
