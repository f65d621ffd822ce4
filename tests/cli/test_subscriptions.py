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
    assert json.loads(qihang("subscription", "list", "--json").out) == [LISTED]


def test_without_types_it_is_wrong_usage(qihang: Qihang, gateway: FakeGateway) -> None:
    assert qihang("subscription", "add", "dashboard").code == 2
    assert not gateway.calls
