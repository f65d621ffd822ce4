"""Where a command finds the system, whose token it shows, and how it says that it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Qihang
from tests.cli.doorkeeper import Answer, Call, Doorkeeper, problem

QUARANTINE = "/s/participation/api/quarantine/1/discard"
DISCARD = ("quarantine", "discard", "participation/1", "--reason", "x")


@pytest.fixture
def data(doorkeeper: Doorkeeper, tmp_path: Path) -> Path:
    """The folder of an embedded system."""
    (tmp_path / "address").write_text(doorkeeper.url + "\n")
    (tmp_path / "operator.token").write_text(f"{doorkeeper.token}\n")
    doorkeeper.on("POST", QUARANTINE, {"discarded": 1})
    return tmp_path


def test_an_embedded_system_is_found_by_its_folder(data: Path) -> None:
    assert Qihang(data, {"QIHANG_DATA": str(data)})(*DISCARD).code == 0


def test_an_address_and_a_token_file_are_enough(data: Path, doorkeeper: Doorkeeper) -> None:
    settings = {"QIHANG_URL": doorkeeper.url + "/", "QIHANG_TOKEN_FILE": str(data / "operator.token")}
    assert Qihang(data, settings)(*DISCARD).code == 0


def test_a_token_that_is_rotated_while_a_command_runs_is_read_again(data: Path, doorkeeper: Doorkeeper) -> None:
    def rotated(call: Call) -> Answer:
        (data / "operator.token").write_text("second-token")
        doorkeeper.token = "second-token"
        return problem(401, "token_expired")

    doorkeeper.on("POST", QUARANTINE, rotated)
    first = Qihang(data, {"QIHANG_DATA": str(data)})(*DISCARD)
    assert first.code == 1  # the doors themselves refuse the second token too: it was tried, once
    assert [call.headers["authorization"] for call in doorkeeper.called("POST", QUARANTINE)] == [
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
def test_a_system_that_is_not_found_is_said_in_one_line(
    tmp_path: Path, settings: dict[str, str], code: int, words: str
) -> None:
    ended = Qihang(tmp_path, settings)(*DISCARD)
    assert ended.code == code and words in ended.err
    assert ended.err.startswith("qihang: ") and ended.err.count("\n") == 1 and ended.out == ""


def test_surroundings_with_a_proxy_or_a_netrc_do_not_get_between(data: Path, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("default login a password b\n")
    nowhere = "http://127.0.0.1:9"
    surroundings = {"HOME": str(tmp_path), "http_proxy": nowhere, "HTTP_PROXY": nowhere}
    assert Qihang(data, {"QIHANG_DATA": str(data), **surroundings})(*DISCARD).code == 0


def test_an_address_that_is_not_ours_is_said_so(qihang: Qihang, doorkeeper: Doorkeeper) -> None:
    doorkeeper.on("GET", "/s/assessment/api/scoreboard", Answer(200, b"<html>", "text/html"))
    ended = qihang("scoreboard")
    assert ended.code == 1 and "不是 JSON" in ended.err
