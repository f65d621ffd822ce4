"""Public events are posted to an outside system's webhook: in order, signed, again until they are taken, and never more
than the subscription may read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.messaging.deliveries import Delivery, delivery_named
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.schema import deliveries, undelivered
from services.participation.deliveries import webhook_turn
from services.participation.deliveries.domain.answers import ATTEMPTS_OF_EVENT
from services.participation.registry.handlers import erase_person
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.outside_system import attendance, two_schools
from tests.support.webhook_receiver import TAKEN, Event, WebhookReceiver, is_signed, receiving

KEY_HOLDER = Actor("operator", "operator", frozenset({"operator"}))


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = two_schools(tmp_path)
    for number in range(1, 4):
        assert replica.submit("record", **attendance(f"R{number}")).outcome == "accepted"
    yield replica
    replica.runtime.store.close()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with receiving() as receiver:
        yield receiver


class Hook:
    """A subscription that was just added, and its webhook."""

    def __init__(self, replica: Replica, receiver: WebhookReceiver, name: str = "dashboard", start: str = "",
                 options: dict[str, Any] | None = None, **rights: Any) -> None:  # fmt: skip
        self.replica, self.receiver, self.name = replica, receiver, name
        self.options = {"url": receiver.url, "mode": "structured", "batch": 100, "rate": 60_000, "allow_http": True,
                        "allow_local": True, "handshake": True} | (options or {})  # fmt: skip
        given = {"name": name, "types": ["*"], "units": [], "personal": True} | rights
        self.service = replica.service
        self.service.subscriptions.add(given, KEY_HOLDER, "")
        self.secret = self.set(start)["secret"]

    def set(self, start: str = "", **options: Any) -> dict[str, Any]:
        self.options |= options
        secrets: dict[str, Any] = self.service.deliveries.set_up(
            self.name, {"webhook": self.options, "amqp": None, "start": start}, KEY_HOLDER, ""
        )
        return secrets

    def deliver(self, at_once: bool = True) -> None:
        """All that is due; `at_once`: whatever pause was made."""
        if at_once:
            with self.replica.runtime.store.engine.begin() as connection:
                connection.execute(sa.update(deliveries).values(next_at=""))
        self.service.deliverer.deliver_due()

    @property
    def row(self) -> Delivery:
        with self.replica.runtime.store.reading() as connection:
            row = delivery_named(connection, self.name)
        assert row is not None
        return row

    def intervene(self, word: str, *arguments: Any) -> Any:
        return getattr(self.service.interventions, word)(self.name, *arguments, KEY_HOLDER, "")


def short(events: list[Event]) -> list[str]:
    return [str(event["type"]).removeprefix("qihang.public.").removesuffix(".v1") for event in events]


WHOLE = ["unit.registered", "membership.started", "unit.registered", "membership.started", *["record.accepted"] * 3]


@pytest.mark.parametrize("mode", ["structured", "binary", "batched"])
def test_everything_is_posted_in_order_signed_and_once(replica: Replica, receiver: WebhookReceiver, mode: str) -> None:
    hook = Hook(replica, receiver, options={"mode": mode, "batch": 3})
    hook.deliver()
    assert short(receiver.received) == WHOLE and len(set(receiver.ids)) == 7
    (method, asked, _), *posts = receiver.requests
    assert (method, asked["webhook-request-origin"]) == ("OPTIONS", "qihang.district")
    assert len(posts) == (3 if mode == "batched" else 7)
    assert all(is_signed(headers, body, hook.secret) for _, headers, body in posts)
    data = receiver.received[-1]["data"]
    assert (data["person_id"], data["title"], receiver.received[1]["data"]["name"]) == ("P1", "集中学习", "许悦")
    assert receiver.received[-1]["subject"] == "record/R3" and receiver.received[-1]["cursor"]
    hook.deliver()
    replica.submit("record", **attendance("R4"))
    hook.deliver(at_once=False)
    assert short(receiver.received) == [*WHOLE, "record.accepted"]
    assert (hook.row.delivered, hook.row.code) == (8, "")


def test_what_is_sent_is_what_the_feed_shows(replica: Replica, receiver: WebhookReceiver) -> None:
    Hook(replica, receiver, types=["record.accepted"], units=["S2"], personal=False).deliver()
    replica.submit("record", **attendance("R9", "P2"))
    Hook(replica, receiver, "other", types=["record.accepted"], units=["S2"], personal=False).deliver()
    first, second = receiver.received
    assert first["id"] == second["id"] and first["data"]["person_id"] != second["data"]["person_id"]
    assert first["data"]["person_id"].startswith("~") and "title" not in first["data"]


def test_who_does_not_allow_our_origin_is_sent_nothing(replica: Replica, receiver: WebhookReceiver) -> None:
    receiver.handshake = (200, {"WebHook-Allowed-Origin": "another.example"})
    hook = Hook(replica, receiver)
    hook.deliver()
    assert [method for method, _, _ in receiver.requests] == ["OPTIONS"]
    assert (hook.row.code, hook.row.attempts) == ("origin_not_allowed", 1) and hook.row.next_at
    receiver.handshake = (200, {"WebHook-Allowed-Origin": "qihang.district", "WebHook-Allowed-Rate": "6000"})
    hook.deliver()
    assert len(receiver.received) == 7 and hook.row.allowed_rate == 6000


def test_the_rate_that_is_allowed_is_kept_across_turns(replica: Replica, receiver: WebhookReceiver) -> None:
    receiver.handshake = (200, {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "2"})
    hook = Hook(replica, receiver)
    hook.deliver()
    assert len(receiver.received) == 1 and (hook.row.code, hook.row.state) == ("", "running")
    hook.deliver()
    assert len(receiver.received) == 1 and hook.row.next_at > hook.row.last_at


def test_an_event_that_is_refused_is_given_up_with_its_reason_and_the_next_has_its_turn(
    replica: Replica, receiver: WebhookReceiver
) -> None:
    def answer(events: list[Event]) -> tuple[int, dict[str, str]]:
        return (422, {}) if any(event["subject"] == "record/R2" for event in events) else TAKEN

    receiver.answer = answer
    hook = Hook(replica, receiver, options={"mode": "batched"})
    for _ in range(3 * ATTEMPTS_OF_EVENT):
        hook.deliver()
    assert [event["subject"] for event in receiver.received[-2:]] == ["record/R1", "record/R3"]
    (failure,) = hook.service.interventions.failures("dashboard")
    assert (failure["code"], failure["type"], failure["attempts"] >= ATTEMPTS_OF_EVENT) == (
        "http_422", "qihang.public.record.accepted.v1", True,
    )  # fmt: skip
    assert "P1" not in json.dumps([dict(row._mapping) for row in replica.rows(undelivered)])
    assert hook.intervene("retry", [failure["entry"]]) == 1
    hook.deliver()
    assert hook.service.interventions.failures("dashboard")[0]["state"] == "open"
    receiver.answer = lambda _: TAKEN
    hook.intervene("retry", [failure["entry"]])
    hook.deliver()
    assert receiver.received[-1]["subject"] == "record/R2" and receiver.ids[-1] == failure["event_id"]
    assert hook.service.interventions.failures("dashboard") == []


@pytest.mark.parametrize(
    ("status", "code"), [(503, "http_503"), (401, "http_401"), (302, "redirected"), (0, "no_connection")]
)
def test_a_receiver_that_is_away_loses_nothing_however_long(
    replica: Replica, receiver: WebhookReceiver, status: int, code: str
) -> None:
    receiver.answer = lambda events: TAKEN if len(receiver.received) < 2 else (status, {"Location": receiver.url})
    hook = Hook(replica, receiver)
    for _ in range(ATTEMPTS_OF_EVENT + 2):
        hook.deliver()
    assert (hook.row.code, hook.row.state, len(receiver.received)) == (code, "running", 2)
    assert hook.row.attempts == ATTEMPTS_OF_EVENT + 2
    receiver.answer = lambda _: TAKEN
    hook.deliver()
    assert short(receiver.received) == WHOLE and len(set(receiver.ids)) == 7
    assert (hook.row.code, hook.row.failing_since) == ("", "")


def test_retry_after_is_honoured(replica: Replica, receiver: WebhookReceiver) -> None:
    receiver.answer = lambda _: (429, {"Retry-After": "3600"})
    hook = Hook(replica, receiver)
    hook.deliver()
    hook.deliver(at_once=False)
    assert len(receiver.requests) == 2 and (hook.row.code, hook.row.next_at > hook.row.failing_since) == (
        "http_429",
        True,
    )


def test_gone_ends_it_until_an_operator_resumes(replica: Replica, receiver: WebhookReceiver) -> None:
    receiver.answer = lambda _: (410, {})
    hook = Hook(replica, receiver)
    hook.deliver()
    hook.deliver()
    assert (hook.row.state, hook.row.code, len(receiver.requests)) == ("ended", "http_410", 2)
    receiver.answer = lambda _: TAKEN
    hook.intervene("resume")
    hook.deliver()
    assert short(receiver.received) == WHOLE


def test_an_operator_pauses_resumes_skips_and_replays(replica: Replica, receiver: WebhookReceiver) -> None:
    hook = Hook(replica, receiver, start="end")
    hook.deliver()
    assert receiver.received == []
    hook.intervene("pause")
    hook.intervene("replay", "start")
    hook.deliver()
    assert receiver.received == [] and hook.row.state == "paused"
    assert hook.intervene("skip", []) == 1
    hook.intervene("resume")
    hook.deliver()
    assert short(receiver.received) == WHOLE[1:]
    (skipped,) = hook.service.interventions.failures("dashboard")
    assert skipped["code"] == "skipped" and hook.intervene("skip", [skipped["entry"]]) == 1
    ids, cursor = receiver.ids, receiver.received[2]["cursor"]
    hook.intervene("replay", cursor)
    hook.deliver()
    assert receiver.ids == [*ids, *ids[3:]]
    hook.intervene("replay", receiver.received[-1]["time"])
    hook.deliver()
    assert receiver.ids[-1] == ids[-1] and len(receiver.ids) == 2 * len(ids) - 3 + 1
    with pytest.raises(Problem, match="bad_cursor"):
        hook.intervene("replay", "yesterday")


def test_a_secret_is_replaced_while_the_former_is_valid(replica: Replica, receiver: WebhookReceiver) -> None:
    hook = Hook(replica, receiver)
    fresh = hook.service.deliveries.rotate_secret("dashboard", KEY_HOLDER, "")
    hook.deliver()
    _, headers, body = receiver.requests[-1]
    assert is_signed(headers, body, hook.secret) and is_signed(headers, body, fresh["secret"])
    with replica.runtime.store.engine.begin() as connection:
        connection.execute(sa.update(deliveries).values(former_until="2022-01-01T00:00:00.000000Z"))
    hook.intervene("replay", "start")
    hook.deliver()
    _, headers, body = receiver.requests[-1]
    assert not is_signed(headers, body, hook.secret) and is_signed(headers, body, fresh["secret"])


def test_only_https_of_another_machine_is_called_unless_the_operator_says_so(
    replica: Replica, receiver: WebhookReceiver
) -> None:
    for url in ("http://a.example/", "https://u:p@a.example/", "https://a.example/#x", "ftp://a.example", "https://"):
        with pytest.raises(Problem, match="bad_url"):
            replica.service.deliveries.check({"webhook": {"url": url, "allow_http": False}})
    hook = Hook(replica, receiver, options={"allow_local": False})
    hook.deliver()
    assert (hook.row.code, receiver.requests) == ("local_address", [])
    hook.set(url=receiver.url.replace("127.0.0.1", "localhost"))
    hook.deliver()
    assert (hook.row.code, receiver.requests) == ("local_address", [])


def test_an_answer_without_end_is_cut_off(replica: Replica, receiver: WebhookReceiver) -> None:
    receiver.body, receiver.answer = b"x" * 1_000_000, lambda _: (200, {})
    hook = Hook(replica, receiver)
    hook.deliver()
    assert (hook.row.code, hook.row.detail) == ("", "")
    assert short(receiver.received) == WHOLE


def test_an_erased_person_is_in_nothing_that_is_sent_later(replica: Replica, receiver: WebhookReceiver) -> None:
    hook = Hook(replica, receiver, start="end")
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    hook.intervene("replay", "start")
    hook.deliver()
    assert "person.erased" in short(receiver.received)
    erased = [event["data"] for event in receiver.received if event["type"] == "qihang.public.record.accepted.v1"]
    assert all({"person_id", "title"}.isdisjoint(data) for data in erased)


def test_one_that_is_revoked_is_sent_nothing(replica: Replica, receiver: WebhookReceiver) -> None:
    hook = Hook(replica, receiver)
    replica.service.subscriptions.revoke("dashboard", KEY_HOLDER, "")
    hook.deliver()
    assert receiver.requests == [] and replica.rows(deliveries) == []


def test_what_was_begun_before_a_change_counts_no_more(
    replica: Replica, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = Hook(replica, receiver)
    monkeypatch.setattr(webhook_turn, "WRITTEN_SECONDS", 0)

    def answer(_: list[Event]) -> tuple[int, dict[str, str]]:
        if len(receiver.received) == 3:
            hook.intervene("pause")
        return TAKEN

    receiver.answer = answer
    hook.deliver()
    assert hook.row.state == "paused" and hook.row.delivered == 3
