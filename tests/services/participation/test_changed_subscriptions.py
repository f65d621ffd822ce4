"""What a subscription may read is changed in place: from then on, by whichever way, and never what was passed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.messaging.deliveries import ANEW
from chassis.process.problems import Problem
from services.participation.subscribers.queries import end_of_log
from tests.services.participation.cluster import Replica
from tests.services.participation.outside_system import attendance
from tests.services.participation.test_security_events import listed
from tests.services.participation.test_subscriptions import KEY_HOLDER, Reader, replica, short
from tests.services.participation.test_webhooks import Hook, receiver
from tests.support.webhook_receiver import TAKEN, Event, WebhookReceiver

__all__ = ["receiver", "replica"]  # fixtures


def change(replica: Replica, **given: Any) -> dict[str, Any]:
    changed: dict[str, Any] = replica.service.subscriptions.change("dashboard", given, KEY_HOLDER, "")
    return changed


def test_who_reads_gets_other_pages_with_the_same_token_and_from_the_same_cursor(replica: Replica) -> None:
    reader = Reader(replica, types=["record"], units=["S2"])
    answer = reader.ask()
    assert [each["data"]["unit_id"] for each in json.loads(answer.get_data())] == ["S2"]
    changed = change(replica, types=["record", "membership.started"], units=["all"], personal=True)
    assert (changed["units"], changed["personal"], changed["types"]) == (
        ["all"], True, ["qihang.public.record.*", "qihang.public.membership.started.v1"])  # fmt: skip
    assert reader.read(answer.headers["X-Qihang-Next"]) == [], "what was passed does not come by itself"
    replica.submit("record", **attendance("R9"))
    (fresh,) = reader.read(answer.headers["X-Qihang-Next"])
    assert fresh["data"]["person_id"] == "P1" and fresh["data"]["title"] == "集中学习"
    assert [short(each) for each in reader.read()] == ["membership.started"] * 2 + ["record.accepted"] * 5
    change(replica, personal=False, units=["S1"])
    assert {each["data"]["unit_id"] for each in reader.read()} == {"S1"}
    assert "许悦" not in json.dumps(reader.read(), ensure_ascii=False)


def test_a_webhook_goes_on_from_where_it_was_with_the_rights_of_now(
    replica: Replica, receiver: WebhookReceiver
) -> None:
    hook = Hook(replica, receiver, types=["record"], units=["S2"])
    hook.deliver()
    assert [each["data"]["record_id"] for each in receiver.received] == ["R4"]
    change(replica, units=["S1"])
    replica.submit("record", **attendance("R8", "P2"))
    replica.submit("record", **attendance("R9"))
    hook.deliver()
    assert [each["data"]["record_id"] for each in receiver.received] == ["R4", "R9"]
    hook.intervene("replay", "start")
    hook.deliver()
    assert [each["data"]["record_id"] for each in receiver.received[2:]] == ["R1", "R2", "R3", "R9"]


def test_what_is_under_way_by_the_former_rights_counts_no_more(replica: Replica, receiver: WebhookReceiver) -> None:
    """The request that is under way ends; everything after it is of the rights of now."""
    hook = Hook(replica, receiver, types=["record"])

    def answer(_: list[Event]) -> tuple[int, dict[str, str]]:
        if not receiver.received:
            change(replica, personal=False)
        return TAKEN

    receiver.answer = answer
    hook.deliver()
    shown = ["title" in each["data"] for each in receiver.received]
    assert shown[0] and shown[-4:] == [False] * 4, shown
    assert len(set(receiver.ids)) == 4


def test_only_what_narrows_makes_a_queue_anew(replica: Replica, receiver: WebhookReceiver) -> None:
    hook = Hook(replica, receiver, units=["S1"])
    with replica.runtime.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outgoing_deliveries SET way = 'amqp'")
    generation = hook.row.generation
    change(replica, units=["all"])
    assert ANEW not in hook.row.options and hook.row.generation == generation + 1
    change(replica, units=["all"])
    assert hook.row.generation == generation + 1, "nothing changed"
    change(replica, units=["S1", "S2"])
    assert hook.row.options[ANEW] is True
    with replica.runtime.store.reading() as connection:
        hook.intervene("replay", end_of_log(connection))
    assert hook.row.options[ANEW] is True, "until it is done"


def test_who_changed_it_stands_in_the_security_log(replica: Replica) -> None:
    Reader(replica)
    change(replica, types=["record"], units=["S1"], personal=True)
    entry = listed(replica)[0]
    assert (entry["event"], entry["actor"]) == ("subscription_changed", "operator:operator")
    assert entry["detail"] == {
        "name": "dashboard", "types": "qihang.public.record.*", "units": "S1", "personal": "True"
    }  # fmt: skip


@pytest.mark.parametrize(("given", "code"), [
    ({"types": ["finding"]}, "bad_type"), ({"types": []}, "bad_type"), ({"units": ["all", "S1"]}, "bad_unit"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused(replica: Replica, given: dict[str, Any], code: str) -> None:
    Reader(replica)
    with pytest.raises(Problem, match=code):
        change(replica, **given)
    with pytest.raises(Problem, match="unknown_subscription"):
        replica.service.subscriptions.change("nobody", {"personal": True}, KEY_HOLDER, "")
