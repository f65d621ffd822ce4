"""The ways in beside structured events with a bearer's token: binary mode, Basic, the status as the answer, the
handshake of webhooks; and a publisher is told of every message that it sends by the broker."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.intake.entrances import Participation, Publisher
from tests.intake.kinds import BATCH, SINGLE, SOURCE, UNIT, Kind, body, event
from tests.support.processes import wait_until

CELLS = {"name": "学校", "kind": "school", "opened_on": "2010-09-01"}


def attributes(id: str, prefix: str, **more: Any) -> dict[str, Any]:
    given = {"specversion": "1.0", "id": id, "source": SOURCE, "type": UNIT} | more
    return {f"{prefix}{name}": value for name, value in given.items()}


def data(id: str, **cells: Any) -> bytes:
    return json.dumps({"unit_id": f"W-{id}", **CELLS, **cells}, ensure_ascii=False).encode()


def post(
    participation: Participation, content: bytes, path: str = "", **headers: str
) -> tuple[int, Any, dict[str, str]]:
    given = {"Authorization": f"Bearer {participation.hostile['token']}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    status, answered, answer = participation.request("POST", f"/api/intake{path}", content, given)
    return status, json.loads(answer), answered


def test_binary_mode_by_http(participation: Participation) -> None:
    headers = attributes("bin", "ce-", subject="%E6%A0%A1") | {"Content-Type": "application/json"}
    status, answer, _ = post(participation, data("bin"), **headers)
    assert (status, answer["receipts"][0]["data"]) == (200, {"source": SOURCE, "id": "bin", "outcome": "accepted"})
    status, answer, _ = post(participation, body(event("bin", json.loads(data("bin")))), Content_Type=SINGLE)
    assert answer["receipts"][0]["data"]["outcome"] == "unchanged", "the same event by another way"


def test_binary_mode_by_http_with_data_that_are_no_json(participation: Participation) -> None:
    headers = attributes("cut", "ce-") | {"Content-Type": "application/json"}
    _, answer, _ = post(participation, b'{"unit_id": "W-cut",\n', **headers)
    (receipt,) = (each["data"] for each in answer["receipts"])
    assert (receipt["outcome"], receipt["column"], receipt["code"]) == ("refused", "data", "bad_json")
    assert (receipt["line"], receipt["position"], receipt["excerpt"]) == (2, 1, "end")


@pytest.mark.parametrize("user", [SOURCE, ""])
def test_basic_has_the_token_as_its_password(participation: Participation, user: str) -> None:
    given = base64.b64encode(f"{user}:{participation.hostile['token']}".encode()).decode()
    content = body(event(f"basic-{user}"), event(f"basic-{user}-2"))
    status, answer, _ = post(participation, content, Authorization=f"Basic {given}", Content_Type="application/json")
    assert (status, [each["data"]["outcome"] for each in answer["receipts"]]) == (200, ["accepted"] * 2)


def test_other_routes_take_no_basic(participation: Participation) -> None:
    given = base64.b64encode(f"operator:{participation.system.token}".encode()).decode()
    assert participation.request("GET", "/api/status", headers={"Authorization": f"Basic {given}"})[0] == 401


@pytest.mark.parametrize("how", [{"Prefer": "respond-async, Outcome=status;x=1"}, {"path": "?outcome=status"}], ids=str)
def test_the_status_tells_the_outcome_of_a_single_report(participation: Participation, how: dict[str, str]) -> None:
    way = "path" in how
    good, bad = (body(event(f"{name}-{way}", json.loads(data(f"{name}-{way}", **cells))))
                 for name, cells in (("good", {}), ("bad", {"kind": "castle"})))  # fmt: skip
    record = {"record_id": f"W-{way}", "record": "video", "unit_id": "U-never", "occurred_at": "2023-05-08"}
    waits = body(event(f"waits-{way}", record, type="qihang.record.reported.v1"))
    status, _, headers = post(participation, good, Content_Type=SINGLE, **how)
    assert (status, headers["preference-applied"]) == (200, "outcome=status")
    status, answer, headers = post(participation, bad, Content_Type=SINGLE, **how)
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert (answer["column"], answer["code"]) == ("kind", "bad_kind") and answer["detail"]
    assert answer["receipts"][0]["data"]["outcome"] == "refused"
    assert post(participation, waits, Content_Type=SINGLE, **how)[0] == 202
    several = body(event(f"first-{way}"), json.loads(bad))
    assert post(participation, several, Content_Type=BATCH, **how)[0] == 200, "of several only the receipts tell"
    assert post(participation, bad, Content_Type=SINGLE)[0] == 200, "who does not ask reads the receipts"


def asked(participation: Participation, **headers: str) -> tuple[int, dict[str, str], bytes]:
    given = {f"WebHook-Request-{name}": value for name, value in headers.items()}
    if token := given.pop("WebHook-Request-token", ""):
        given["Authorization"] = f"Bearer {token}"
    return participation.request("OPTIONS", "/api/intake", headers=given)


def allowed(headers: dict[str, str]) -> tuple[str | None, str | None]:
    return headers.get("webhook-allowed-origin"), headers.get("webhook-allowed-rate")


def test_the_handshake_of_webhooks(participation: Participation) -> None:
    token = participation.hostile["token"]
    status, headers, content = asked(participation, Origin="oa.example.cn", Rate="120", Callback="http://127.0.0.1:1/x",
                                     token=token)  # fmt: skip
    assert (status, headers["allow"], content) == (200, "POST, OPTIONS", b"")
    assert allowed(headers) == ("oa.example.cn", "120")
    assert allowed(asked(participation, Origin="oa.example.cn", token=token)[1])[1] == "6000"
    assert allowed(asked(participation, Origin="oa.example.cn", Rate="999999", token=token)[1])[1] == "6000"


@pytest.mark.parametrize(
    "given", [{"Origin": "oa.example.cn"}, {"Origin": "oa.example.cn", "token": "x.y.z"}, {}], ids=str
)
def test_no_consent_to_who_shows_no_token(participation: Participation, given: dict[str, str]) -> None:
    status, headers, _ = asked(participation, **given)
    assert status == 200 and allowed(headers) == (None, None)


@pytest.fixture(scope="module")
def publisher(participation: Participation) -> Iterator[Publisher]:
    given = participation.json("POST", "/api/publishers", {"name": "told", "types": ["qihang.*"], "sources": ["told"]})
    result = Publisher(participation.system, given)
    yield result
    result.close()


def receipts_of(publisher: Publisher, kind: Kind, receipts: int = 1) -> list[dict[str, Any]]:
    """The receipts of one message."""
    assert publisher.send(kind) == 0
    return received(publisher, receipts)


def received(publisher: Publisher, receipts: int = 1) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []

    def have_come() -> bool:
        publisher.receipts(result.append)
        return len(result) >= receipts

    wait_until(have_come, 30, lambda: f"{receipts} receipts: {result}")
    return result


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_", "ce-"])
def test_binary_mode_by_the_broker(publisher: Publisher, prefix: str) -> None:
    name = f"amqp{len(prefix)}{prefix.rstrip(':-')}"
    headers = attributes(name, prefix, source="told", time=1_670_000_000_000)
    kind = Kind(name, data(name), content_type="application/json", properties={"application_headers": headers})
    assert receipts_of(publisher, kind) == [{"source": "told", "id": name, "outcome": "accepted"}]


def test_a_message_that_cannot_be_read_is_answered(publisher: Publisher) -> None:
    cut = b'{"specversion": "1.0",\n "id": 5,,'
    (receipt,) = receipts_of(publisher, Kind("cut", cut, properties={"message_id": "m-17"}))
    assert (receipt["outcome"], receipt["code"], receipt["source"], receipt["id"]) == ("refused", "bad_json", "", "")
    assert (receipt["line"], receipt["position"], receipt["excerpt"]) == (2, 10, ",")
    assert (receipt["message_id"], receipt["bytes"]) == ("m-17", len(cut))
    assert receipt["message"].startswith("第 2 行第 10 个字符")


def test_events_of_a_batch_that_bear_no_id_are_answered(publisher: Publisher) -> None:
    good, nameless = event("told-good", source="told"), event(7, source="told")
    receipts = receipts_of(publisher, Kind("mixed", body(good, nameless, 5), content_type=BATCH), 3)
    assert {(each["id"], each["outcome"], each.get("path")) for each in receipts} == {
        ("told-good", "accepted", None), ("", "refused", "/1/id"), ("", "refused", "/2")}  # fmt: skip


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-yaml", "", None])
def test_what_stands_aside_is_corrected_whatever_its_content_type(
    participation: Participation, publisher: Publisher, content_type: str | None
) -> None:
    name = f"corrected-{content_type}"
    assert receipts_of(publisher, Kind(name, f"{name}: no JSON".encode(), content_type=content_type))
    (entry,) = [each["id"] for each in participation.quarantine_entries() if each["body"].startswith(f"{name}:")]
    corrected = json.dumps([event(name, source="told")])
    participation.json("POST", f"/api/quarantine/{entry}/edit", {"body": corrected})
    assert [(each["id"], each["outcome"]) for each in received(publisher)] == [(name, "accepted")]
