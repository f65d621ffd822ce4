"""The text of a digest: a polite reminder as plain text, as HTML and, without any person, for a group robot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import groupby
from typing import Final, NamedTuple

from duties.days import day_of
from duties.reminders import Reminders
from services.notifications.digests.addressees import Addressee, DisplayNames, salutation, unit_names
from services.notifications.digests.domain.items import FINDING, RETURN, SHEET, DigestItem
from services.notifications.digests.robot_text import RobotLine, plain, robot_text
from services.notifications.obligations.domain import FILING, PUBLIC_ARTICLE, PUBLIC_VIDEO
from services.notifications.rules.escalation import UNIT_LEVELS, recipient_level
from services.notifications.rules.reminder_stages import (
    CHECK_LATE,
    CLOSED,
    DESELECTED,
    DUE_SOON,
    DUE_TODAY,
    OVERDUE,
    RAISED,
    REPEATED,
    RETURNED,
    REVIEW_LATE,
    SCORED,
    SELECTED,
    TAKE_DOWN,
    TO_CHECK,
    TO_READ,
    TO_REVIEW,
)

HEADINGS: Final = {
    DUE_TODAY: "请在今天完成", OVERDUE: "逾期未完成", REPEATED: "逾期仍未完成", TAKE_DOWN: "待撤稿",
    REVIEW_LATE: "评审逾期", CHECK_LATE: "久未复查", RETURNED: "退回修改", TO_REVIEW: "待评审", TO_CHECK: "待复查",
    TO_READ: "待审读", DUE_SOON: "即将到期", RAISED: "督查问题", CLOSED: "已销号", SELECTED: "作品入选",
    DESELECTED: "取消入选", SCORED: "季考核表",
}  # fmt: skip
"""In the order of a message."""
REPEATED_NOTE: Final = "这份提醒此前可能已经送达，如已收到，请忽略这一份。"
_ORDER: Final = list(HEADINGS)
_SUBJECTS: Final = {"work": "作品", "article": "推文", "video": "视频", "anthology": "汇编", FILING: "填报",
                    PUBLIC_ARTICLE: "推文", PUBLIC_VIDEO: "视频"}  # fmt: skip
_CHOICES: Final = {SELECTED: "{day}选用", DESELECTED: "{day}取消选用"}
_CHOOSERS: Final = {"unit": "单位", "district": "区级"}
_FINDINGS: Final = {
    RETURNED: "，{day}退回，请整改后重新答复", TO_CHECK: "，单位{day}已答复，请复查",
    CHECK_LATE: "，单位{day}已答复，还没有复查", CLOSED: "，{day}复查通过，已销号",
}  # fmt: skip
"""Stages of a finding."""
_BY: Final = {"reviewer": "评审人", "unit": "单位", "first": "初审", "second": "复审", "final": "终审"}
_PERIODS: Final = (
    (re.compile(r"(\d{4})"), "{}年"),
    (re.compile(r"(\d{4})-spring"), "{}年春季学期"),
    (re.compile(r"(\d{4})-autumn"), "{}年秋季学期"),
    (re.compile(r"(\d{4})-Q([1-4])"), "{}年第{}季度"),
    (re.compile(r"(\d{4})-(\d\d)"), "{}年{}月"),
)


class MessageText(NamedTuple):
    subject: str
    text: str
    html: str
    markdown: str


class MessageLine(NamedTuple):
    """One line of a message; `since`: the first day on which it was due to be sent; `number`: the number of items.
    `topic`, `period`, `unit_id`: what it is about; `of_people`: whether it is about persons of the unit."""

    stage: str
    words: str
    since: str
    number: int
    topic: str = ""
    period: str = ""
    unit_id: str = ""
    of_people: bool = False


class _Section(NamedTuple):
    heading: str
    lines: list[MessageLine]


class _Part(NamedTuple):
    """The part for one addressee; `title` is its heading if the message has several addressees."""

    title: str
    sections: list[_Section]


def render_message(
    addressees: Sequence[Addressee], day: str, as_of: str, names: DisplayNames, perhaps_repeated: bool = False
) -> MessageText:
    """The whole message, to one person who may hold several posts; `as_of`: local time of the figures;
    `perhaps_repeated`: it may have arrived before, and says so."""
    inside = any(recipient_level(addressee.recipient) in UNIT_LEVELS for addressee in addressees)
    summary = _summary([item for addressee in addressees for item in addressee.items])
    subject = f"【催办提醒】{unit_names(addressees, names)}·{names.campaign}：{summary}（{date_label(day)}）"
    greeting = f"{salutation(addressees, names)}，您好！"
    head = f"{greeting}以下是“{names.campaign}”主题活动 {date_label(day)} 的汇总提醒（截至 {as_of}）。"
    foot = "已经完成的，请忽略本提醒；填报有困难的，请与本单位填报员或活动领导小组办公室联系。谢谢您的支持！"
    if inside:
        foot += "名单只供本单位内部使用，请勿转发。"
    if perhaps_repeated:
        head += REPEATED_NOTE
    parts = [_part(addressee, addressees, names, named=True) for addressee in addressees]
    text = "\n".join([head, "", *(line for part in parts for line in _part_text(part)), foot, ""])
    nobody = replace(names, people={})
    lines = [line for addressee in addressees
             for line in _robot_lines(_part(addressee, addressees, nobody, named=False))]  # fmt: skip
    robot_subject = f"{subject}{REPEATED_NOTE}" if perhaps_repeated else subject
    return MessageText(subject, text, _html(subject, head, parts, foot), robot_text(robot_subject, lines))


def _part(addressee: Addressee, addressees: Sequence[Addressee], names: DisplayNames, named: bool) -> _Part:
    recipient = addressee.recipient
    named = named and recipient_level(recipient) in UNIT_LEVELS
    title = salutation([addressee], names) if len(addressees) > 1 else ""
    return _Part(title, _sections(recipient, addressee.items, names, named))


def _summary(items: Sequence[DigestItem]) -> str:
    """`3 项逾期未完成、1 项即将到期`: counts of the items."""
    parts = []
    for stage in _ORDER:
        number = sum(item.number for item in items if item.stage == stage)
        if number:
            what = "今天到期" if stage == DUE_TODAY else HEADINGS[stage]
            parts.append(f"{number} 项{what}")
    return "、".join(parts)


def message_lines(recipient: str, items: Sequence[DigestItem], names: DisplayNames, named: bool) -> list[MessageLine]:
    """The lines: one for items with the same stage, duty, period and due day; persons are listed only if `named`."""
    ordered = sorted(
        items, key=lambda item: (_ORDER.index(item.stage), item.due, item.topic, item.period, item.identity)
    )
    return [
        MessageLine(
            place[0],
            _line(recipient, place[0], same, names, named),
            min(item.since for item in same),
            sum(item.number for item in same),
            *(place[2], place[3], same[0].unit_id, any(item.person_id for item in same)),
        )
        for place, group in groupby(ordered, key=lambda item: (item.stage, item.due, item.topic, item.period))
        for same in [list(group)]
    ]


def explain_line(line: MessageLine, recipient: str, reminders: Reminders) -> str:
    """The reason of a line: which step of the campaign's file was reached, and when."""
    when = f"（{line.since} 起）"
    match line.stage:
        case "due_soon":
            return f"截止日前 {reminders.due_soon_days} 个工作日{when}"
        case "due_today":
            return f"截止日当天，遇休息日为其前最后一个工作日{when}"
        case "repeated":
            return f"逾期后每 {reminders.repeat_days} 个工作日再次提醒，直到完成{when}"
        case "overdue":
            return f"截止日后第 {reminders.steps.of(recipient_level(recipient))} 个工作日{when}"
        case "check_late":
            return f"单位答复后第 {reminders.steps.office} 个工作日{when}"
        case _:
            return f"知悉之日{when}"


