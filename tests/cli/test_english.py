"""With QIHANG_LANG=en the command speaks English in all that it prints."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cli.language import CHINESE, PART, english_texts, localise
from docs.generate import english_of_commands

CLI = Path(__file__).resolve().parents[2] / "cli"
SPEAKING = ("output.py", "main.py", "usage.py")
"""Where words are put into the language of the user."""


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIHANG_LANG", "en")


def test_every_text_of_a_command_has_english() -> None:
    texts = english_of_commands.texts()
    assert len(texts) > 900
    assert sorted(texts - english_texts().keys()) == [], "python -m docs.generate english, and fill in cli/english.json"


def test_its_english_has_the_same_parts_and_nothing_chinese() -> None:
    for chinese, english in english_texts().items():
        assert chinese.count(PART) == len(re.findall(r"\{\d?\}", english)), chinese
        assert not CHINESE.search(english), english


def test_nothing_is_printed_past_the_language() -> None:
    """Progress bars, questions and notices too: by cli/output.py, or put into the language where they are printed."""
    bypassing = [f"{path.name}:{node.lineno}" for path in CLI.rglob("*.py") if path.name not in SPEAKING
             for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
             if ast.unparse(node.func) in ("print", "typer.echo", "typer.confirm", "typer.prompt", "sys.stdout.write")
             and CHINESE.search(ast.unparse(node)) and "localise(" not in ast.unparse(node)]  # fmt: skip
    assert bypassing == []


@pytest.mark.parametrize(("chinese", "english"), [
    ("participation 数据 broken 有 2 行与重建的不同", "participation rows broken 2 rows differ from the rebuild"),
    ("还没有完成：assessment、console；服务恢复后会自行完成，可再次执行本命令查看",
     "not finished yet: assessment, console; it will be once the services are back, run this command again to see"),
    ("assessment：连接不上", "assessment: no connection"),
    ("  每分钟最多：100 行、5 字节", "  at most a minute: 100 rows, 5 bytes"),
    ("2 行，1 件（1 行是重复的）", "2 lines, 1 events (1 lines are duplicates)"),
    ("核对 participation/0", "verifying participation/0"), ("王小明", "王小明"), ("一小（东校区）", "一小（东校区）"),
])  # fmt: skip
def test_what_is_put_together_is_english_in_its_parts_too(chinese: str, english: str) -> None:
    assert localise(chinese) == english
