"""`qihang publisher`: what is named for an outside system, and the secrets that are shown once."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, FakeGateway, problem

PUBLISHERS = "/s/participation/api/publishers"


def test_a_publishers_secrets_are_shown_once(qihang: Qihang, gateway: FakeGateway) -> None:
    secrets = {
        "name": "人事",
        "user": "hr",
        "password": "pw[1]",
        "amqp": True,
        "token": "t.o.k",
        "token_expires_at": "2023-11-30T16:05:00.000000Z",
        "vhost": "qihang",
        "exchange": "qihang.intake.hr",
        "receipts": "qihang.receipts.hr",
        "rows_a_minute": 0,
        "bytes_a_minute": 0,
        "answers": "receipts",
        "types": ["qihang.record.*"],
        "units": ["all"],
        "sources": ["/hr"],
        "unnamed": False,
    }
    gateway.on("POST", PUBLISHERS, Answer(201, secrets))
    gateway.on("POST", f"{PUBLISHERS}/.+/rotate", {**secrets, "password": None, "amqp": False})
    gateway.on("DELETE", f"{PUBLISHERS}/.+", Answer(204, b""))
    added = qihang("publisher", "add", "人事", "--types", "record").out.splitlines()
    assert added[:8] == [
        "name: 人事", "user: hr", "password: pw[1]", "vhost: qihang", "exchange: qihang.intake.hr",
        "receipts: qihang.receipts.hr", "token: t.o.k", "token_expires_at: 2023-11-30T16:05:00.000000Z",
    ]  # fmt: skip
    assert not any("amqps" in line for line in added), "the broker is not published"
    assert any(line.startswith("curl ") and line.endswith("/s/participation/api/publisher") for line in added)
    assert "未开通" in qihang("publisher", "rotate", "人事").out
    assert qihang("publisher", "remove", "a/b").code == 0
    assert [call.path for call in gateway.calls] == [
        PUBLISHERS,
        f"{PUBLISHERS}/%E4%BA%BA%E4%BA%8B/rotate",
        f"{PUBLISHERS}/a%2Fb",
    ]


@pytest.mark.parametrize("authority", ["-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n", ""])
def test_where_the_broker_is_published_its_address_authority_and_a_command_are_shown(
    qihang: Qihang, gateway: FakeGateway, authority: str
) -> None:
    secrets = {
        "name": "hr", "user": "hr", "password": "pw-1", "amqp": True, "token": "t.o.k", "vhost": "qihang/1",
        "token_expires_at": "2023-11-30T16:05:00.000000Z", "exchange": "qihang.intake.hr",
        "receipts": "qihang.receipts.hr", "types": ["qihang.record.*"], "units": ["all"], "sources": ["/hr"],
        "unnamed": False, "answers": "receipts", "amqps_address": "mq.example.cn:5671", "amqps_ca": authority,
        "amqps_fingerprint": "ab" * 32 if authority else "",
    }  # fmt: skip
    gateway.on("POST", PUBLISHERS, Answer(201, secrets))
    shown = qihang("publisher", "add", "hr", "--types", "record").out
    assert "amqps: mq.example.cn:5671\n" in shown
    assert (authority in shown and "ab" * 32 in shown) if authority else "颁发者" not in shown
    (command,) = [line for line in shown.splitlines() if "pika" in line and "python3" in line]
    assert command.startswith("SSL_CERT_FILE=qihang-ca.pem python3 -c " if authority else "python3 -c ")
    assert "'amqps://hr:$PASSWORD@mq.example.cn:5671/qihang%2F1'" in command and "pw-1" not in command


def test_a_publisher_is_never_added_twice_by_a_retry(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("POST", PUBLISHERS, problem(502, "service_away"))
    assert qihang("publisher", "add", "hr", "--types", "record").code == 1
    assert len(gateway.calls) == 1


@pytest.mark.parametrize("written", [
    ("--types", "record", "unit.closed", "--units", "X1", "X2"), ("--types", "record,unit.closed", "--units=X1,X2"),
    ("--types", "record", "--types", "unit.closed", "--units", "X1", "--units", "X2"),
])  # fmt: skip
def test_a_list_of_rights_is_written_in_three_ways(
    qihang: Qihang, gateway: FakeGateway, written: tuple[str, ...]
) -> None:
    rights = {"types": ["record", "unit.closed"], "units": ["X1", "X2"], "sources": ["/hr"], "unnamed": False,
              "answers": "receipts"}  # fmt: skip
    gateway.on("POST", f"{PUBLISHERS}/hr/change", {"name": "hr", "amqp": False, **rights})
    shown = qihang("publisher", "change", "hr", *written).out
    assert json.loads(gateway.calls[0].body) == {"types": rights["types"], "units": rights["units"]}
    assert "可报送的单位：X1、X2" in shown


def test_a_publisher_without_types_is_wrong_usage(qihang: Qihang, gateway: FakeGateway) -> None:
    assert qihang("publisher", "add", "hr").code == 2
    assert qihang("publisher", "change", "hr").code == 2
    assert not gateway.calls


def test_publishers_are_listed_with_their_rights(qihang: Qihang, gateway: FakeGateway) -> None:
    listed = {
        "name": "hr",
        "amqp": True,
        "types": ["qihang.record.*"],
        "units": ["all"],
        "sources": ["/hr/*"],
        "unnamed": True,
        "answers": "status",
        "token_expires_at": "2023-11-30T16:05:00.000000Z",
        "rows_a_minute": 600,
        "last_at": "2022-11-30T16:05:00.000000Z",
        "waiting": 2,
        "days": [
            {"day": "2022-12-01", "outcome": "accepted", "code": "", "count": 40},
            {"day": "2022-12-01", "outcome": "refused", "code": "bad_date", "count": 3},
        ],
    }
    gateway.on("GET", PUBLISHERS, {"publishers": [listed]})
    shown = qihang("publisher", "list").out
    figures = ("600 行", "2023-11-30", "待关联：2", "2022-12-01：已接收 40、未接收（bad_date） 3")
    for part in ("hr", "qihang.record.*", "单位：全部", "/hr/*", "user_id", *figures):
        assert part in shown
    assert json.loads(qihang("publisher", "list", "--json").out) == [listed]
