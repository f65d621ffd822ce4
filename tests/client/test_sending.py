"""qihang-client by HTTP through every bad answer: nothing is lost, nothing is sent that was answered, and pauses are as
long as they are asked to be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from qihang_client import HttpSender, NotAllowed, Outbox, Patience, Row, Service, Unavailable

from tests.client.scripted_service import Reply, ScriptedService, problem, receipts

SOURCE = "/hr.example"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.sqlite", SOURCE)
    outbox.add_all(Row("record.reported", {"record_id": f"R{number}"}, f"e{number}") for number in range(4))
    yield outbox
    outbox.close()


class Pauses(list[float]):
    """In place of time.sleep."""

    @property
    def patience(self) -> Patience:
        return Patience(60, first=0.001, longest=0.001, sleep=self.append)


def sender(outbox: Outbox, service: ScriptedService, pauses: Pauses) -> HttpSender:
    return HttpSender(outbox, Service(service.address, "token\n", timeout=5), pauses.patience)


@pytest.mark.parametrize("bad", [
    Reply(0), problem(503, "busy", Retry_After="7"), problem(429, "too_fast", Retry_After="7"), problem(500, ""),
    Reply(200, {"receipts": [{"data": {"source": SOURCE, "id": "e0", "outcome": "accepted"}}]}),
    Reply(502, "a proxy's page"), Reply(503, "", (("Retry-After", "soon"),)),
])  # fmt: skip
def test_the_same_body_is_sent_again_until_it_is_answered(outbox: Outbox, bad: Reply) -> None:
    replies, pauses = chain([bad, bad], repeat(None)), Pauses()
    with ScriptedService(lambda events: next(replies) or receipts(events)) as service:
        assert sender(outbox, service, pauses).send() == 4
    assert len(service.bodies) == 3 and service.bodies[0] == service.bodies[2]
    assert {headers["Authorization"] for headers in service.seen} == {"Bearer token"}
    assert outbox.counts() == {"accepted": 4}
    asked = 7 if any(name == "Retry-After" and value == "7" for name, value in bad.headers) else 0
    assert len(pauses) == 2 and all(pause >= asked for pause in pauses)


def test_without_an_answer_everything_stays_and_is_sent_the_next_time(outbox: Outbox) -> None:
    with ScriptedService(lambda events: problem(503, "busy", Retry_After="61")) as service, pytest.raises(Unavailable):
        sender(outbox, service, Pauses()).send()
    assert outbox.unanswered() == 4
    with ScriptedService(receipts) as service:
        assert sender(outbox, service, Pauses()).send() == 4
    assert outbox.counts() == {"accepted": 4}


def test_a_clock_that_was_wrong_holds_nothing_back(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("qihang_client.outbox.time.time", lambda: 4e9)
        assert len(outbox.take(0)) == 4, "sent, as the clock says in the next century, and never answered"
    with ScriptedService(receipts) as service:
        assert sender(outbox, service, Pauses()).send() == 4
    assert outbox.counts() == {"accepted": 4} and len(service.bodies) == 1


def test_what_waited_for_a_week_without_an_answer_is_sent_again(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Receipts are kept for 30 days, and start again where Qihang is restored from a backup."""
    outcomes = iter(["waiting", "refused"])
    with ScriptedService(
        lambda events: receipts(events, next(outcomes)), lambda path: Reply(200, {"receipts": [], "next": 0})
    ) as service:
        by_http = sender(outbox, service, Pauses())
        by_http.send()
        by_http.fetch()
        assert outbox.counts() == {"waiting": 4} and len(service.bodies) == 1
        now = time.time()
        monkeypatch.setattr("qihang_client.outbox.time.time", lambda: now + 8 * 86400)
        by_http.fetch()
    assert outbox.counts() == {"refused": 4} and len(service.bodies) == 2


@pytest.mark.parametrize(("address", "token"), [("qihang.example.cn/s/participation", "t"), ("https://x", "令牌")])
def test_what_is_no_address_or_no_token_is_refused_at_once(address: str, token: str) -> None:
    with pytest.raises(NotAllowed):
        Service(address, token)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_honoured_is_an_error_at_once(outbox: Outbox, status: int) -> None:
    with (
        ScriptedService(lambda events: problem(status, "bad_token")) as service,
        pytest.raises(NotAllowed, match="说明"),
    ):
        sender(outbox, service, Pauses()).send()
    assert len(service.bodies) == 1 and outbox.unanswered() == 4


def test_one_event_for_which_a_body_is_refused_stops_no_other(outbox: Outbox) -> None:
    def decide(events: list[dict[str, Any]]) -> Reply:
        return problem(400, "bad_text") if any(event["id"] == "e2" for event in events) else receipts(events)

    with ScriptedService(decide) as service:
        assert sender(outbox, service, Pauses()).send() == 4
    assert outbox.counts() == {"accepted": 3, "refused": 1}
    (refused,) = outbox.entries("refused")
    assert (refused.id, refused.code, refused.message) == ("e2", "bad_text", "说明")


def test_no_other_address_gets_the_token(outbox: Outbox) -> None:
    with ScriptedService(receipts) as other:
        moved = Reply(307, {}, (("Location", f"{other.address}/api/intake"),))
        with ScriptedService(lambda events: moved) as service, pytest.raises(Exception, match="307"):
            sender(outbox, service, Pauses()).send()
    assert other.seen == []


def test_what_waited_is_answered_later_by_the_last_receipt(outbox: Outbox) -> None:
    kept = [(seq, f"e{number}", outcome) for seq, (number, outcome) in enumerate(
        [(0, "waiting"), (1, "refused"), (1, "waiting"), (0, "accepted"), (1, "waiting")], 1)]  # fmt: skip

    def get(path: str) -> Reply:
        after = int(path.partition("after=")[2].partition("&")[0])
        page = [{"source": SOURCE, "id": id, "outcome": outcome, "column": "person_id", "code": "unknown_person"}
                for seq, id, outcome in kept if seq > after][:2]  # fmt: skip
        return Reply(200, {"receipts": page, "next": after + len(page)})

    with ScriptedService(lambda events: receipts(events, "waiting"), get) as service:
        by_http = sender(outbox, service, Pauses())
        by_http.send()
        assert by_http.fetch() == 1
        assert outbox.counts() == {"accepted": 1, "waiting": 3}
        kept.append((6, "e1", "refused"))
        assert by_http.fetch() == 1 and [entry.id for entry in outbox.entries("refused")] == ["e1"]
        assert service.seen[-2:] and len(service.bodies) == 1
