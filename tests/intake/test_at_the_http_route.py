"""Every kind of bad report by HTTP: a receipt or problem+json, and the next caller notices nothing."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.intake.bodies import BODIES
from tests.intake.entrances import Participation
from tests.intake.envelopes import ENVELOPES
from tests.intake.events import EVENTS
from tests.intake.kinds import Hung, Kind, Outcome, Problem, Receipt, event
from tests.intake.rows import ROWS

KINDS = [kind for kind in [*BODIES, *EVENTS, *ENVELOPES, *ROWS] if kind.http is not None]
_good = iter(range(10**9))


def web(content: bytes) -> bytes:
    """The same kinds go in by AMQP: other ids here, of the same length."""
    return content.replace(b"hostile", b"hostweb").replace(b"U-", b"H-").replace(b"R-", b"T-")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_gets_its_answer(participation: Participation, kind: Kind) -> None:
    status, headers, content = answer_to(participation, kind)
    check(kind, kind.http, status, headers, content)
    number = next(_good)
    (receipt,) = participation.report(event(f"http-{number}"))
    assert receipt["outcome"] == "accepted"
    assert participation.process.running


def answer_to(participation: Participation, kind: Kind) -> tuple[int, dict[str, str], bytes]:
    if kind.raw or kind.name == "HTTP nothing at all":
        return parsed(participation.raw(web(kind.raw)))
    headers = {"Authorization": f"Bearer {participation.hostile['token']}"} | kind.headers
    if kind.content_type is not None:
        headers["Content-Type"] = kind.content_type
    return participation.request("POST", "/api/intake", web(kind.body), headers)


def parsed(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    if not answer.startswith(b"HTTP/"):  # nothing, or the bare page that a request without a version gets
        return 0, {}, b""
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, content


def check(kind: Kind, expected: Outcome, status: int, headers: dict[str, str], content: bytes) -> None:
    context = (kind.name, status, content[:300])
    match expected:
        case Problem():
            assert (status, headers.get("content-type")) == (expected.status, "application/problem+json"), context
            problem = json.loads(content)
            assert (problem["status"], problem["code"]) == (expected.status, expected.code), context
        case Receipt():
            assert status == 200, context
            result = [receipt["data"] for receipt in json.loads(content)["receipts"]]
            assert expected in [receipt_of(item) for item in result], (kind.name, result)
            assert all(item["message"] for item in result if item["outcome"] == "refused"), result
        case Hung():
            assert status == expected.status, context


def receipt_of(data: dict[str, Any]) -> Receipt:
    return Receipt(data["outcome"], data.get("column", ""), data.get("code", ""))


def test_the_kinds_are_distinguished() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) >= 100
    assert all(dataclasses.is_dataclass(kind.http) for kind in KINDS)


def test_it_is_the_same_process(participation: Participation) -> None:
    participation.alive()
