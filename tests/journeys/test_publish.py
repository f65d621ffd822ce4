"""An outside system sends the district as events, in whatever order and some twice; the figures are the files'."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import FIGURES, AnyHouse, BuildHouse, reported
from tests.support.house import SAMPLES, DistrictHouse
from tests.support.reported import events_of, shuffled, write

NEVER_COME = {  # they name what does not exist, or a day out of service, so they wait (expected/refused.csv)
    *("records.csv:3600", "records.csv:4383", "records.csv:5480", "records.csv:5643", "withdrawals.csv:38"),
}


def launched(build: BuildHouse, **settings: str) -> AnyHouse:
    house = build(**settings)
    house.start()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    return house


def assert_all_is_there(house: AnyHouse, into: Path) -> None:
    house.matches(reported(house, into), *FIGURES)
    waiting = house.get("participation", "/api/waiting", limit="100")["waiting"]
    assert {one["id"] for one in waiting} == NEVER_COME
    status = house.get("participation", "/api/status")
    assert status["quarantine"] == status["intake_pending"] == status["receipts_pending"] == 0


@pytest.mark.parametrize("seed", [1])
def test_by_http_in_any_order(build: BuildHouse, tmp_path: Path, seed: int) -> None:
    house = launched(build)
    told = house.qihang("publish", write(shuffled(events_of(SAMPLES / "district"), seed), tmp_path / "events.jsonl"))
    assert "accepted" in told
    assert_all_is_there(house, tmp_path)
    house.stop()


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_by_amqp_in_any_order(build: BuildHouse, tmp_path: Path, seed: int) -> None:
    house = launched(build)
    assert isinstance(house, DistrictHouse)
    events = write(shuffled(events_of(SAMPLES / "district"), seed), tmp_path / "events.jsonl")
    print(house.qihang("publish", events, "--amqp", house.amqp_url))
    assert_all_is_there(house, tmp_path)
    house.stop()
