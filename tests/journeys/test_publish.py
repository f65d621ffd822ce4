"""An outside system sends the district as events, in whatever order and some twice; the figures are the files'."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.journeys.conftest import FIGURES, AnySystem, BuildSystem, reported
from tests.support.publisher_client import PublisherClient, register_publisher
from tests.support.reported import events_of, shuffled, write
from tests.support.system import SAMPLES, DistrictSystem

NEVER_COME = {  # they name what does not exist, or a day out of service, so they wait (expected/refused.csv)
    *("records.csv:1392", "records.csv:3445", "records.csv:4184", "records.csv:4989", "records.csv:5488"),
    *("withdrawals.csv:33", "decisions.csv:49", "decisions.csv:50"),
}
EXPECTED_COUNTS = {
    "accepted": 6479,
    "unchanged": 31,
    "refused": 45,
    "waiting": 8,
}  # as expected/import.csv without its corrections, but for who waits


def launched(build: BuildSystem) -> AnySystem:
    system = build()
    system.start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    return system


def assert_all_is_there(system: AnySystem, into: Path) -> None:
    """The corrections come by file, when everything else is there: each is judged by what stands before it."""
    system.qihang("settle")
    system.qihang("import", SAMPLES / "district" / "corrections.csv")
    system.matches(reported(system, into), *FIGURES)
    waiting = system.get("participation", "/api/waiting", limit="100")["waiting"]
    assert {item["id"] for item in waiting} == NEVER_COME
    status = system.get("participation", "/api/status")
    assert status["quarantine"] == status["intake_pending"] == status["receipts_pending"] == 0


def counts(printed: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"(accepted|unchanged|refused|waiting) (\d+)", printed)}


def test_by_http_in_any_order(build: BuildSystem, tmp_path: Path) -> None:
    system = launched(build)
    events = write(shuffled(events_of(SAMPLES / "district"), seed=1), tmp_path / "events.jsonl")
    outcomes = counts(system.qihang("publish", events))
    assert sum(outcomes.values()) == sum(EXPECTED_COUNTS.values())
    assert_all_is_there(system, tmp_path)
    again = counts(system.qihang("publish", events))
    assert (again["accepted"], again["waiting"], sum(again.values())) == (0, 8, sum(EXPECTED_COUNTS.values()))
    assert_all_is_there(system, tmp_path)
    system.stop()


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_by_amqp_in_any_order(build: BuildSystem, tmp_path: Path) -> None:
    system = launched(build)
    assert isinstance(system, DistrictSystem)
    events = write(shuffled(events_of(SAMPLES / "district"), seed=2), tmp_path / "events.jsonl")
    url = register_publisher(system, "files", "--types", "qihang.*", "--sources", "journeys").amqp_url
    outcomes = counts(system.qihang("publish", events, "--amqp", url))
    # a repeat that comes after its record's withdrawal is refused: the id is spent by then
    assert {**outcomes, "unchanged": outcomes["unchanged"] + outcomes["refused"], "refused": 0} == EXPECTED_COUNTS | {
        "unchanged": EXPECTED_COUNTS["unchanged"] + EXPECTED_COUNTS["refused"], "refused": 0,
    }  # fmt: skip
    assert_all_is_there(system, tmp_path)
    system.stop()


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_by_amqp_as_a_registered_publisher_message_by_message(build: BuildSystem, tmp_path: Path) -> None:
    system = launched(build)
    assert isinstance(system, DistrictSystem)
    url = register_publisher(system, "staff-office", "--types", "qihang.*", "--sources", "journeys").amqp_url
    order = shuffled(events_of(SAMPLES / "district"), seed=3)
    with PublisherClient(url) as client:
        for item in order:
            client.publish(item)
        client.wait_for_confirms()
    tally = counts(system.qihang("publish", write(order, tmp_path / "events.jsonl"), "--amqp", url))
    assert tally["waiting"] == 8 and sum(tally.values()) == sum(EXPECTED_COUNTS.values())
    assert_all_is_there(system, tmp_path)
    system.stop()