def _sections(recipient: str, items: Sequence[DigestItem], names: DisplayNames, named: bool) -> list[_Section]:
    lines = message_lines(recipient, items, names, named)
    return [_Section(HEADINGS[stage], list(group))
            for stage, group in groupby(lines, key=lambda line: line.stage)]  # fmt: skip


def _line(recipient: str, stage: str, same: list[DigestItem], names: DisplayNames, named: bool) -> str:
    """One line for items with the same duty, period and due day."""
    first, level = same[0], recipient_level(recipient)
    line = _title(first, names)
    if stage == SCORED:
        scored = "、".join(f"{names.sheet_items.get(item.reference, item.reference)} {item.note} 分" for item in same)
        return f"{line}：{scored}"
    if stage == TAKE_DOWN and named:
        return f"{line}：" + "、".join(_public_title(item) for item in same)
    if stage in (TO_REVIEW, REVIEW_LATE):
        until = f"，评审截止日 {date_label(first.due)}" if first.due else ""
        return f"请您评审的作品：{len(same)} 件{until}"
    if stage == TO_READ:
        return f"请您审读的推文、视频或汇编：{len(same)} 件，见“三审三校”"
    if stage in _CHOICES:
        by = "、".join(dict.fromkeys(_CHOOSERS.get(item.note, item.note) for item in same))
        return f"{line}（{by}）：{len(same)} 件"
    if stage in (RETURNED, TAKE_DOWN) and first.topic != FINDING:
        return f"{line}：" + "、".join(_returned_titles(level, same, names) if named else _returned_counts(same))
    if first.due:
        line += f"，{'整改期限' if first.topic == FINDING else '截止日'} {date_label(first.due)}"
    if level == "campaign_office":
        return f"{line}：{first.note} 个单位，共 {first.quantity} 项"
    if level == "office":
        return f"{line}：" + "、".join(_unit_counts(same, names))
    people = [item for item in same if item.person_id]
    if first.topic == FINDING:
        return f"{line}（{'、'.join(item.reference for item in same)}）"
    if level == "person" or not people:
        return f"{line}，已完成 {first.note}" if first.note else line
    listed = "、".join(names.people.get(person.person_id, person.person_id) for person in people)
    return f"{line}：{len(people)} 人" + (f"（{listed}）" if named else "")


