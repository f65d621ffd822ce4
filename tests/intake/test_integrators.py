"""Public reports of integrators, as data (integrators.yaml), against a running service: what their senders send is
taken, or refused with what is to be done."""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.intake.entrances import INTAKE, Participation, Publisher
from tests.support.processes import wait_until

CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "integrators.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)
BROKER, UNIT = ("amqp", "own"), "qihang.unit.reported.v1"
VERSION = "X-Experience-API-Version"


def name_of(case: dict[str, Any]) -> str:
    return str(case["report"])


def cases(*ways: str) -> Any:
    return pytest.mark.parametrize("case", [each for each in CASES if each.get("way", "http") in ways], ids=name_of)


def test_every_case_names_its_report_once() -> None:
    names = [name_of(each) for each in CASES]
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#[0-9]+", name) for name in names), names
    assert len(set(names)) == len(names) >= 40


class Integrator:
    """A publisher, and what stands for the marks of a case."""

    def __init__(self, participation: Participation, given: dict[str, Any]) -> None:
        self.name, self.token, self._port = given["name"], given["token"], participation.port
        self.basic = base64.b64encode(f"{self.name}:{self.token}".encode()).decode()
        self.given = given

    def filled(self, text: str, case: dict[str, Any]) -> str:
        id = name_of(case)
        event, other = self.event(id), self.event(f"{id}-2")
        within = json.dumps(self.statement(id), ensure_ascii=False)[1:-1]
        marks = {"@EVENT@": event, "@OTHER@": other, "@DATA@": json.loads(event)["data"], "@TOKEN@": self.token,
                 "@ID@": id, "@PORT@": str(self._port), "@BASIC@": self.basic, "@STATEMENT@": f"{{{within}}}",
                 "@IN_STATEMENT@": within,
                 "@LENGTH@": str(len((f"[{{{within}}}]" if "@STATEMENT@" in text else event).encode())),
                 "@CHUNKED@": f"{len(event.encode()):x}\n{event}\n0\n\n"}  # fmt: skip
        for mark, value in marks.items():
            text = text.replace(mark, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        return text

    def event(self, id: str) -> str:
        data = {"unit_id": re.sub(r"\W+", "-", id), "name": "学校", "kind": "school", "opened_on": "2010-09-01"}
        event = {"specversion": "1.0", "id": id, "source": self.name, "type": UNIT, "data": data}
        return json.dumps(event, ensure_ascii=False)

    def statement(self, id: str) -> dict[str, Any]:
        account = {"homePage": "https://moodle.example.cn", "name": "p1"}
        return {"actor": {"account": account}, "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
                "object": {"id": f"https://moodle.example.cn/course/{id.replace('#', '/')}"}}  # fmt: skip

    def attributes(self, case: dict[str, Any]) -> dict[str, str]:
        given = {"specversion": "1.0", "id": name_of(case), "source": self.name, "type": UNIT}
        named = {f"{case['attributes']}{key}": value for key, value in given.items()} if "attributes" in case else {}
        return named | {key: self.filled(value, case) for key, value in case.get("headers", {}).items()}


@pytest.fixture(scope="module")
def integrators(participation: Participation) -> dict[str, Integrator]:
    asked = {"integrator": {"sources": ["integrator", "/integrator/*"]},
             "generic": {"sources": ["generic"], "answers": "status", "rows_a_minute": 600}}  # fmt: skip
    return {
        name: Integrator(
            participation, participation.json("POST", "/api/publishers", {"name": name, "types": ["qihang.*"], **more})
        )
        for name, more in asked.items()
    }


@pytest.fixture(scope="module")
def at_broker(participation: Participation, integrators: dict[str, Integrator]) -> Iterator[Publisher]:
    result = Publisher(participation.system, integrators["integrator"].given)
    yield result
    result.close()


def content_of(case: dict[str, Any], who: Integrator) -> bytes:
    text = who.filled(case["text"], case)
    codecs: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zlib": zlib.compress}
    encoding = case.get("encoding", "utf-8")
    return codecs[encoding](text.encode()) if encoding in codecs else text.encode(encoding)


@cases("http", "handshake", "xapi")
def test_by_http(participation: Participation, integrators: dict[str, Integrator], case: dict[str, Any]) -> None:
    who, way = integrators[case.get("publisher", "integrator")], case.get("way", "http")
    headers = who.attributes(case) | ({"Content-Type": case["type"]} if "type" in case else {})
    if case.get("token", True):
        headers["Authorization"] = f"Bearer {who.token}"
    path, method = who.filled(case.get("path", "/api/intake"), case), "OPTIONS" if way == "handshake" else "POST"
    if way == "xapi":
        headers |= {"Authorization": f"Basic {who.basic}", VERSION: "1.0.3", "Content-Type": "application/json"}
        path = case.get("path", "/xapi/statements")
        if "before" in case:
            sent = who.filled(case["before"], case).encode()
            assert participation.request("POST", path, sent, headers)[0] == 200
    if "read" in case:
        method, path = "GET", f"{path}?{case['read']}"
    content = content_of(case, who) if "text" in case else b""
    check(case, who, participation, *participation.request(method, path, content, headers))


def check(
    case: dict[str, Any], who: Integrator, participation: Participation, status: int, headers: dict[str, str],
    answer: bytes,
) -> None:  # fmt: skip
    must = case["must"]
    assert status == must.get("status", 200), (status, answer[:500])
    assert must.get("answered", {}).items() <= headers.items()
    if must.get("empty"):
        assert answer == b"" and headers["preference-applied"] == "outcome=status, return=minimal"
    if "code" in must and "outcome" not in must:
        problem = json.loads(answer)
        assert headers["content-type"] == "application/problem+json" and problem["code"] == must["code"], problem
        assert must.get("says", "") in problem["detail"], problem
        named = {name: problem.get(name) for name in ("column", "line", "position") if name in must}
        assert named == {name: must[name] for name in named}
    if must.get("unlogged"):
        assert who.token not in participation.process.tail(100_000)
    if "outcome" in must:
        receipts = [each["data"] for each in json.loads(answer)["receipts"]]
        assert len(receipts) == must.get("receipts", 1)
        compare(case, who, receipts[0])


def compare(case: dict[str, Any], who: Integrator, receipt: dict[str, Any]) -> None:
    must = case["must"]
    for name in ("outcome", "column", "code", "id", "source"):
        if name in must:
            assert receipt.get(name, "") == who.filled(must[name], case), receipt
    assert must.get("says", "") in receipt.get("message", ""), receipt


@cases("raw")
def test_as_bytes(participation: Participation, integrators: dict[str, Integrator], case: dict[str, Any]) -> None:
    who = integrators["integrator"]
    request = who.filled(case["request"], case).replace("\n", "\r\n").encode()
    answer = participation.raw(request).decode()
    assert answer.startswith(case["must"]["begins"]) and case["must"]["has"] in answer, answer[:500]


@cases(*BROKER)
def test_by_the_broker(
    participation: Participation, integrators: dict[str, Integrator], at_broker: Publisher, case: dict[str, Any]
) -> None:
    who, must = integrators["integrator"], case["must"]
    exchange = who.given["exchange"] if case["way"] == "own" else INTAKE
    properties = {"message_id": name_of(case), "delivery_mode": 2, **case.get("properties", {})}
    if case["way"] != "own":
        properties = {"user_id": who.name, **properties}
    if "type" in case:
        properties["content_type"] = case["type"]
    if headers := who.attributes(case):
        properties["application_headers"] = headers
    closed = at_broker.publish(content_of(case, who), UNIT, exchange, **properties)
    assert closed == must.get("closed", 0)
    if not closed:
        compare(case, who, receipt_of(at_broker, name_of(case)))


def receipt_of(publisher: Publisher, name: str) -> dict[str, Any]:
    """Of that event, or of that message where no event could be read."""
    seen: list[dict[str, Any]] = []

    def has_come() -> bool:
        publisher.receipts(seen.append)
        return any(name in (each["id"], each.get("message_id")) for each in seen)

    wait_until(has_come, 30, lambda: f"{name}: {seen}")
    return next(each for each in seen if name in (each["id"], each.get("message_id")))
