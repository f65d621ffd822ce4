"""An outside system sends the district as events, in whatever order and some twice, corrections by event or by file;
the figures are the files'."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import pytest

from tests.domain.duties.oracle_of_cells import Row
from tests.journeys.conftest import FIGURES, AnySystem, BuildSystem, reported
from tests.support.history_events import cloud_event, correction_report
from tests.support.publisher_client import PublisherClient, register_publisher
from tests.support.reported import Event, events_of, shuffled, turn_of, write
from tests.support.stores import digests
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
    system.matches(reported(system, into), *FIGURES)
    assert_at_rest(system)


def assert_at_rest(system: AnySystem) -> None:
    waiting = system.get("participation", "/api/waiting", limit="100")["waiting"]
    assert {item["id"] for item in waiting} == NEVER_COME
    status = system.get("participation", "/api/status")
    assert status["quarantine"] == status["intake_pending"] == status["receipts_pending"] == 0


def counts(printed: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"(accepted|unchanged|refused|waiting) (\d+)", printed)}


@pytest.mark.parametrize("way", ["embedded"], indirect=True)  # on servers: what comes by day in test_semester.py
def test_by_http_in_any_order(build: BuildSystem, tmp_path: Path) -> None:
    system = launched(build)
    events = write(shuffled(events_of(SAMPLES / "district"), seed=1), tmp_path / "events.jsonl")
    outcomes = counts(system.qihang("publish", events))
    assert sum(outcomes.values()) == sum(EXPECTED_COUNTS.values())
    corrected_by_event(system, tmp_path)
    assert_all_is_there(system, tmp_path)
    again = repeated(system, events)
    assert (again["accepted"], again["waiting"], sum(again.values())) == (0, 8, sum(EXPECTED_COUNTS.values()))
    system.stop()


def repeated(system: AnySystem, events: Path) -> dict[str, int]:
    """What is answered when they come again by HTTP, of which no row takes notice."""
    rows = digests(system)
    again = counts(system.qihang("publish", events))
    system.qihang("settle")
    assert digests(system) == rows, "figures are made of rows: the same rows, the same figures"
    assert_at_rest(system)
    return again


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_by_amqp_in_any_order(build: BuildSystem, tmp_path: Path) -> None:
    """Half of it message by message, as an outside system's own client sends, the other half by the command: what is
    in one of them waits for what is in the other; some of that half once more by HTTP."""
    system = launched(build)
    assert isinstance(system, DistrictSystem)
    url = register_publisher(system, "files", "--types", "qihang.*", "--sources", "journeys").amqp_url
    order = shuffled(events_of(SAMPLES / "district"), seed=2)
    by_client, by_command = ([item for item in order if half_of(item) == half] for half in (0, 1))
    with PublisherClient(url) as client:
        for item in by_client:
            client.publish(item)
        client.wait_for_confirms()
    events = write(by_command, tmp_path / "events.jsonl")
    outcomes = counts(system.qihang("publish", events, "--amqp", url))
    # a repeat that comes after its record's withdrawal is refused: the id is spent by then
    assert together(outcomes) == expected_of(by_command)
    assert together(EXPECTED_COUNTS) == expected_of(order)
    corrected_by_event(system, tmp_path)
    assert_all_is_there(system, tmp_path)
    some = by_command[::8]  # all of them: the test before
    again = repeated(system, write(some, tmp_path / "again.jsonl"))
    assert (again["accepted"], sum(again.values())) == (0, len({item["id"] for item in some}))
    system.stop()


def corrected_by_event(system: AnySystem, folder: Path) -> None:
    """The corrections come last, since each is judged by what stands before it; by file what no event can say."""
    by_event, by_file = corrections()
    assert len(by_event) > 20
    events = [cloud_event(correction_report(row, ()), row["correction_id"]) for row in by_event]
    system.qihang("settle")
    printed = system.qihang("publish", write(events, folder / "corrections.jsonl"))
    assert counts(printed)["refused"] == 0, printed
    if by_file:
        with (folder / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(by_file[0]))
            writer.writeheader()
            writer.writerows(by_file)
        system.qihang("import", folder / "corrections.csv")


def corrections() -> tuple[list[Row], list[Row]]:
    """Those that are not refused: what events can say, and the others (a row's own reason)."""
    refused = refused_lines()
    rows: dict[str, Row] = {}  # one id is repeated: it changes nothing more
    with (SAMPLES / "district" / "corrections.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if f"corrections.csv:{reader.line_num}" not in refused:
                rows.setdefault(row["correction_id"], row)
    by_event = [row for row in rows.values() if row["column"] != "reason"]
    return by_event, [row for row in rows.values() if row["column"] == "reason"]


def half_of(item: Event) -> int:
    """Rows that keep their order are in one half."""
    return crc32(repr(turn_of(item)).encode()) % 2


def together(outcomes: dict[str, int]) -> tuple[int, int, int]:
    """Accepted, not accepted, waiting."""
    return outcomes["accepted"], outcomes["unchanged"] + outcomes["refused"], outcomes["waiting"]


def expected_of(events: Iterable[Event]) -> tuple[int, int, int]:
    """The same by expected/refused.csv, and by the contents that are there more than once."""
    refused = refused_lines()
    by_id = {item["id"]: (item["type"], json.dumps(item["data"])) for item in events}
    accepted = len({content for id, content in by_id.items() if id not in refused})
    waiting = len(NEVER_COME & by_id.keys())
    return accepted, len(by_id) - accepted - waiting, waiting


def refused_lines() -> set[str]:
    with (SAMPLES / "expected" / "refused.csv").open(encoding="utf-8") as file:
        return {f"{row['file']}:{row['line']}" for row in csv.DictReader(file)}