def _returned_titles(level: str, same: list[DigestItem], names: DisplayNames) -> list[str]:
    """A text per returned submission, with its author if others than the author read it."""
    titles = []
    for item in same:
        subject, _, name = item.reference.partition(" ")
        if subject == FILING:
            continue
        by_other = bool(item.person_id) and level != "person"
        author = f"，{names.people.get(item.person_id, item.person_id)}" if by_other else ""
        titles.append(f"{_SUBJECTS[subject]} {name}（{_BY.get(item.note, item.note)}退回{author}）")
    filings = [item for item in same if item.reference.startswith(f"{FILING} ")]
    return [*titles, *([f"{_SUBJECTS[FILING]} {len(filings)} 件，见“我的待办”"] if filings else [])]


def _public_title(item: DigestItem) -> str:
    subject, _, name = item.reference.partition(" ")
    return f"{_SUBJECTS[subject]} {name}"


def _returned_counts(same: list[DigestItem]) -> list[str]:
    kinds = [item.reference.partition(" ")[0] for item in same]
    return [f"{label} {kinds.count(kind)} 件" for kind, label in _SUBJECTS.items() if kind in kinds]


def _unit_counts(same: list[DigestItem], names: DisplayNames) -> list[str]:
    counts: dict[str, int] = {}
    for item in same:
        counts[item.unit_id] = counts.get(item.unit_id, 0) + item.number
    named = [(names.units.get(unit_id, unit_id), number) for unit_id, number in counts.items()]
    return [name if number == 1 else f"{name} {number} 项" for name, number in named]


def _title(item: DigestItem, names: DisplayNames) -> str:
    if item.topic == FINDING:
        return f"督查问题{_FINDINGS.get(item.stage, '').format(day=date_label(item.period) if item.period else '')}"
    if item.topic == SHEET:
        return f"季考核表（{period_label(item.period)}）"
    if item.stage == TAKE_DOWN:
        return "仍在平台上公开，请在平台上删除后登记"
    if item.stage in _CHOICES:
        return f"作品{_CHOICES[item.stage].format(day=date_label(item.period))}"
    if item.topic == RETURN:
        return f"{date_label(item.period)}退回，请修改后重新提交"
    title = names.duties.get(item.topic, item.topic)
    return title if item.period == "once" else f"{title}（{period_label(item.period)}）"


def _part_text(part: _Part) -> list[str]:
    lines = [f"■ {part.title}"] if part.title else []
    for section in part.sections:
        lines += [f"【{section.heading}】", *(f"  · {line.words}" for line in section.lines), ""]
    return lines


def _robot_lines(part: _Part) -> list[RobotLine]:
    lines = [RobotLine(f"**{plain(part.title)}**")] if part.title else []
    for section in part.sections:
        lines.append(RobotLine(f"> **{section.heading}**"))
        lines += [RobotLine(f"> {plain(line.words)}", line.number) for line in section.lines]
    return lines


def _html(subject: str, head: str, parts: Sequence[_Part], foot: str) -> str:
    written = [
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{escape(subject)}</title></head>",
        "<body style=\"font-family:'Microsoft YaHei','PingFang SC',sans-serif;line-height:1.7;color:#222\">",
        f"<p>{escape(head)}</p>",
    ]
    for part in parts:
        if part.title:
            written.append(f'<h2 style="font-size:18px;margin:16px 0 4px">{escape(part.title)}</h2>')
        for section in part.sections:
            lines = "".join(f"<li>{escape(line.words)}</li>" for line in section.lines)
            heading = f'<h3 style="font-size:16px;margin:12px 0 4px">{escape(section.heading)}</h3>'
            written.append(f"{heading}<ul>{lines}</ul>")
    return "\n".join([*written, f'<p style="color:#666">{escape(foot)}</p></body></html>'])


def period_label(period: str) -> str:
    for pattern, words in _PERIODS:
        if match := pattern.fullmatch(period):
            return words.format(*(int(part) for part in match.groups()))
    return period


def date_label(day: str) -> str:
    """`2022-12-31` as 2022年12月31日."""
    day_of(day)
    return f"{int(day[:4])}年{int(day[5:7])}月{int(day[8:])}日"
