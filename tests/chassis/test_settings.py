"""Settings: from the environment or from files; what is wrong is named with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.process import settings
from chassis.process.settings import BadSetting
from tests.chassis.children import python


def test_nothing_given_is_the_embedded_default() -> None:
    assert settings.load({}) == settings.Settings()


def test_each_comes_from_the_environment() -> None:
    result = settings.load({"QIHANG_DISTRICT": "d7", "QIHANG_PARTITIONS": "4", "PATH": "/", "QIHANG_UNKNOWN": "x"})
    assert (result.district, result.partitions) == ("d7", 4)


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("amqp://u:p@h/v\n")
    assert settings.load({"QIHANG_AMQP_URL_FILE": str(secret)}).amqp_url == "amqp://u:p@h/v"


def test_the_environment_itself_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("file")
    assert settings.load({"QIHANG_DISTRICT": "env", "QIHANG_DISTRICT_FILE": str(tmp_path / "d")}).district == "env"


@pytest.mark.parametrize("text", ["many", "1.5", "", "9" * 5000])
def test_a_number_that_is_none_is_named(text: str) -> None:
    with pytest.raises(BadSetting, match="QIHANG_PARTITIONS"):
        settings.load({"QIHANG_PARTITIONS": text})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"QIHANG_AMQP_URL_FILE: .*none.* check the path"):
        settings.load({"QIHANG_AMQP_URL_FILE": str(tmp_path / "none")})


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSetting, match="QIHANG_AMQP_URL_FILE"):
        settings.load({"QIHANG_AMQP_URL_FILE": str(tmp_path / "b")})


def test_peers_are_found_by_name() -> None:
    result = settings.load({"QIHANG_PEERS": "participation=http://a:1/,assessment=http://b:2"})
    assert [result.peer(name) for name in ("participation", "assessment", "publicity")] == [
        "http://a:1", "http://b:2", "http://127.0.0.1:8003"]  # fmt: skip


@pytest.mark.parametrize("peers", ["participation", "participation=http://a:1,nonsense"])
def test_peers_that_are_no_pairs_are_named(peers: str) -> None:
    with pytest.raises(BadSetting, match="QIHANG_PEERS"):
        settings.load({"QIHANG_PEERS": peers})


def test_the_process_ends_with_one_line(tmp_path: Path) -> None:
    script = "import sys; from chassis.runtime import launcher; sys.exit(launcher.main(['participation']))"
    process = python(script, tmp_path / "log", QIHANG_DATA=str(tmp_path), QIHANG_PARTITIONS="many")
    assert process.wait(30) == 1
    assert process.output().splitlines() == ["qihang: QIHANG_PARTITIONS: 'many' is not a whole number"]
