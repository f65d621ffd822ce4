"""What a letter says: polite, in the words of the glossary, within a robot's bytes, and nobody's name in a group."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.notifications.digests import message_texts
from services.notifications.digests.addressees import Addressee, DisplayNames
from services.notifications.digests.domain.items import DigestItem
from services.notifications.digests.message_texts import MessageText, period_label
from services.notifications.digests.robot_text import MARKDOWN_BYTES, RobotLine, robot_text

FORBIDDEN = ("上报", "处罚", "落后", "抄袭")
WORDS = DisplayNames(
    "学论述",
    {"notes": "学习笔记"},
    {"depth": "学习深度"},
    {"X1": "第1中学", "X2": "第2小学", "O3": "人事股"},
    {"P1": "许悦丽"},
)


def item(stage: str, what: str = "notes", person: str = "", quantity: str = "1", note: str = "") -> DigestItem:
    due = "" if stage == "scored" else "2022-12-31"
    ref = "depth" if what == "sheet" else ""
    return DigestItem(stage, what, "2022-autumn", ref, "X1", person, due, quantity, "2023-01-03", note)


def render_message(
    recipient: str, day: str, as_of: str, items: Sequence[DigestItem], names: DisplayNames
) -> MessageText:
    """A letter to one recipient."""
    return message_texts.render_message([Addressee(recipient, "X1", items)], day, as_of, names)


@pytest.mark.parametrize("recipient", ["person-P1", "clerk-X1", "head-X1", "office-O3", "campaign-office"])
def test_a_message_is_polite_and_uses_no_forbidden_word(recipient: str) -> None:
    stages = ("due_soon", "due_today", "overdue")
    result = render_message(recipient, "2023-01-03", "08:30", [item(stage, note="1") for stage in stages], WORDS)
    assert "，您好！" in result.text.splitlines()[0] and "谢谢" in result.text
    assert not any(word in part for part in result for word in FORBIDDEN)
    assert result.subject.endswith("·学论述：1 项今天到期、1 项逾期未完成、1 项即将到期（2023年1月3日）")


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
    lines = [line for line in result.markdown.splitlines() if line.startswith("> 很长")]
    assert all(line.endswith("截止日 2022年12月31日") for line in lines), "cut at a line's end"
    rest = quantity - len(lines)
    assert result.markdown.endswith(f"… 另有 {rest} 项，请在系统消息箱中查看。") == bool(rest) == (quantity > 10)


def test_a_heading_whose_lines_do_not_fit_is_left_out_with_them() -> None:
    lines = [RobotLine("> **一**"), RobotLine("> 甲", 2), RobotLine("> **二**"), RobotLine("> 乙" * 40, 3)]
    whole = robot_text("题", lines, 4096)
    assert "另有" not in whole and whole.endswith("乙")
    cut = robot_text("题", lines, 120)
    assert cut.splitlines() == ["**题**", "> **一**", "> 甲", "… 另有 3 项，请在系统消息箱中查看。"]
    assert len(cut.encode()) <= 120
    assert len(robot_text("很长的主题" * 40, lines, 120).encode()) <= 120


@pytest.mark.parametrize(
    ("recipient", "unit", "addressed"),
    [
        ("person-P1", "第1中学", "第1中学 许悦丽，您好！"),
        ("person-P2", "第1中学", "第1中学，您好！"),
        ("clerk-X1", "第1中学", "第1中学填报员，您好！"),
        ("head-X2", "第2小学", "第2小学主要负责人，您好！"),
        ("office-O3", "人事股", "人事股，您好！"),
        ("campaign-office", "活动领导小组办公室", "活动领导小组办公室，您好！"),
    ],
)
def test_the_unit_s_name_stands_in_subject_salutation_and_robot_message(
    recipient: str, unit: str, addressed: str
) -> None:
    result = render_message(recipient, "2023-01-03", "08:30", [item("overdue")], WORDS)
    assert result.subject.startswith(f"【催办提醒】{unit}·学论述：")
    assert result.text.startswith(addressed) and f"<p>{addressed}" in result.html
    assert result.markdown.startswith(f"**【催办提醒】{unit}·") and "许悦丽" not in result.markdown


def test_one_person_with_several_posts_reads_each_under_its_post() -> None:
    addressees = [
        Addressee("clerk-X1", "X1", [item("overdue", person="P1")]),
        Addressee("head-X2", "X2", [item("due_soon")]),
        Addressee("person-P1", "X1", [item("overdue", person="P1")]),
    ]
    result = message_texts.render_message(addressees, "2023-01-03", "08:30", WORDS)
    assert result.subject == "【催办提醒】第1中学等 2 个单位·学论述：2 项逾期未完成、1 项即将到期（2023年1月3日）"
    assert result.text.startswith("第1中学填报员、第2小学主要负责人、第1中学 许悦丽，您好！")
    titles = [line for line in result.text.splitlines() if line.startswith("■")]
    assert titles == ["■ 第1中学填报员", "■ 第2小学主要负责人", "■ 第1中学 许悦丽"]
    assert "许悦丽" not in result.markdown and "**第2小学主要负责人**" in result.markdown


def test_periods_are_written_in_words() -> None:
    assert [period_label(entry) for entry in ("2022-11", "2022-Q4", "2022", "2023-spring", "own")] == [
        "2022年11月", "2022年第4季度", "2022年", "2023年春季学期", "own",
    ]  # fmt: skip
