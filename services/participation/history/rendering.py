"""Renders a row's history in Chinese words, saying so where a text is not allowed or was erased."""

import re
from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import Any, Final, NamedTuple

from chassis.events.canonical_json import moment
from chassis.events.recorded_event import RecordedEvent
from services.participation.history.domain import Cell, Change, Entry
from services.participation.history.names import HistoryNames


class CellForReader(NamedTuple):
    """A cell for this reader: `state` is shown, not_allowed or erased; in the latter two the text is empty."""

    text: str
    state: str = "shown"


class Reporter(NamedTuple):
    """The reporter of an event: a role and a name; for an outside system the source of its report and its publisher, if
    known."""

    role: str
    name: str
    source: str = ""
    publisher: str = ""
    display_name: str = ""


class Reader(NamedTuple):
    """The reader: a function that shows a cell, the names they may know, their time zone."""

    read: Callable[[Cell], CellForReader]
    names: HistoryNames
    zone: tzinfo


VERBS: Final = {
    "accepted": "报送，已接收", "corrected": "更正", "voided": "作废", "restored": "恢复", "withdrawn": "撤回",
    "closed": "报送单位撤销", "related": "报送单位关系变更", "ended": "报送任职结束", "rectified": "报送整改",
    "erased": "删除个人信息",
}  # fmt: skip
_ROLES: Final = {
    "operator": "运维", "publisher": "接入系统", "leader": "局领导", "head": "主要负责人", "clerk": "填报员",
    "person": "本人", "inspector": "检查人员",
    "campaign_office": "活动领导小组办公室", "service": "系统", "broker": "接入系统",
}  # fmt: skip
_STATES: Final = {"not_allowed": "（无权查看）", "erased": "（个人信息已删除）"}
COLUMNS: Final = {
    "unit_id": "单位", "name": "名称", "kind": "类别", "tags": "标签", "zone_id": "所属中心校",
    "community_id": "共同体核心校", "liaison_id": "包联股室", "opened_on": "设立日期", "closed_on": "撤销日期",
    "person_id": "人员", "role": "身份", "from": "任职开始", "to": "任职结束", "exemption_id": "免计编号",
    "duty": "任务", "period": "周期", "reason": "原因", "record_id": "记录编号", "record": "填报类型",
    "occurred_at": "完成时间", "title": "题目", "content_sha256": "文件校验值", "evidence": "印证资料",
    "withdrawn_at": "撤回时间", "finding_id": "问题编号", "assessor_id": "考核单位", "found_on": "发现日期",
    "deadline": "整改期限", "points": "分值", "rectified_on": "整改日期", "category": "问题类别",
    "description": "问题描述", "sheet_id": "考核表编号",
    "item": "考核项目", "assessed_on": "考核日期", "decision_id": "决定编号", "year": "年度",
    "document": "会议纪要文号", "decided_on": "决定日期", "since": "生效日期", "post": "岗位职务",
}  # fmt: skip
_COLUMNS_OF_TABLE: Final = {
    ("people", "name"): "姓名", ("people", "unit_id"): "任职单位", ("findings", "points"): "扣分",
    ("findings", "unit_id"): "被督查单位", ("sheets", "unit_id"): "被考核单位", ("decisions", "kind"): "决定",
}  # fmt: skip
VALUES: Final = {
    ("units", "kind"): {"bureau": "教育局", "office": "股室（办）", "secondary": "二级单位", "school": "学校",
                        "kindergarten": "幼儿园"},
    ("people", "role"): {"cadre": "干部", "teacher": "教师", "other": "其他"},
    ("posts", "post"): {"head": "主要负责人", "clerk": "填报员", "leader": "局领导",
                        "campaign_office": "活动领导小组办公室", "inspector": "检查人员"},
    ("decisions", "kind"): {"veto": "一票否决", "decline": "放弃", "choose": "并列评定"},
}  # fmt: skip
_TAGS: Final = {
    "central_school": "中心校", "community_core": "共同体核心校", "supervision_office": "督查室",
    "research_office": "教研室",
}  # fmt: skip
_INSTANTS: Final = frozenset({"withdrawn_at"})
_MOMENT: Final = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?")


