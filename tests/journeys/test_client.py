"""qihang-client against a running system: by HTTP and by AMQP, killed in mid-sending, cut off, and after its outbox was
lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from qihang_client import HttpSender, NotAllowed, Outbox, Patience, Row, Service, reconcile
from qihang_client.amqp import AmqpSender

from tests.journeys.conftest import AnySystem
from tests.support.processes import wait_until
from tests.support.proxy import Proxy
from tests.support.publisher_client import Publisher, register_publisher
from tests.support.system import DistrictSystem

ROOT = Path(__file__).resolve().parents[2]
ROWS = 2500
UNIT = {"name": "第一小学", "kind": "school", "opened_on": "2015-09-01"}


class CountedService(Service):
    """How many requests were sent."""

    requests = 0

    def _call(self, *given: Any, **named: Any) -> dict[str, Any]:
        self.requests += 1
        return super()._call(*given, **named)


@pytest.fixture(scope="module")
def publisher(small_system: AnySystem) -> Publisher:
    return register_publisher(small_system, "client")


def service_of(system: AnySystem, publisher: Publisher) -> CountedService:
    return CountedService(f"{system.address}/s/participation", publisher.token)


def studies(unit_id: str, number: int = ROWS) -> list[Row]:
    return [
        Row("record.reported", {"record_id": f"{unit_id}-{at}", "record": "study_session", "unit_id": unit_id,
                                "occurred_at": f"2022-12-{at % 28 + 1:02}", "title": f"集中学习 {at}"})
        for at in range(number)
    ]  # fmt: skip


def accepted(outbox: Outbox) -> int:
    return outbox.counts().get("accepted", 0) + outbox.counts().get("unchanged", 0)


def test_killed_in_mid_sending_and_then_lost_it_has_every_row_once(
    small_system: AnySystem, publisher: Publisher, tmp_path: Path
) -> None:
    """By AMQP where there is a broker, by HTTP otherwise."""
    unit_id = f"KILLED-{type(small_system).__name__}"
    settings = f"[qihang]\nsource = client\noutbox = outbox.sqlite\naddress = {small_system.address}/s/participation\n"
    (tmp_path / "token").write_text(f"{publisher.token}\n")
    (tmp_path / "ca.pem").write_text(publisher.ca)
    broker = f"amqp = {publisher.amqps_url}\namqp_ca = ca.pem\n" if isinstance(small_system, DistrictSystem) else ""
    (tmp_path / "qihang-client.ini").write_text(f"{settings}token_file = token\n{broker}")
    rows = [Row("unit.reported", {"unit_id": unit_id, **UNIT}), *studies(unit_id)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row._asdict()) + "\n" for row in rows))
    assert str(len(rows)) in command(tmp_path, "add", "rows.jsonl")
    outbox = Outbox(tmp_path / "outbox.sqlite", "client")
    for part in (1, 1001):
        sending = begin(tmp_path, "send")
        wait_until(lambda part=part: accepted(outbox) >= part, 60, "some to be answered", interval=0.01)
        sending.kill()
        sending.wait()
    printed = command(tmp_path, "send")
    assert "未接收" not in printed and accepted(outbox) == len(rows) == sum(outbox.counts().values()), printed
    outbox.close()
    for path in tmp_path.glob("outbox.sqlite*"):
        path.unlink()
    more = [Row("record.reported", {**studies(unit_id, 1)[0].data, "record_id": f"{unit_id}-later"})]
    outbox, service = Outbox(tmp_path / "outbox.sqlite", "client"), service_of(small_system, publisher)
    compared = reconcile(service, outbox, rows + more)
    assert (compared.missing, compared.same, compared.is_equal) == ([("record", f"{unit_id}-later")], len(rows), False)
    assert service.requests == 2 and outbox.counts() == {"new": 1}, "only what is missing is sent"
    HttpSender(outbox, service).send()
    assert command(tmp_path, "reconcile", "rows.jsonl", code=1).startswith(f"相同 {len(rows)}，缺少 0")


def test_what_waits_is_answered_and_mended_and_what_was_accepted_is_corrected(
    small_system: AnySystem, publisher: Publisher, tmp_path: Path
) -> None:
    outbox, service = Outbox(tmp_path / "o.sqlite", "client"), service_of(small_system, publisher)
    sender = HttpSender(outbox, service)
    (study, other, wrong) = studies("LATER", 3)
    outbox.add(study.type, study.data, "study")
    outbox.add(other.type, {**other.data, "unit_id": "TYPO"}, "typo")
    outbox.add(wrong.type, {**wrong.data, "unit_id": "TYPO"}, "cancelled")
    sender.send()
    assert outbox.counts() == {"waiting": 3}
    entry = outbox.entry("typo")
    assert entry is not None and (entry.column, entry.code) == ("unit_id", "unknown_unit") and "TYPO" in entry.message
    outbox.replace("typo", other.data)
    outbox.cancel("cancelled")
    outbox.add("unit.reported", {"unit_id": "LATER", **UNIT}, "unit")
    sender.send()
    wait_until(lambda: sender.fetch() and "waiting" not in outbox.counts(), 30, "everything that waited to be told")
    states = {entry.id: entry.state for entry in outbox.entries()}
    assert [states[id] for id in ("study", "typo", "unit", "cancelled")] == ["accepted"] * 3 + ["cancelled"]
    outbox.correct("record", {"record_id": "LATER-0"}, {"title": "改过的题目"}, "笔误")
    outbox.withdraw("LATER-1", "2022-12-20T10:00:00+08:00", "重复")
    outbox.add("record.reported", {**wrong.data, "occurred_at": "2022-13-01"}, "bad")
    sender.send()
    (bad,) = outbox.entries("refused")
    assert (bad.id, bad.column, bad.code) == ("bad", "occurred_at", "bad_instant")
    assert service.row("record", "LATER-0")["data"]["title"] == "改过的题目"
    assert service.row("record", "LATER-1")["state"] == "voided"


@pytest.mark.parametrize("way", ["district"], indirect=True)
def test_by_amqp_a_connection_that_is_cut_is_made_anew_and_a_wrong_password_is_an_error(
    small_system: AnySystem, publisher: Publisher, tmp_path: Path
) -> None:
    outbox, parts = Outbox(tmp_path / "outbox.sqlite", "client"), urlsplit(publisher.amqp_url)
    outbox.add_all([Row("unit.reported", {"unit_id": "CUT", **UNIT}), *studies("CUT", 1200)])
    outbox.add("record.reported", {**studies("CUT", 1)[0].data, "record_id": "CUT-L", "title": "长" * 400_000}, "large")
    assert parts.port
    with Proxy(parts.port) as proxy:
        url = publisher.amqp_url.replace(f":{parts.port}/", f":{proxy.port}/")
        batches: list[int] = []

        def cut_twice(number: int) -> None:
            batches.append(number)
            if len(batches) <= 2:
                proxy.cut()

        AmqpSender(outbox, url, patience=Patience(60, first=0.1), quiet=1.0).send(cut_twice)
        assert proxy.seen >= 3
    (large,) = outbox.entries("refused")
    assert accepted(outbox) == 1201 and (large.id, large.code) == ("large", "too_large") and "1 MiB" in large.message
    for entry in json.loads(small_system.qihang("quarantine", "list", "--json")):  # the system is others', too
        small_system.qihang("quarantine", "discard", entry["id"], "--reason", "测试报文")
    outbox.add("unit.closed", {"unit_id": "CUT", "closed_on": "2023-01-01"})
    with pytest.raises(NotAllowed):
        AmqpSender(outbox, publisher.amqp_url, password="wrong").send()
    assert outbox.unanswered() == 1
    with pytest.raises(NotAllowed, match="certificate"):
        AmqpSender(outbox, publisher.amqps_url).send()


def begin(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "client" / "src"), "no_proxy": "*"}
    return subprocess.Popen([sys.executable, "-m", "qihang_client", *words], cwd=folder, env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip


def command(folder: Path, *words: str, code: int = 0) -> str:
    process = begin(folder, *words)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == code, printed
    return printed
