"""`qihang settle`: exits 0 only when no service has work left; at the time limit it prints what is unfinished."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Call, FakeGateway, problem

SERVICES = ("participation", "assessment", "publicity", "notifications")


def status(service: str, **more: Any) -> dict[str, Any]:
    """A service that has applied all of participation's ten events."""
    heads = [{"partition": 0, "position": 10 if service == "participation" else 0}]
    cursors = [] if service == "participation" else [cursor()]
    usual = {"live": True, "ready": True, "heads": heads, "relay": [], "cursors": cursors}
    counts = {"quarantine": 0, "parked": 0, "waiting": 0, "intake_pending": 0, "receipts_pending": 0}
    return {"service": service, **usual, **counts, **more}


def cursor(position: int = 10, head: int = 10, **more: Any) -> dict[str, Any]:
    usual = {"lag_events": head - position, "lag_seconds": 0, "state": "running", "reason": ""}
    return {"source": "participation", "partition": 0, "position": position, "head": head, **usual, **more}


@pytest.fixture
def statuses(gateway: FakeGateway) -> dict[str, dict[str, Any]]:
    """The status of every service; a test changes it."""
    statuses = {service: status(service) for service in SERVICES}
    for service in SERVICES:
        gateway.on("GET", f"/s/{service}/api/status", lambda call, service=service: statuses[service])
    return statuses


def status_requests(gateway: FakeGateway) -> int:
    return len(gateway.called("GET", "/s/participation/api/status"))


def test_two_equal_statuses_are_enough_and_quarantine_does_not_hold_it(
    qihang: Qihang, gateway: FakeGateway, statuses: dict[str, dict[str, Any]]
) -> None:
    statuses["participation"].update(waiting=4)
    statuses["assessment"].update(quarantine=2, parked=1)
    result = qihang("settle")
    assert (result.code, result.err) == (0, "")
    assert "quarantine 2" in result.out and "waiting 4" in result.out
    assert status_requests(gateway) == 2


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
    result = qihang("settle", "--timeout", "0")
    assert result.code == 1 and words in result.err and result.err.count("\n") == 1


def test_a_service_that_is_away_is_behind(
    qihang: Qihang, gateway: FakeGateway, statuses: dict[str, dict[str, Any]]
) -> None:
    gateway.on("GET", "/s/publicity/api/status", problem(502, "service_away"))
    result = qihang("settle", "--timeout", "0")
    assert result.code == 1 and "publicity 没有答复" in result.err


def test_a_head_that_still_moves_is_not_settled(
    qihang: Qihang, gateway: FakeGateway, statuses: dict[str, dict[str, Any]]
) -> None:
    moving = iter([10, 11, 12])

    def head(call: Call) -> dict[str, Any]:
        position = next(moving, 12)
        for service in SERVICES[1:]:
            statuses[service]["cursors"] = [cursor(position, position)]
        return status("participation", heads=[{"partition": 0, "position": position}])

    gateway.on("GET", "/s/participation/api/status", head)
    assert qihang("settle").code == 0
    assert status_requests(gateway) == 4
