"""A digest in words: a polite reminder as text, as HTML and, without any person, for a group robot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Final, NamedTuple

from duties.days import day_of
from duties.reminders import Reminders
from services.notifications.digests.domain.items import FINDING, RETURN, SHEET, DigestItem
from services.notifications.rules.escalation import UNIT_LEVELS, recipient_level
from services.notifications.rules.stages import DUE_SOON, DUE_TODAY, OVERDUE, RAISED, RETURNED, SCORED

HEADINGS: Final = {
    DUE_TODAY: "请在今天完成", OVERDUE: "逾期未完成", RETURNED: "退回修改", DUE_SOON: "即将到期", RAISED: "督查问题",
    SCORED: "季考核表",
}  # fmt: skip
"""In their order in a message."""
MARKDOWN_BYTES: Final = 4096
"""What a WeCom group robot accepts of markdown, in bytes of UTF-8 (libraries.md 1.2)."""
_ORDER: Final = list(HEADINGS)
_SUBJECTS: Final = {"work": "作品", "article": "推文", "anthology": "汇编"}
_BY: Final = {"reviewer": "评审人", "unit": "单位", "first": "初审", "second": "复审", "final": "终审"}
_PERIODS: Final = (
    (re.compile(r"(\d{4})"), "{}年"),
    (re.compile(r"(\d{4})-spring"), "{}年春季学期"),
    (re.compile(r"(\d{4})-autumn"), "{}年秋季学期"),
    (re.compile(r"(\d{4})-Q([1-4])"), "{}年第{}季度"),
    (re.compile(r"(\d{4})-(\d\d)"), "{}年{}月"),
)


@dataclass(frozen=True)
class DisplayNames:
    """The names that a message may show; a person whose name is not known here appears with their id."""

    campaign: str
    duties: Mapping[str, str]
    sheet_items: Mapping[str, str]
    units: Mapping[str, str]
    people: Mapping[str, str] = field(default_factory=dict)


class MessageText(NamedTuple):
    subject: str
    text: str
    html: str
    markdown: str


class MessageLine(NamedTuple):
    """One line of a message; `since` is the first day on which it was to be told."""

    stage: str
    words: str
    since: str


class _Section(NamedTuple):
    heading: str
    lines: list[str]


def render_message(
    recipient: str, day: str, as_of: str, items: Sequence[DigestItem], names: DisplayNames
) -> MessageText:
    """The whole message; `as_of` is the local time of the figures, such as `08:30`."""
    inside = recipient_level(recipient) in UNIT_LEVELS
    named = _sections(recipient, items, names, named=inside)
    subject = f"【催办提醒】{names.campaign}：{_summary(items)}（{date_label(day)}）"
    head = f"您好！以下是“{names.campaign}”主题活动 {date_label(day)} 的汇总提醒（截至 {as_of}）。"
    foot = "已经完成的，请忽略本提醒；填报有困难的，请与本单位填报员或活动领导小组办公室联系。谢谢您的支持！"
    if inside:
        foot += "名单只供本单位内部使用，请勿转发。"
    text = "\n".join([head, "", *(line for section in named for line in _section_text(section)), foot, ""])
    markdown = _markdown(subject, _sections(recipient, items, names, named=False))
    return MessageText(subject, text, _html(subject, head, named, foot), markdown)


def _summary(items: Sequence[DigestItem]) -> str:
    """`3 项逾期未完成、1 项即将到期`: counts of what the message lists."""
    parts = []
    for stage in _ORDER:
        number = sum(item.number for item in items if item.stage == stage)
        if number:
            what = "今天到期" if stage == DUE_TODAY else HEADINGS[stage]
            parts.append(f"{number} 项{what}")
    return "、".join(parts)


def message_lines(recipient: str, items: Sequence[DigestItem], names: DisplayNames, named: bool) -> list[MessageLine]:
    """The whole content, a line for what has the same stage, duty, period and due day; persons only `named`."""
    ordered = sorted(
        items, key=lambda item: (_ORDER.index(item.stage), item.due, item.topic, item.period, item.identity)
    )
    return [
        MessageLine(place[0], _line(recipient, place[0], same, names, named), min(item.since for item in same))
        for place, group in groupby(ordered, key=lambda item: (item.stage, item.due, item.topic, item.period))
        for same in [list(group)]
    ]


def explain_line(line: MessageLine, recipient: str, reminders: Reminders) -> str:
    """The reason in words: which step of the campaign file has been reached, and when."""
    when = f"（{line.since} 起）"
    match line.stage:
        case "due_soon":
            return f"截止日前 {reminders.due_soon_days} 个工作日{when}"
        case "due_today":
            return f"截止日当天，遇休息日为其前最后一个工作日{when}"
        case "overdue":
            return f"截止日后第 {reminders.steps.of(recipient_level(recipient))} 个工作日{when}"
        case _:
            return f"知悉之日{when}"


def _sections(recipient: str, items: Sequence[DigestItem], names: DisplayNames, named: bool) -> list[_Section]:
    lines = message_lines(recipient, items, names, named)
    return [_Section(HEADINGS[stage], [line.words for line in group])
            for stage, group in groupby(lines, key=lambda line: line.stage)]  # fmt: skip


def _line(recipient: str, stage: str, same: list[DigestItem], names: DisplayNames, named: bool) -> str:
    """One line for what has the same duty, period and due day."""
    first, level = same[0], recipient_level(recipient)
    line = _title(first, names)
    if stage == SCORED:
        scored = "、".join(f"{names.sheet_items.get(item.reference, item.reference)} {item.note} 分" for item in same)
        return f"{line}：{scored}"
    if stage == RETURNED:
        return f"{line}：" + "、".join(_returned_titles(level, same, names) if named else _returned_counts(same))
    if first.due:
        line += f"，{'整改期限' if first.topic == FINDING else '截止日'} {date_label(first.due)}"
    if level == "campaign_office":
        return f"{line}：{first.note} 个单位，共 {first.quantity} 项"
    if level == "office":
        return f"{line}：" + "、".join(_unit_count(item, names) for item in same)
    people = [item for item in same if item.person_id]
    if first.topic == FINDING:
        return f"{line}（{'、'.join(item.reference for item in same)}）"
    if level == "person" or not people:
        return f"{line}，已完成 {first.note}" if first.note else line
    listed = "、".join(names.people.get(person.person_id, person.person_id) for person in people)
    return f"{line}：{len(people)} 人" + (f"（{listed}）" if named else "")


def _returned_titles(level: str, same: list[DigestItem], names: DisplayNames) -> list[str]:
    """Each returned submission, with its author where others than the author read it."""
    titles = []
    for item in same:
        subject, _, name = item.reference.partition(" ")
        by_other = bool(item.person_id) and level != "person"
        author = f"，{names.people.get(item.person_id, item.person_id)}" if by_other else ""
        titles.append(f"{_SUBJECTS[subject]} {name}（{_BY.get(item.note, item.note)}退回{author}）")
    return titles


def _returned_counts(same: list[DigestItem]) -> list[str]:
    kinds = [item.reference.partition(" ")[0] for item in same]
    return [f"{label} {kinds.count(kind)} 件" for kind, label in _SUBJECTS.items() if kind in kinds]


def _unit_count(item: DigestItem, names: DisplayNames) -> str:
    name = names.units.get(item.unit_id, item.unit_id)
    return name if item.quantity == "1" else f"{name} {item.quantity} 项"


def _title(item: DigestItem, names: DisplayNames) -> str:
    if item.topic == FINDING:
        return "督查问题"
    if item.topic == SHEET:
        return f"季考核表（{period_label(item.period)}）"
    if item.topic == RETURN:
        return f"{date_label(item.period)}退回，请修改后重新提交"
    title = names.duties.get(item.topic, item.topic)
    return title if item.period == "once" else f"{title}（{period_label(item.period)}）"


def _section_text(section: _Section) -> list[str]:
    return [f"【{section.heading}】", *(f"  · {line}" for line in section.lines), ""]


def _html(subject: str, head: str, sections: Sequence[_Section], foot: str) -> str:
    parts = [
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{escape(subject)}</title></head>",
        "<body style=\"font-family:'Microsoft YaHei','PingFang SC',sans-serif;line-height:1.7;color:#222\">",
        f"<p>{escape(head)}</p>",
    ]
    for section in sections:
        lines = "".join(f"<li>{escape(line)}</li>" for line in section.lines)
        parts.append(f'<h3 style="font-size:16px;margin:12px 0 4px">{escape(section.heading)}</h3><ul>{lines}</ul>')
    return "\n".join([*parts, f'<p style="color:#666">{escape(foot)}</p></body></html>'])


def _markdown(subject: str, sections: Sequence[_Section]) -> str:
    """Cut at a line's end so that it fits in a robot's bytes, never in a character's middle."""
    lines = [f"**{_plain(subject)}**"]
    for section in sections:
        lines += [f"> **{section.heading}**", *(f"> {_plain(line)}" for line in section.lines)]
    last = "其余内容请在系统消息箱中查看。"
    kept, room = [], MARKDOWN_BYTES - len(last.encode()) - 1
    for number, line in enumerate(lines):
        size = len(line.encode()) + 1
        if size > room:
            if number < 3 and room > 0:
                kept.append(line.encode()[:room].decode(errors="ignore"))
            return "\n".join([*kept, last])
        kept.append(line)
        room -= size
    return "\n".join(kept)


def _plain(text: str) -> str:
    """Without characters that a robot's markdown would act on."""
    return re.sub(r"[<>*`\[\]#]", " ", text)


def period_label(period: str) -> str:
    for pattern, words in _PERIODS:
        if match := pattern.fullmatch(period):
            return words.format(*(int(part) for part in match.groups()))
    return period


def date_label(day: str) -> str:
    """`2022-12-31` as 2022年12月31日."""
    day_of(day)
    return f"{int(day[:4])}年{int(day[5:7])}月{int(day[8:])}日"
