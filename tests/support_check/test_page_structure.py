"""Pages are one to the checker of accessibility where only words, numbers and the count of rows differ."""

from __future__ import annotations

import pytest

from tests.journeys.page_structure import links_of, structures_of

PAGE = """<html lang="zh"><body><nav><a href="/a" class="active">甲</a><a href="/b">乙</a></nav><main><h1>台账</h1>
<table><tr><td>1</td></tr></table><label for="f-1">单位</label><input id="f-1" type="text">
<img src="x.png" alt="图"></main></body></html>"""


@pytest.mark.parametrize(("old", "new"), [
    ("台账", "得分"), ("<tr><td>1</td></tr>", "<tr><td>2</td></tr><tr><td>3</td></tr>"), ("x.png", "y.png"),
    ('<a href="/a" class="active">甲</a><a href="/b">乙</a>', '<a href="/a">甲</a><a href="/b" class="active">乙</a>'),
])  # fmt: skip
def test_other_words_rows_and_places_are_the_same_page(old: str, new: str) -> None:
    assert old in PAGE and structures_of(PAGE.replace(old, new)) == structures_of(PAGE)


@pytest.mark.parametrize(("old", "new"), [
    ('<label for="f-1">单位</label>', ""), (">单位<", "><"), ('for="f-1"', 'for="f-2"'), (' alt="图"', ""),
    ('alt="图"', 'alt=""'), ('type="text"', 'type="checkbox"'), ("<td>1</td>", '<td id="f-1">1</td>'),
    ("<td>1</td>", "<th>1</th>"), ("台账", "A" * 40), ('class="active"', 'class="faint"'), (' lang="zh"', ""),
])  # fmt: skip
def test_what_the_checker_could_find_makes_another_page(old: str, new: str) -> None:
    assert old in PAGE and structures_of(PAGE.replace(old, new)) != structures_of(PAGE)


def test_links_without_files() -> None:
    assert links_of('<a href="/a">1</a><a href="/f.csv" download>2</a><a>3</a>') == ["/a"]
