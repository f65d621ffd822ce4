"""What cannot be read stands aside until an operator decides; and nobody changes the log unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import report_events, unit
from tests.support.processes import wait_until
from tests.support.publisher_client import PublisherClient, register_publisher
from tests.support.stores import execute
from tests.support.system import SERVICES, DistrictSystem


def entries(system: AnySystem) -> dict[str, dict[str, str]]:
    return {entry["body"]: entry for entry in json.loads(system.qihang("quarantine", "list", "--json"))}


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_an_operator_decides_on_what_cannot_be_read(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    assert isinstance(system, DistrictSystem)
    bodies = [b"not JSON at all", b'{"specversion": "1.0", "type": "qihang.unit.rep', b"[1, 2"]
    with PublisherClient(register_publisher(system, "clumsy").amqp_url) as client:
        for body in bodies:
            client.publish(body)
        client.publish(unit("Q1") | {"source": "clumsy"})
        assert client.receipt("unit-Q1")["outcome"] == "accepted", "valid events between them are accepted"
    wait_until(lambda: len(entries(system)) == 3, 30, lambda: f"three stand aside: {entries(system)}", interval=0.3)
    garbage, cut, list_ = (entries(system)[body.decode()]["id"] for body in bodies)
    shown = system.qihang("quarantine", "show", garbage)
    assert "not JSON at all" in shown
    assert "still 1" in system.qihang("quarantine", "retry", garbage)
    corrected = tmp_path / "corrected.json"
    corrected.write_text(json.dumps(unit("Q2") | {"source": "clumsy"}), encoding="utf-8")
    system.qihang("quarantine", "edit", cut, "--body", corrected)
    assert "Q2" in {item["unit_id"] for item in system.get("participation", "/api/units")["units"]}
    system.qihang("quarantine", "discard", garbage, "--reason", "测试报文")
    system.qihang("quarantine", "discard", list_, "--reason", "测试报文")
    assert not entries(system)
    assert "quarantine 0" in system.qihang("settle")
    assert system.qihang("verify").count("intact") == len(SERVICES)


TAMPERING = {
    "a changed cell": "UPDATE log_events SET data = replace(data, '{', '{ ') WHERE position = {at}",
    "another actor": "UPDATE log_events SET actor = 'nobody' WHERE position = {at}",
    "a lost row": "DELETE FROM log_events WHERE position = {at}",
}


@pytest.mark.parametrize("what", TAMPERING)
@pytest.mark.parametrize("back", [2, 0])  # so many events before the head; 0: the tail itself
def test_whoever_changes_the_log_is_found_out(small_system: AnySystem, what: str, back: int) -> None:
    """All services are asked in the last case alone, in the others only the one whose log it is: a log that was not put
    back would break at the case before."""
    report_events(small_system, *(unit(f"Q{n}-{what}-{back}".replace(" ", "-")) for n in range(3)))
    small_system.qihang("settle")  # a subscriber that got a changed event would, rightly, stop
    last = (what, back) == ([*TAMPERING][-1], 0)
    at = int(small_system.get("participation", "/feed")["partitions"][0]["position"]) - back

    def sql(statement: str) -> None:
        execute(small_system, "participation", statement.replace("{at}", str(at)))

    sql("CREATE TABLE kept AS SELECT * FROM log_events WHERE position = {at}")
    try:
        sql(TAMPERING[what])
        output = small_system.qihang("verify", *([] if last else ["participation"]), fails=True)
    finally:
        sql("DELETE FROM log_events WHERE position = {at}")
        sql("INSERT INTO log_events SELECT * FROM kept")
        sql("DROP TABLE kept")
    assert f"participation/0 broken 在位置 {at} 断开" in output
    assert output.count("intact") == (len(SERVICES) - 1 if last else 0)
    assert not last or "intact" in small_system.qihang("verify", "participation")
