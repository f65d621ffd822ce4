"""How a wrong call is answered: in Chinese, in English with QIHANG_LANG=en; help likewise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.language import localise
from cli.usage import wrong_words


def called(*words: str, language: str = "") -> tuple[int, str, str]:
    environment = {"PATH": "/usr/bin:/bin", "QIHANG_LANG": language, "COLUMNS": "160"}
    command = [Path(sys.executable).with_name("qihang"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("message", "words"), [
    ("Missing argument 'WORK'.", "缺少参数 WORK"),
    ("Missing option '--author'.", "缺少选项 '--author'"),
    ("No such option: --rowss (Possible options: --rows)", "没有选项 --rowss，是不是 --rows"),
    ("No such command 'wrok'.", "没有命令 wrok"),
    ("No such command 'nominat'. Did you mean 'nominate'?", "没有命令 nominat，是不是 'nominate'"),
    ("Got unexpected extra argument(s) (x y)", "多了参数：x y"),
    ("Option '--day' requires an argument.", "选项 --day 后面要写值"),
    ("Option '--rows' does not take a value.", "选项 --rows 后面不写值"),
    ("Invalid value for '[KIND]': Value error, 'x' is not one of 'a'.", "KIND 的值不对：'x' 不在其中：'a'"),
    ("Invalid value for '--hours': Value 'x' is not a valid integer.", "--hours 的值不对：'x' 不是整数"),
])  # fmt: skip
def test_what_typer_says_of_a_call_is_put_into_chinese(message: str, words: str) -> None:
    assert wrong_words(message) == words


def test_a_wrong_call_names_what_is_wrong_and_where_help_is() -> None:
    code, out, error = called("work", "nominate")
    assert (code, out) == (2, "") and "说明：qihang work nominate --help" in error
    assert error.endswith("qihang: 缺少参数 WORK\n")
    code, out, _ = called("work", "--help")
    assert code == 0 and out.startswith("用法：qihang work [选项] 命令") and "显示这段说明" in out


def test_english_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, error = called("work", "nominate", language="en")
    assert code == 2 and "Missing argument 'WORK'" in error and "Try 'qihang work nominate --help'" in error
    _, out, _ = called("work", "nominate", "--help", language="en")
    assert "id of the work" in out and "作品编号" not in out
    monkeypatch.setenv("QIHANG_LANG", "en")
    assert localise("作品编号") == "id of the work"
    monkeypatch.delenv("QIHANG_LANG")
    assert localise("作品编号") == "作品编号"


def test_python_runs_the_command_as_a_module() -> None:
    assert subprocess.run([sys.executable, "-m", "cli.main", "--version"], check=False).returncode == 0