def rendered(table: str, entry: Entry, reporter: Reporter, reader: Reader) -> dict[str, Any]:
    """An entry as in the route's answer, with a complete sentence."""
    recorded, reason, zone = entry.recorded, reader.read(entry.reason), reader.zone
    changes = [_change(table, change, reader) for change in entry.changes]
    return {
        "row": entry.row,
        "row_name": reader.names.of_row(table, entry.row),
        "what": entry.what,
        "at": _local(recorded.recorded_at, zone).isoformat(),
        "recorded_at": recorded.recorded_at,
        "position": f"participation/{recorded.partition}/{recorded.position}",
        "event": recorded.type,
        "who": reporter._asdict(),
        "changes": changes,
        "reason": reason.text,
        "reason_state": reason.state,
        "correction_id": entry.correction_id,
        "late_entry": entry.late_entry,
        "sentence": _sentence(table, entry, reporter, changes, reason, zone),
    }


def reporter_of(recorded: RecordedEvent, source: str, publisher: str, names: HistoryNames) -> Reporter:
    role, _, name = recorded.actor.partition(":")
    return Reporter(role, name, source, publisher, names.of_reporter(role, name))


def _change(table: str, change: Change, reader: Reader) -> dict[str, Any]:
    before, after = reader.read(change.before), reader.read(change.after)
    if change.column in _INSTANTS:
        after = CellForReader(_minutes(after.text, reader.zone))
    label = _COLUMNS_OF_TABLE.get((table, change.column)) or COLUMNS.get(change.column, change.column)
    return {"column": change.column, "label": label, "before": before.text, "before_state": before.state,
            "before_name": reader.names.of_cell(change.column, before.text), "after": after.text,
            "after_state": after.state, "after_name": reader.names.of_cell(change.column, after.text)}  # fmt: skip


def _sentence(
    table: str, entry: Entry, reporter: Reporter, changes: Iterable[dict[str, Any]], reason: CellForReader, zone: tzinfo
) -> str:
    text = f"{_minutes(entry.recorded.recorded_at, zone)}，{_reporter_words(reporter)} {VERBS[entry.what]}"
    changed = "，".join(_change_text(table, change, entry.what == "corrected") for change in changes)
    text += f"：{changed}" if changed else ""
    if why := _STATES.get(reason.state, reason.text):
        text += f"。原因：{why}"
    if entry.late_entry:
        text += f"。补录：{entry.late_entry}"
    if entry.correction_id:
        text += f"（更正编号 {entry.correction_id}）"
    return text.rstrip("。") + "。"


def _change_text(table: str, change: dict[str, Any], corrected: bool) -> str:
    before, after = (
        _STATES.get(change[f"{side}_state"])
        or _with_name(in_words(table, change["column"], change[side]), change[f"{side}_name"])
        for side in ("before", "after")
    )
    if not (before or corrected):
        return f"{change['label']} {after}"
    return f"{change['label']}由“{before or '空'}”改为“{after or '空'}”"


def in_words(table: str, column: str, text: str) -> str:
    """The label of a code; of tags several."""
    if (table, column) == ("units", "tags"):
        return "、".join(_TAGS.get(tag, tag) for tag in text.split(";"))
    if column == "occurred_at":
        return _MOMENT.sub(r"\1 \2", text)
    return VALUES.get((table, column), {}).get(text, text)


def _reporter_words(reporter: Reporter) -> str:
    name = "" if reporter.role in ("service", "broker") else _with_name(reporter.name, reporter.display_name)
    if reporter.source:
        owner = f" {reporter.publisher}" if reporter.publisher else ""
        outside = f"接入系统{owner}（来源 {reporter.source}）"
        return (
            outside if reporter.role in ("service", "broker", "publisher") else f"{_role(reporter)} {name}经{outside}"
        )
    return f"{_role(reporter)} {name}".strip()


def _with_name(text: str, name: str) -> str:
    return f"{text}（{name}）" if name else text


def _role(reporter: Reporter) -> str:
    return _ROLES.get(reporter.role, reporter.role)


def _local(utc: str, zone: tzinfo) -> Any:
    return moment(utc).astimezone(zone)


def _minutes(utc: str, zone: tzinfo) -> str:
    return f"{_local(utc, zone):%Y-%m-%d %H:%M}" if utc else ""
