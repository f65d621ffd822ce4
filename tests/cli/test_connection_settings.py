"""Which address and token a command uses, and its error message when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

QUARANTINE = "/s/participation/api/quarantine/1/discard"
DISCARD = ("quarantine", "discard", "participation/1", "--reason", "x")


@pytest.fixture
def data(gateway: FakeGateway, tmp_path: Path) -> Path:
    """The folder of an embedded system."""
    (tmp_path / "address").write_text(gateway.url + "\n")
    (tmp_path / "operator.token").write_text(f"{gateway.token}\n")
    gateway.on("POST", QUARANTINE, {"discarded": 1})
    return tmp_path


def test_an_embedded_system_is_found_by_its_folder(data: Path) -> None:
    assert Qihang(data, {"QIHANG_DATA": str(data)})(*DISCARD).code == 0


def test_an_address_and_a_token_file_are_enough(data: Path, gateway: FakeGateway) -> None:
    settings = {"QIHANG_URL": gateway.url + "/", "QIHANG_TOKEN_FILE": str(data / "operator.token")}
    assert Qihang(data, settings)(*DISCARD).code == 0


def test_a_token_that_is_rotated_while_a_command_runs_is_read_again(data: Path, gateway: FakeGateway) -> None:
    def rotated(call: Call) -> Answer:
        (data / "operator.token").write_text("second-token")
        gateway.token = "second-token"
        return problem(401, "token_expired")

    gateway.on("POST", QUARANTINE, rotated)
    first = Qihang(data, {"QIHANG_DATA": str(data)})(*DISCARD)
    assert first.code == 1  # the fake refuses the second token too: it was tried, once
    assert [call.headers["authorization"] for call in gateway.called("POST", QUARANTINE)] == [
        "Bearer first-token",
        "Bearer second-token",
    ]


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({}, 2, "QIHANG_DATA"),
        ({"QIHANG_URL": "localhost:8000", "QIHANG_TOKEN": "x"}, 2, "http://"),
        ({"QIHANG_URL": "http://127.0.0.1:9"}, 2, "QIHANG_TOKEN"),
        ({"QIHANG_URL": "http://127.0.0.1:9", "QIHANG_TOKEN": "x"}, 1, "拒绝连接"),
        ({"QIHANG_URL": "http://127.0.0.1:9", "QIHANG_TOKEN_FILE": "/nowhere"}, 1, "令牌文件"),
        ({"QIHANG_DATA": "/nowhere"}, 1, "没有运行"),
    ],
)
def test_a_system_that_is_not_found_is_reported_in_one_line(
    tmp_path: Path, settings: dict[str, str], code: int, words: str
) -> None:
    result = Qihang(tmp_path, settings)(*DISCARD)
    assert result.code == code and words in result.err
    assert result.err.startswith("qihang: ") and result.err.count("\n") == 1 and result.out == ""


def test_surroundings_with_a_proxy_or_a_netrc_do_not_get_between(data: Path, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("default login a password b\n")
    nowhere = "http://127.0.0.1:9"
    surroundings = {"HOME": str(tmp_path), "http_proxy": nowhere, "HTTP_PROXY": nowhere}
    assert Qihang(data, {"QIHANG_DATA": str(data), **surroundings})(*DISCARD).code == 0


def test_an_address_that_is_not_ours_is_reported(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.on("GET", "/s/assessment/api/scoreboard", Answer(200, b"<html>", "text/html"))
    result = qihang("scoreboard")
    assert result.code == 1 and "不是 JSON" in result.err
