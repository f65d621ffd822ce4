"""`qihang subscription`: what is named for a system that reads, and the token that is shown once."""

from __future__ import annotations

import json

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, FakeGateway

SUBSCRIPTIONS = "/s/participation/api/subscriptions"
LISTED = {"name": "dashboard", "types": ["qihang.public.record.*"], "units": ["all"], "personal": False,
          "token_expires_at": "2023-12-05T01:02:03.000004Z"}  # fmt: skip


def test_a_subscription_is_added_with_a_token_that_is_shown_once(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", SUBSCRIPTIONS, Answer(201, {**LISTED, "token": "t.o.k", "units": ["X1", "X2"]}))
    gateway.on("POST", f"{SUBSCRIPTIONS}/.+/rotate", {**LISTED, "token": "f.r.e", "personal": True})
    gateway.on("DELETE", f"{SUBSCRIPTIONS}/.+", Answer(204, b""))
    added = qihang("subscription", "add", "dashboard", "--types", "record", "--units", "X1", "X2").out
    assert json.loads(gateway.calls[0].body) == {
        "name": "dashboard", "types": ["record"], "units": ["X1", "X2"], "personal": False,
    }  # fmt: skip
    for part in ("token: t.o.k", "单位：X1、X2", "假名", "/api/subscriptions/dashboard/events"):
        assert part in added
    rotated = qihang("subscription", "rotate", "dashboard").out
    assert "token: f.r.e" in rotated and "  含个人信息" in rotated
    assert "已撤销 dashboard" in qihang("subscription", "revoke", "dashboard").out


def test_subscriptions_are_listed(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("GET", SUBSCRIPTIONS, {"subscriptions": [LISTED]})
    shown = qihang("subscription", "list").out
    assert "name: dashboard" in shown and "单位：全部" in shown
    waits = {"position": "", "behind": 9, "behind_since": "2022-12-05T01:02:03.000004Z", "given": 0, "last_at": "",
             "failing_since": "", "code": ""}  # fmt: skip
    gateway.on("GET", SUBSCRIPTIONS, {"subscriptions": [{**LISTED, "read": waits}]})
    shown = qihang("subscription", "list").out
    assert "还没有来读过；日志中还有 9 条未看，最早的是 2022-12-05T01:02:03 的" in shown
    hangs = {**waits, "given": 4, "behind_since": "", "last_at": "2022-12-06T08:00:00Z", "code": "same_place",
             "behind": 0, "failing_since": "2022-12-06T07:00:00Z"}  # fmt: skip
    gateway.on("GET", SUBSCRIPTIONS, {"subscriptions": [{**LISTED, "read": hangs}]})
    shown = qihang("subscription", "list").out
    assert "来读：已读 4 个，最近 2022-12-06T08:00:00；日志中还有 0 条未看\n" in shown
    assert "受阻：总从同一个位置来读，没有记住读到了哪里，自 2022-12-06T07:00:00 起" in shown
    gateway.on("GET", SUBSCRIPTIONS, {"subscriptions": [LISTED]})
    assert json.loads(qihang("subscription", "list", "--json").out) == [LISTED]


def test_without_types_it_is_wrong_usage(qihang: Qihang, gateway: FakeGateway) -> None:
    assert qihang("subscription", "add", "dashboard").code == 2
    assert not gateway.calls


SUMMARY = {"way": "webhook", "address": "https://a.example/x", "mode": "batched", "state": "running", "position": "9.a",
           "behind": 3, "behind_since": "2022-12-05T01:02:03.000004Z", "delivered": 12, "undelivered": 1,
           "last_at": "2022-12-05T01:02:03.000004Z", "attempts": 2,
           "failing_since": "2022-12-05T01:02:03.000004Z", "next_at": "2022-12-05T01:03:03.000004Z",
           "code": "http_503", "detail": ""}  # fmt: skip


def test_a_webhook_is_added_with_its_options_and_its_secret(qihang: Qihang, gateway: FakeGateway) -> None:
    answer = {**LISTED, "token": "t.o.k", "delivery": {"secret": "whsec_c2VjcmV0"}}
    gateway.on("POST", SUBSCRIPTIONS, Answer(201, answer))
    added = qihang("subscription", "add", "dashboard", "--types", "record", "unit", "--webhook", "https://a.example/x",
                   "--mode", "batched", "--batch", "50", "--no-handshake", "--from", "end").out  # fmt: skip
    body = json.loads(gateway.calls[0].body)
    assert body["types"] == ["record", "unit"] and body["start"] == "end"
    assert body["webhook"] == {"url": "https://a.example/x", "mode": "batched", "batch": 50, "handshake": False}
    assert "secret: whsec_c2VjcmV0" in added


def test_what_it_may_read_is_changed_alone_or_with_its_delivery(qihang: Qihang, gateway: FakeGateway) -> None:
    changed = {**LISTED, "units": ["X1", "X2"], "personal": True}
    gateway.on("POST", f"{SUBSCRIPTIONS}/dashboard/change", changed)
    gateway.on("POST", f"{SUBSCRIPTIONS}/dashboard/delivery", {"secret": "whsec_c2VjcmV0"})
    out = qihang("subscription", "change", "dashboard", "--units", "X1", "X2", "--personal").out
    assert "单位：X1、X2" in out and "从现在起按此读取" in out
    assert json.loads(gateway.calls[0].body) == {"units": ["X1", "X2"], "personal": True}
    words = ("--types", "record", "unit", "--no-personal", "--webhook", "https://a.example/x")
    out = qihang("subscription", "change", "dashboard", *words).out
    assert [json.loads(call.body) for call in gateway.calls[1:]] == [
        {"types": ["record", "unit"], "personal": False}, {"webhook": {"url": "https://a.example/x"}}]  # fmt: skip
    assert "whsec_c2VjcmV0" in out and "推送已设定" in out


def test_a_queue_is_added_with_all_that_its_reader_needs(qihang: Qihang, gateway: FakeGateway) -> None:
    secrets = {"user": "subscription~oa", "password": "p", "vhost": "qihang", "queue": "qihang.subscription.oa",
               "amqps_address": "mq.example.cn:5671", "amqps_ca": "-----BEGIN-----",
               "amqps_fingerprint": "ab"}  # fmt: skip
    gateway.on("POST", SUBSCRIPTIONS, Answer(201, {**LISTED, "token": "t.o.k", "delivery": secrets}))
    added = qihang("subscription", "add", "oa", "--types", "record", "--amqp", "--length", "7").out
    assert json.loads(gateway.calls[0].body)["amqp"] == {"length": 7}
    for part in ("user: subscription~oa", "queue: qihang.subscription.oa", "amqps: mq.example.cn:5671",
                 "amqps://subscription~oa:$PASSWORD@mq.example.cn:5671/qihang", "-----BEGIN-----"):  # fmt: skip
        assert part in added


def test_what_holds_a_delivery_up_is_listed(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("GET", SUBSCRIPTIONS, {"subscriptions": [{**LISTED, "delivery": SUMMARY}]})
    shown = qihang("subscription", "list").out
    for part in (
        "webhook（batched） https://a.example/x，正常",
        "已推送 12 个",
        "受阻：http_503，已试 2 次",
        "放弃推送的事件：1 个",
    ):
        assert part in shown


def test_an_operator_intervenes(qihang: Qihang, gateway: FakeGateway) -> None:
    failure = {"entry": 4, "event_id": "a-0-9", "type": "qihang.public.record.accepted.v1", "attempts": 10,
               "code": "http_422", "detail": "", "at": "2022-12-05T01:02:03.000004Z", "state": "open"}  # fmt: skip
    gateway.on("GET", f"{SUBSCRIPTIONS}/dashboard/failures", {"failures": [failure]})
    gateway.on("POST", f"{SUBSCRIPTIONS}/dashboard/(retry|skip)", {"count": 1})
    gateway.on("POST", f"{SUBSCRIPTIONS}/dashboard/(pause|resume|replay)", Answer(204, b""))
    gateway.on(
        "POST", f"{SUBSCRIPTIONS}/dashboard/rotate-secret", {"secret": "whsec_bmV1", "former_until": "2022-12-06"}
    )
    gateway.on("DELETE", f"{SUBSCRIPTIONS}/dashboard/delivery", Answer(204, b""))
    assert "4  2022-12-05T01:02:03" in qihang("subscription", "failures", "dashboard").out
    assert "将重试 1 个" in qihang("subscription", "retry", "dashboard", "4").out
    assert "已跳过 1 个" in qihang("subscription", "skip", "dashboard").out
    bodies = [json.loads(call.body) for call in gateway.calls if call.method == "POST"]
    assert bodies == [{"entries": [4]}, {"entries": []}]
    for words in (("pause",), ("resume",), ("replay", "--from", "start"), ("change", "--none")):
        assert qihang("subscription", words[0], "dashboard", *words[1:]).code == 0
    assert "whsec_bmV1" in qihang("subscription", "rotate", "dashboard", "--secret").out


def test_options_that_do_not_fit_together_are_wrong_usage(qihang: Qihang, gateway: FakeGateway) -> None:
    for words in (
        ("--mode", "binary"),
        ("--length", "5"),
        ("--from", "end"),
        ("--webhook", "https://a", "--mode", "x"),
    ):
        assert qihang("subscription", "add", "dashboard", "--types", "record", *words).code == 2
    assert qihang("subscription", "change", "dashboard").code == 2
    assert not gateway.calls
