"""What is said of reports of outside systems: their types, what they await, why they are refused.  Words only."""

from console import labels
from console.language import words

PREFIX = "qihang."
THINGS = {
    "unit": "单位", "membership": "任职", "post": "岗位职务", "exemption": "免计", "record": "填报记录",
    "withdrawal": "撤回", "finding": "督查问题", "sheet": "季考核表", "decision": "会议决定", "report": "报送",
}  # fmt: skip
DEEDS = {
    "reported": "", "closed": "撤销", "related": "关系变更", "ended": "结束", "rectified": "整改", "corrected": "更正",
    "voided": "作废", "restored": "恢复", "cancelled": "撤销",
}  # fmt: skip
AWAITED = {
    "unit": "单位 {}", "person": "人员 {}", "record": "填报记录 {}", "exemption": "免计 {}", "finding": "督查问题 {}",
    "sheet": "季考核表 {}", "decision": "决定 {}", "hold": "先到的同编号数据 {}",
}  # fmt: skip
CAMPAIGN = "活动方案发布"
COLUMNS = {
    "unit_id": "单位编号", "zone_id": "所属中心校", "community_id": "所属共同体核心校", "liaison_id": "包联股室",
    "person_id": "人员编号", "record_id": "记录编号", "exemption_id": "免计编号", "finding_id": "问题编号",
    "sheet_id": "考核表编号", "decision_id": "决定编号", "assessor_id": "考核单位", "record": "填报类型",
    "from": "开始日期", "to": "结束日期", "duty": "任务", "period": "周期", "item": "考核项目", "row": "数据编号",
    "occurred_at": "完成时间", "withdrawn_at": "撤回时间", "id": "报送编号", "type": "类型", "source": "来源",
    "found_on": "发现日期", "assessed_on": "考核日期", "closed_on": "撤销日期", "opened_on": "设立日期",
    "body": "正文", "post": "岗位职务",
}  # fmt: skip
REASONS = {
    "unknown_unit": "所说的单位还没有接收", "unknown_person": "所说的人员还没有接收",
    "unknown_record": "所说的填报记录还没有接收", "unknown_finding": "所说的督查问题还没有接收",
    "unknown_row": "要更正的数据还没有接收", "not_in_service": "当天还查不到任职或单位",
    "no_campaign": "活动方案还没有发布", "unknown_record_kind": "方案中还没有这种填报类型",
    "unknown_duty": "方案中还没有这项任务", "unknown_period": "方案中还没有这个周期",
    "unknown_item": "方案中还没有这个考核项目", "not_assigned": "考核关系还没有接收",
    "conflict": "与先到的同编号数据不同", "behind": "排在先到的同编号数据之后",
}  # fmt: skip
"""Why a pending report would be refused now."""


def type_label(wire: str) -> str:
    """`qihang.unit.corrected.v1`, also `qihang.unit.*`, as people say it; another text as it is."""
    parts = wire.removeprefix(PREFIX).split(".")
    if not wire.startswith(PREFIX) or parts[0] not in THINGS:
        return wire
    deed = parts[1] if len(parts) > 1 else "*"
    if deed == "*":
        return words("{}（全部事项）").format(words(THINGS[parts[0]]))
    if deed not in DEEDS:
        return wire
    return words(THINGS[parts[0]]) + words(DEEDS[deed]) if DEEDS[deed] else words(THINGS[parts[0]])


def awaited(key: str) -> str:
    """`unit:X001` as people say it."""
    kind, _, name = key.partition(":")
    if kind == "campaign":
        return words(CAMPAIGN)
    if kind == "hold":
        of, _, name = name.partition(":")
        name = f"{words(THINGS[of])} {name}" if of in THINGS else f"{of} {name}".strip()
    return words(AWAITED[kind]).format(name) if kind in AWAITED else key


def reason(code: str) -> str:
    return labels.label(REASONS, code)


def column(name: str) -> str:
    return labels.label(COLUMNS, name)
