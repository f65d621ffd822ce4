"""`qihang settle`: 0 only when nothing is left to do anywhere, and at the limit it says what is behind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Qihang
from tests.cli.doorkeeper import Call, Doorkeeper, problem

SERVICES = ("participation", "assessment", "publicity", "notifications")


def status(service: str, **more: Any) -> dict[str, Any]:
    """A service that has heard everything of participation's ten events."""
    heads = [{"partition": 0, "position": 10 if service == "participation" else 0}]
    cursors = [] if service == "participation" else [cursor()]
    usual = {"live": True, "ready": True, "heads": heads, "relay": [], "cursors": cursors}
    counts = {"quarantine": 0, "parked": 0, "waiting": 0, "intake_pending": 0, "receipts_pending": 0}
    return {"service": service, **usual, **counts, **more}


def cursor(position: int = 10, head: int = 10, **more: Any) -> dict[str, Any]:
    usual = {"lag_events": head - position, "lag_seconds": 0, "state": "running", "reason": ""}
    return {"source": "participation", "partition": 0, "position": position, "head": head, **usual, **more}


@pytest.fixture
def statuses(doorkeeper: Doorkeeper) -> dict[str, dict[str, Any]]:
    """What every service says of itself; a test changes it."""
    said = {service: status(service) for service in SERVICES}
    for service in SERVICES:
        doorkeeper.on("GET", f"/s/{service}/api/status", lambda call, service=service: said[service])
    return said


def looks(doorkeeper: Doorkeeper) -> int:
    return len(doorkeeper.called("GET", "/s/participation/api/status"))


def test_two_quiet_looks_are_enough_and_quarantine_does_not_hold_it(
    qihang: Qihang, doorkeeper: Doorkeeper, statuses: dict[str, dict[str, Any]]
) -> None:
    statuses["participation"].update(waiting=4)
    statuses["assessment"].update(quarantine=2, parked=1)
    ended = qihang("settle")
    assert (ended.code, ended.err) == (0, "")
    assert "quarantine 2" in ended.out and "waiting 4" in ended.out
    assert looks(doorkeeper) == 2


@pytest.mark.parametrize(
    ("service", "change", "words"),
    [
        ("assessment", {"cursors": [cursor(9, 10)]}, "assessment 处理 participation/0 到 9，应到 10"),
        # A cursor that has not asked the source yet believes in an old head: the source's own word counts.
        ("assessment", {"cursors": [cursor(9, 9)]}, "应到 10"),
        ("publicity", {"cursors": [cursor(9, state="stopped", reason="hash_mismatch")]}, "hash_mismatch"),
        ("participation", {"relay": [{"partition": 0, "position": 8, "head": 10}]}, "发出到 0/8，应到 10"),
        ("participation", {"intake_pending": 3}, "有 3 件收件待处理"),
        ("participation", {"receipts_pending": 1}, "有 1 件回执待处理"),
    ],
)
def test_at_the_limit_it_fails_and_names_what_is_behind(
    qihang: Qihang, statuses: dict[str, dict[str, Any]], service: str, change: dict[str, Any], words: str
) -> None:
    statuses[service].update(change)
    ended = qihang("settle", "--timeout", "0")
    assert ended.code == 1 and words in ended.err and ended.err.count("\n") == 1


def test_a_service_that_is_away_is_behind(
    qihang: Qihang, doorkeeper: Doorkeeper, statuses: dict[str, dict[str, Any]]
) -> None:
    doorkeeper.on("GET", "/s/publicity/api/status", problem(502, "service_away"))
    ended = qihang("settle", "--timeout", "0")
    assert ended.code == 1 and "publicity 没有答复" in ended.err


def test_a_head_that_still_moves_is_not_settled(
    qihang: Qihang, doorkeeper: Doorkeeper, statuses: dict[str, dict[str, Any]]
) -> None:
    moving = iter([10, 11, 12])

    def head(call: Call) -> dict[str, Any]:
        position = next(moving, 12)
        for service in SERVICES[1:]:
            statuses[service]["cursors"] = [cursor(position, position)]
        return status("participation", heads=[{"partition": 0, "position": position}])

    doorkeeper.on("GET", "/s/participation/api/status", head)
    assert qihang("settle").code == 0
    assert looks(doorkeeper) == 4
