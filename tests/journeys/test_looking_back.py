"""What was known at an instant stays what it was, whatever is learnt later; and who writes can read what he wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.conftest import FIGURES, AnySystem
from tests.journeys.small_district import (
    figures,
    finding,
    is_settled,
    note,
    outcomes,
    report_events,
    study,
    teacher,
    unit,
    withdrawal,
)
from tests.support.processes import wait_until
from tests.support.reported import event
from tests.support.system import DistrictSystem

WINDOWS = """what,id,as_of
score,2022-Q4,2022-12-31
score,2022,2022-12-31
award,2022,2022-12-31
outstanding,,2022-12-31
"""


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_the_past_does_not_change(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    windows = tmp_path / "windows.csv"
    windows.write_text(WINDOWS)

    def files(name: str, *known_at: str) -> list[bytes]:
        wait_until(lambda: is_settled(system), 60, "assessment has applied everything")
        system.qihang("report", "--windows", windows, "--out", tmp_path / name, *known_at)
        return [(tmp_path / name / file).read_bytes() for file in FIGURES]

    report_events(system, unit("LB", "bureau"), unit("L1"), unit("L2"), teacher("LP1", "L1"), teacher("LP2", "L2"))
    report_events(system, study("L1", "2022-11-08"), note("LP1", "2022-12-08"), finding("LF0", "L2", "LB"))
    first = files("first")
    learnt = [now()]
    report_events(system, study("L2", "2022-11-09"), note("LP2", "2023-01-05"), finding("LF1", "L1", "LB"))
    second = files("second")
    learnt.append(now())
    report_events(system, withdrawal("study-L1-2022-11-08"), study("L1", "2022-12-30"))
    report_events(system, event("finding.rectified", "l", finding_id="LF1", rectified_on="2022-12-01"))
    report_events(system, event("finding.rectified", "l0", finding_id="LF0", rectified_on="2022-12-01"))
    third = files("third")
    assert first[0] != second[0] != third[0], "each time something was learnt that matters"
    assert files("first-again", "--known-at", learnt[0]) == first
    assert files("second-again", "--known-at", learnt[1]) == second
    past = figures(system, "L1", "2022-Q4", "2022-12-31", known_at=learnt[0])
    assert (past["base"], past["deduction"]) == ("87.50", "0.00")
    late = figures(system, "L1", "2022-Q4", "2022-12-31", known_at=learnt[1])
    assert (late["base"], late["deduction"]) == ("87.50", "2.50")


def test_who_writes_reads_what_he_wrote(small_system: AnySystem) -> None:
    report_events(small_system, unit("L4"))
    for day in (10, 11):
        record = study("L4", f"2022-11-{day}")
        _, written = outcomes(small_system, record)
        status, answer = small_system.ask("GET", "assessment", "/api/scoreboard?window=2022-11&as_of=2022-11-30",
                                         X_Qihang_After=written)  # fmt: skip
        assert status == 200
        line = next(item for item in answer["units"] if item["unit_id"] == "L4")
        assert line["base"] == "100.00"
        _, undone = outcomes(small_system, withdrawal(record["id"]))
        _, answer = small_system.ask("GET", "assessment", "/api/scoreboard?window=2022-11&as_of=2022-11-30",
                                    X_Qihang_After=undone)  # fmt: skip
        line = next(item for item in answer["units"] if item["unit_id"] == "L4")
        assert line["base"] == "0.00"


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    ("after", "status", "code"),
    [("participation/0/9999999", 503, "not_caught_up"), ("nonsense", 400, "bad_position")],
)
def test_what_was_never_written_is_not_waited_for_long(
    small_system: AnySystem, after: str, status: int, code: str
) -> None:
    result, problem = small_system.ask("GET", "assessment", "/api/scoreboard?window=2022", X_Qihang_After=after)
    assert (result, problem["code"]) == (status, code)


def test_the_future_cannot_be_known(small_system: AnySystem) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    status, problem = small_system.ask("GET", "assessment", f"/api/scoreboard?window=2022&known_at={tomorrow}")
    assert (status, problem["code"]) == (422, "in_the_future")


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_an_instant_that_is_not_known_yet_is_reported(small_system: AnySystem) -> None:
    """What participation recorded by then cannot be known while it does not answer."""
    assert isinstance(small_system, DistrictSystem)
    participation = small_system.processes["participation"]
    before = now()
    path = f"/api/scoreboard?window=2022&as_of=2022-12-31&known_at={before}"
    assert small_system.ask("GET", "assessment", path)[0] == 200
    participation.pause()
    try:
        status, problem = small_system.ask("GET", "assessment", f"{path[: path.index('known_at')]}known_at={now()}")
        assert (status, problem["code"]) == (409, "not_known_yet")
        assert small_system.ask("GET", "assessment", path)[0] == 200
    finally:
        participation.resume()
    small_system.ready()
