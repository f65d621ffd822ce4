"""A file or value that publicity refuses is shown in the sentence, with what to do; never its content."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from services.publicity.refusal_messages import SENTENCES
from services.publicity.rendering import read_manuscript, renderer
from services.publicity.rendering.word import package
from services.publicity.request_values import checked_id, day_until, instant_until, one_line_text
from services.reading import pictures
from tests.services.publicity.test_works_handed_in import REFUSED, WORKS

FILES = {
    "program.txt": (b"MZ" + b"x" * 20_000, "file_type", "Windows 程序，20 KB"),
    "archive.docx": (b"PK\x03\x04" + b"x" * 96, "broken_document", "ZIP 或 Office 文件，100 字节"),
    "drawing.png": (b"\xd7\xcd\xc6\x9a" + b"x" * 96, "picture_format", "WMF 图片，100 字节"),
    "phone.heic": (b"\0\0\0\x18ftypheic" + b"x" * 88, "picture_format", "HEIC 图片或视频，100 字节"),
    "cut.jpg": (b"\xff\xd8\xff" + b"x" * 97, "broken_picture", "JPEG 图片，100 字节"),
    "noise.txt": (bytes(range(1, 256)) * 8, "not_text", "2040 字节"),
    "portable.docx": (b"%PDF-1.7\n", "other_document", "PDF 文档"),
    "long.txt": ("好".encode() * 400_000, "text_too_long", "1 MB"),
}
WORDS = {"empty_file": "0 字节", "nothing_in_it": "字节|KB", "old_or_locked_office_file": "旧版 Office 文件，|字节|KB",
         "other_document": "网页|RTF", "document_too_large": r"\d"}  # fmt: skip


def refused(content: bytes) -> Problem:
    with pytest.raises(Problem) as problem:
        renderer.read_manuscript(content)
    return problem.value


@pytest.mark.parametrize("name", FILES)
def test_the_sentence_shows_what_was_handed_in_and_a_way_out(name: str) -> None:
    content, code, shown = FILES[name]
    problem = refused(content)
    assert problem.code == code and shown in problem.detail and "请" in problem.detail
    assert "xx" not in problem.detail


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_so_does_that_of_each_case(case: str) -> None:
    problem = refused((WORKS / case).read_bytes())
    assert problem.code == REFUSED[case]
    assert re.search(WORDS[problem.code], problem.detail) and "（）" not in problem.detail, problem.detail


def codes_of(*modules: object) -> set[str]:
    """Codes of SENTENCES that stand as texts in these modules: what a file may be refused with."""
    texts = {node.value for module in modules for node in ast.walk(ast.parse(Path(str(module)).read_text("utf-8")))
             if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    return texts & SENTENCES.keys()


def test_each_refusal_of_a_file_has_a_place_for_what_it_was_and_a_remedy() -> None:
    codes = codes_of(read_manuscript.__file__, pictures.__file__, package.__file__) | {"file_costs_too_much"}
    assert len(codes) >= 16
    for code in codes:
        assert "{detail}" in SENTENCES[code] and "请" in SENTENCES[code], code


def test_each_value_of_a_request_is_shown_but_a_text_only_by_its_length() -> None:
    def sentence(act: object, *given: object) -> str:
        with pytest.raises(Problem) as problem:
            act(*given)  # type: ignore[operator]
        return problem.value.detail

    assert "“文章 1”" in sentence(checked_id, "文章 1", "article_id")
    assert "“a□b”" in sentence(checked_id, "a\nb", "article_id")
    assert "…" in sentence(checked_id, "a" * 500, "article_id")
    assert "日期“昨天”" in sentence(day_until, "2022-12-05", "昨天", "on")
    assert "时间“2099-01-01T00:00:00Z”" in sentence(instant_until, "2022-12-05", None, "2099-01-01T00:00:00Z")
    text = sentence(one_line_text, "张三的私事\n" * 30, "reason")
    assert "180 个字" in text and "张三" not in text
