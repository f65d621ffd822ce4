"""What a letter says: polite, in the words of the glossary, within a robot's bytes, and nobody's name in a group."""

from __future__ import annotations

import pytest

from services.notifications.digests.domain.items import DigestItem
from services.notifications.digests.message_texts import MARKDOWN_BYTES, DisplayNames, period_label, render_message

FORBIDDEN = ("上报", "处罚", "落后", "抄袭")
WORDS = DisplayNames("学论述", {"notes": "学习笔记"}, {"depth": "学习深度"}, {"X1": "第1中学"}, {"P1": "许悦丽"})


def item(stage: str, what: str = "notes", person: str = "", quantity: str = "1", note: str = "") -> DigestItem:
    due = "" if stage == "scored" else "2022-12-31"
    ref = "depth" if what == "sheet" else ""
    return DigestItem(stage, what, "2022-autumn", ref, "X1", person, due, quantity, "2023-01-03", note)


@pytest.mark.parametrize("recipient", ["person-P1", "clerk-X1", "head-X1", "office-O3", "campaign-office"])
def test_a_message_is_polite_and_uses_no_forbidden_word(recipient: str) -> None:
    stages = ("due_soon", "due_today", "overdue")
    result = render_message(recipient, "2023-01-03", "08:30", [item(stage, note="1") for stage in stages], WORDS)
    assert result.text.startswith("您好！") and "谢谢" in result.text
    assert not any(word in part for part in result for word in FORBIDDEN)
    assert result.subject == "【催办提醒】学论述：1 项今天到期、1 项逾期未完成、1 项即将到期（2023年1月3日）"


def test_the_clerk_reads_names_and_the_group_counts() -> None:
    items = [item("overdue", person="P1"), item("overdue", person="P2")]
    result = render_message("clerk-X1", "2023-01-03", "08:30", items, WORDS)
    line = "学习笔记（2022年秋季学期），截止日 2022年12月31日：2 人"
    assert f"{line}（许悦丽、P2）" in result.text and f"{line}（许悦丽、P2）" in result.html
    assert line in result.markdown and "许悦丽" not in result.markdown and "P2" not in result.markdown


def test_what_was_returned_is_listed_in_the_unit_and_counted_in_a_group() -> None:
    items = [
        DigestItem("returned", "returned", "2022-12-05", ref, "X1", person, "", "1", "2022-12-05", by)
        for ref, person, by in (("work W1", "P1", "unit"), ("work W2", "P2", "reviewer"), ("article A1", "", "final"))
    ]
    result = render_message("clerk-X1", "2022-12-06", "08:30", items, WORDS)
    messages = "2022年12月5日退回，请修改后重新提交："
    assert f"{messages}推文 A1（终审退回）、作品 W1（单位退回，许悦丽）、作品 W2（评审人退回，P2）" in result.text
    assert f"{messages}作品 2 件、推文 1 件" in result.markdown
    assert not any(word in result.markdown for word in ("许悦丽", "P2", "W1"))


def test_a_unit_reads_its_own_points() -> None:
    result = render_message("head-X1", "2023-01-03", "08:30", [item("scored", "sheet", note="26")], WORDS)
    assert "季考核表（2022年秋季学期）：学习深度 26 分" in result.text


def test_markup_in_a_name_stays_a_name() -> None:
    words = DisplayNames("<b>学</b>", {"notes": "**笔记**"}, {}, {})
    result = render_message("person-P1", "2023-01-03", "08:30", [item("overdue")], words)
    assert "<b>" not in result.html and "&lt;b&gt;" in result.html
    assert "**笔记**" not in result.markdown


@pytest.mark.parametrize("quantity", [1, 40, 400])
def test_a_robot_gets_no_more_bytes_than_it_takes(quantity: int) -> None:
    duties = {f"d{n}": "很长的任务名称" * 3 for n in range(quantity)}
    items = [item("overdue", f"d{n}") for n in range(quantity)]
    result = render_message("clerk-X1", "2023-01-03", "08:30", items, DisplayNames("学论述", duties, {}, {}))
    assert len(result.markdown.encode()) <= MARKDOWN_BYTES
    assert ("消息箱" in result.markdown) == (quantity > 10)


def test_periods_are_written_in_words() -> None:
    assert [period_label(entry) for entry in ("2022-11", "2022-Q4", "2022", "2023-spring", "own")] == [
        "2022年11月", "2022年第4季度", "2022年", "2023年春季学期", "own",
    ]  # fmt: skip
