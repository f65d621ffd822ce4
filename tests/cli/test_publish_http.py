"""`qihang publish` by HTTP: the file is checked whole first, sent in its order, and every event's outcome counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.publishing.event_file import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES
from tests.cli.conftest import Qihang
from tests.cli.fake_intake import receipt
from tests.support.fake_gateway import DROP, DROP_MIDWAY, Call, FakeGateway, problem

INTAKE = "/s/participation/api/intake"


def event(number: int, title: str = "") -> dict[str, Any]:
    data = {"record_id": f"R{number}", "title": title}
    kind = "qihang.record.reported.v1"
    return {"specversion": "1.0", "source": "hr", "id": str(number), "type": kind, "data": data}


def written(path: Path, *lines: Any) -> Path:
    texts = (line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines)
    path.write_bytes(b"\n".join(texts) + b"\n")
    return path


@pytest.fixture
def intake(gateway: FakeGateway) -> FakeGateway:
    """Accepts every id once, and returns `unchanged` when it is sent again."""
    known: set[str] = set()

    def decide(call: Call) -> dict[str, Any]:
        receipts = []
        for item in call.json:
            receipts.append(receipt(item, "unchanged" if item["id"] in known else "accepted"))
            known.add(item["id"])
        return {"receipts": receipts}

    gateway.on("POST", INTAKE, decide)
    return gateway


def arrived(intake: FakeGateway) -> list[dict[str, Any]]:
    return [item for call in intake.called("POST", INTAKE) for item in call.json]


def test_batches_keep_the_order_of_the_file_and_the_limits(qihang: Qihang, intake: FakeGateway, tmp_path: Path) -> None:
    events = [event(number, "题" * (2000 if number % 7 == 0 else 1)) for number in range(1200)]
    result = qihang("publish", written(tmp_path / "f.jsonl", *events))
    assert (result.code, result.err) == (0, "")
    assert arrived(intake) == events
    calls = intake.called("POST", INTAKE)
    assert {call.headers["content-type"] for call in calls} == {"application/cloudevents-batch+json"}
    assert max(len(call.json) for call in calls) <= MAX_BATCH_EVENTS
    assert max(len(call.body) for call in calls) <= MAX_BATCH_BYTES + 2
    assert len(calls) == 3
    assert "accepted 1200，无变化 unchanged 0，未接收 refused 0，待关联 waiting 0" in result.out


def test_a_line_is_sent_as_it_stands_in_the_file(qihang: Qihang, intake: FakeGateway, tmp_path: Path) -> None:
    line = b'{"id":"1", "source":"hr","type":"t","specversion":"1.0","n":1.50,"u":"\\u7b2c"}'
    assert qihang("publish", written(tmp_path / "f.jsonl", b"\xef\xbb\xbf" + line, b"", line)).code == 0
    assert intake.calls[0].body == b"[" + line + b"," + line + b"]"


@pytest.mark.parametrize("fault", [DROP, DROP_MIDWAY, problem(502, "service_away"), problem(503, "starting")])
def test_a_lost_connection_is_tried_again_with_the_same_ids(
    qihang: Qihang, intake: FakeGateway, tmp_path: Path, fault: Any
) -> None:
    intake.fault(INTAKE, fault, fault)
    result = qihang("publish", written(tmp_path / "f.jsonl", event(1), event(2)))
    assert result.code == 0 and "accepted 2" in result.out
    assert arrived(intake)[-2:] == [event(1), event(2)]


@pytest.mark.parametrize(
    "bad",
    [
        b"not json",
        b"[]",
        b'"text"',
        b'{"source":"s","type":"t"}',
        b'{"id":1,"source":"s","type":"t"}',
        b'{"id":"","source":"s","type":"t"}',
        b'{"id":"1","type":"t"}',
        b'{"id":"1","source":"s"}',
        b'{"id":"1","source":"s","type":"t","n":NaN}',
        b'{"id":"1","source":"s","type":"\xff"}',
        b"[" * 100_000,
        b'{"id":"1","source":"s","type":"t","d":"' + b"x" * MAX_EVENT_BYTES + b'"}',
    ],
    ids=lambda bad: bad[:40].decode("latin-1"),
)
def test_a_malformed_line_is_named_and_nothing_is_sent(
    qihang: Qihang, intake: FakeGateway, tmp_path: Path, bad: bytes
) -> None:
    result = qihang("publish", written(tmp_path / "f.jsonl", event(1), bad))
    assert result.code == 1 and "第 2 行" in result.err and "没有发送任何事件" in result.err
    assert result.err.count("\n") == 1 and intake.calls == []


def test_a_file_without_events_is_an_error(qihang: Qihang, intake: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_bytes(b"\n\n")
    assert qihang("publish", tmp_path / "f.jsonl").code == 1


def test_outcomes_are_counted_by_event(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    outcomes = iter(["accepted", "unchanged", "refused", "waiting", "unchanged"])
    gateway.on("POST", INTAKE, lambda call: {"receipts": [receipt(item, next(outcomes)) for item in call.json]})
    result = qihang("publish", written(tmp_path / "f.jsonl", event(1), event(2), event(3), event(4), event(1)))
    assert result.code == 0
    assert "已接收 accepted 1，无变化 unchanged 1，未接收 refused 1，待关联 waiting 1" in result.out


def test_an_answer_without_a_receipt_is_a_failure(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.on("POST", INTAKE, lambda call: {"receipts": [receipt(call.json[0], "accepted")]})
    result = qihang("publish", written(tmp_path / "f.jsonl", event(1), event(2)))
    assert result.code == 1 and "第 2 行没有得到回执" in result.err


def test_a_body_that_the_intake_refuses_whole_names_its_lines(
    qihang: Qihang, gateway: FakeGateway, tmp_path: Path
) -> None:
    gateway.on("POST", INTAKE, problem(403, "forbidden", "这个令牌不能提交事件"))
    result = qihang("publish", written(tmp_path / "f.jsonl", event(1), event(2)))
    assert result.code == 1 and "第 1–2 行" in result.err and "这个令牌不能提交事件" in result.err


@pytest.mark.parametrize("url", ["redis://localhost", "nonsense", "amqp://", "amqp://h:port/"])
def test_an_address_that_is_no_broker_is_wrong_usage(qihang: Qihang, tmp_path: Path, url: str) -> None:
    result = qihang("publish", written(tmp_path / "f.jsonl", event(1)), "--amqp", url)
    assert result.code == 2 and "Traceback" not in result.err
