"""Whose message is handled next, where many send into one queue; and what one sender may send a minute."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from chassis.intake.quotas import MOST_WAITING, Limits, Quotas
from chassis.messaging.turns import MOST_BESIDE_OTHERS, Turns
from chassis.process.problems import Problem


@dataclass(frozen=True)
class Message:
    sender: str
    number: int
    body: bytes = b"{}"


def filled(**numbers: int) -> Turns[Message]:
    turns: Turns[Message] = Turns()
    for sender, number in numbers.items():
        for at in range(number):
            turns.append(Message(sender, at), sender)
    return turns


def test_who_sent_one_message_is_in_the_next_batch_whatever_others_sent_before() -> None:
    turns = filled(payroll=60_000, office=1)
    batch = turns.take(500, 1 << 20)
    assert batch[0] == Message("office", 0)
    assert [item.number for item in batch[1:]] == list(range(MOST_BESIDE_OTHERS))
    assert len(turns.take(500, 1 << 20)) == 500
    turns.append(Message("office", 1), "office")
    assert Message("office", 1) in turns.take(500, 1 << 20)


def test_at_most_one_batch_lies_between_when_messages_are_large() -> None:
    turns: Turns[Message] = Turns()
    for at in range(10):
        turns.append(Message("payroll", at, b"x" * 1000), "payroll")
    turns.append(Message("office", 0, b"x" * 1000), "office")
    batches = [[item.sender for item in turns.take(500, 1000)] for _ in range(3)]
    assert batches == [["payroll"], ["office"], ["payroll"]]


def test_each_sender_s_messages_keep_their_order_and_none_is_lost() -> None:
    turns = filled(a=7, b=3, c=1, d=20)
    taken: list[Message] = []
    while batch := turns.take(4, 1 << 20):
        taken += batch
    assert len(taken) == 31 and len(turns) == 0
    for sender in "abcd":
        assert [item.number for item in taken if item.sender == sender] == sorted(
            item.number for item in taken if item.sender == sender
        )


def test_who_may_not_send_now_waits_and_nobody_else_does() -> None:
    closed = {"payroll"}
    turns: Turns[Message] = Turns(lambda sender: sender not in closed)
    for message in (Message("payroll", 0), Message("office", 0)):
        turns.append(message, message.sender)
    assert (turns.ready, len(turns), turns.ready_bytes) == (1, 2, 2)
    assert turns.take(500, 1 << 20) == [Message("office", 0)]
    assert turns.take(500, 1 << 20) == []
    closed.clear()
    assert turns.take(500, 1 << 20) == [Message("payroll", 0)]
    turns.append(Message("payroll", 1), "payroll")
    turns.drop("payroll")
    assert (len(turns), turns.ready_bytes) == (0, 0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_s_rows_are_spent_and_come_back_with_time() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    quotas.learn({"oa": Limits(rows=60), "hr": Limits()})
    quotas.take("oa", 100, 10)  # a body is taken whole, and leaves a debt
    with pytest.raises(Problem) as refused:
        quotas.take("oa", 1, 10)
    assert (refused.value.status, refused.value.code, refused.value.more["retry_after"]) == (429, "too_fast", 41)
    assert refused.value.response().headers["Retry-After"] == "41"
    for _ in range(1000):
        quotas.take("hr", 1000, 1 << 20)
    clock.now = 40.5
    assert not quotas.may_send("oa")
    clock.now = 41.5
    quotas.take("oa", 1, 10)
    clock.now = 1000.0
    assert quotas.left("oa") == Limits(60, 0)


def test_bytes_are_counted_too_and_a_change_begins_anew() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    quotas.learn({"oa": Limits(bytes=1000)})
    quotas.take("oa", 5, 1000)
    assert not quotas.may_send("oa")
    quotas.learn({"oa": Limits(bytes=2000)})
    assert quotas.may_send("oa")
    quotas.learn({})
    quotas.take("oa", 1, 1 << 30)
    assert quotas.may_send("oa")


def test_too_many_bodies_of_a_sender_at_once_are_refused() -> None:
    quotas = Quotas()
    turns = [quotas.turn("oa") for _ in range(MOST_WAITING + 1)]
    with turns[0]:
        account = quotas._refill("oa")
        account.waiting = MOST_WAITING
        with pytest.raises(Problem) as refused, turns[-1]:
            pass
        assert (refused.value.code, refused.value.response().headers["Retry-After"]) == ("too_many_at_once", "1")
        with quotas.turn("hr"):
            pass
