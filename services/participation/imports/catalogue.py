"""The tables that a file may contain: their columns with the Chinese labels accepted in a header, and the labels of
codes.  The single source for the reader, templates and docs/import-columns.md.

The first label is the one displayed.  Labels are listed only if they are unambiguous in their table."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from services.participation.domain.rows import ROW_KINDS, RowKind
from services.reading.catalogue import Column, ColumnType, TableKind

TABLE_LABELS: Final[Mapping[str, str]] = {
    "units": "单位",
    "people": "任职",
    "posts": "岗位职务",
    "exemptions": "免计",
    "records": "填报记录",
    "withdrawals": "撤回",
    "findings": "督查问题",
    "sheets": "季考核表",
    "decisions": "决定",
    "corrections": "更正",
}
_TYPES: Final[Mapping[str, ColumnType]] = {
    **dict.fromkeys(("name", "document", "category"), ColumnType.NAME),
    **dict.fromkeys(("unit_id", "zone_id", "community_id", "liaison_id", "assessor_id"), ColumnType.UNIT),
    **dict.fromkeys(("opened_on", "closed_on", "from", "to", "found_on", "deadline", "rectified_on", "assessed_on",
                     "decided_on"), ColumnType.DAY),
    **dict.fromkeys(("occurred_at", "withdrawn_at"), ColumnType.INSTANT),
    **dict.fromkeys(("kind", "role", "post", "duty", "record", "item", "table", "column"), ColumnType.CODE),
    **dict.fromkeys(("reason", "description", "value"), ColumnType.TEXT),
    "tags": ColumnType.CODES,
    "period": ColumnType.PERIOD,
    "title": ColumnType.TITLE,
    "content_sha256": ColumnType.SHA256,
    "evidence": ColumnType.EVIDENCE,
    "points": ColumnType.NUMBER,
    "year": ColumnType.YEAR,
}  # fmt: skip
"""Labels of each column that is not an id.  One-line texts are NAME: line breaks are removed."""

_UNIT: Final = "单位编号 单位 单位名称 单位代码 单位编码 所在单位 所属单位 工作单位 学校 学校名称 所在学校"
_PERSON: Final = "人员编号 工号 职工号 教工号 教职工号 职工编号 教师编号 教职工编号 员工编号 人员代码 人员编码"
_FROM: Final = (
    "开始日期 任职起 任职开始日期 任职起始日期 任职开始时间 任职起始时间 任职日期 起始日期 到岗日期 "
    "入职日期 任职时间 到岗时间 入职时间 调入时间"
)
_TO: Final = "结束日期 任职止 任职结束日期 任职终止日期 任职结束时间 终止日期 离任日期 离任时间 离岗日期 离职日期"
_ASSESSED: Final = "单位编号 单位 单位名称 单位代码 单位编码 被考核单位"
_ASSESSOR: Final = "考核单位 考核单位编号 考核单位名称"
_REASON: Final = "原因 理由 事由"
_PERIOD: Final = "周期 所属周期 所属期"

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "units": {
        "unit_id": "单位编号 单位代码 单位编码 学校编号 机构编号 机构代码",
        "name": "单位名称 名称 单位全称 学校名称 机构名称",
        "kind": "单位类别 类别 单位类型",
        "tags": "标签 单位标签",
        "zone_id": "所属中心校 中心校 中心校编号 所属中心校编号 中心校辖区 所属中心校辖区",
        "community_id": "所属共同体核心校 共同体核心校 共同体核心校编号 所属共同体 共同体",
        "liaison_id": "包联股室 包联股室编号 所属包联股室",
        "opened_on": "设立日期 设立时间 成立日期 成立时间 建校日期 建校时间",
        "closed_on": "撤销日期 撤销时间 撤并日期 停办日期",
    },
    "people": {
        "person_id": _PERSON,
        "name": "姓名 人员姓名 职工姓名 教师姓名 教职工姓名 名称",
        "role": "身份 人员身份 岗位 人员类别 人员类型 身份类别",
        "unit_id": f"{_UNIT} 任职单位",
        "from": _FROM,
        "to": _TO,
    },
    "posts": {
        "unit_id": f"{_UNIT} 任职单位",
        "post": "岗位职务 岗位职务名称",
        "person_id": _PERSON,
        "from": _FROM,
        "to": _TO,
    },
    "exemptions": {
        "exemption_id": "免计编号",
        "person_id": _PERSON,
        "unit_id": _UNIT,
        "duty": "任务 任务名称 任务编号 免计任务",
        "period": f"{_PERIOD} 免计周期",
        "reason": f"{_REASON} 免计原因 免计理由",
    },
    "records": {
        "record_id": "记录编号 填报编号 填报记录编号",
        "record": "填报类型 填报类别 记录类型 记录类别 类型 活动类型 活动类别",
        "unit_id": f"{_UNIT} 填报单位",
        "person_id": _PERSON,
        "occurred_at": "完成时间 完成日期 发生时间 发生日期 开展时间 开展日期 活动时间 活动日期 日期",
        "period": f"{_PERIOD} 填报周期",
        "title": "标题 题目 主题 活动主题 研讨主题 学习主题 材料标题 材料名称",
        "content_sha256": "文件校验值 校验值 SHA-256 SHA256",
        "evidence": "印证资料 印证材料 佐证材料 佐证资料 附件",
    },
    "withdrawals": {
        "record_id": "记录编号 填报编号 填报记录编号",
        "withdrawn_at": "撤回时间 撤回日期",
        "reason": f"{_REASON} 撤回原因 撤回理由",
    },
    "findings": {
        "finding_id": "问题编号 督查问题编号",
        "unit_id": f"{_ASSESSED} 被督查单位 被检查单位 责任单位",
        "assessor_id": f"{_ASSESSOR} 督查单位 检查单位",
        "found_on": "发现日期 发现时间 督查日期 督查时间 检查日期 检查时间",
        "deadline": "整改期限 整改时限 整改截止日期 限期",
        "points": "分值 扣分 扣分分值 扣分值",
        "rectified_on": "整改日期 整改完成日期 整改完成时间",
        "category": "问题类别 问题类型 类别",
        "description": "问题描述 问题 存在问题 问题内容",
    },
    "sheets": {
        "sheet_id": "考核表编号 季考核表编号",
        "unit_id": _ASSESSED,
        "assessor_id": _ASSESSOR,
        "period": f"{_PERIOD} 季度 考核季度 考核周期",
        "item": "考核项目 项目 考核项目名称",
        "points": "分值 得分 分数 考核得分",
        "assessed_on": "考核日期 考核时间",
    },
    "decisions": {
        "decision_id": "决定编号",
        "kind": "决定类别 类别 决定类型 决定",
        "year": "年度 年份 评选年度",
        "unit_id": _UNIT,
        "person_id": _PERSON,
        "document": "会议纪要文号 文号 纪要文号 会议纪要",
        "decided_on": "决定日期 决定时间",
        "reason": f"{_REASON} 决定原因 决定理由",
    },
    "corrections": {
        "correction_id": "更正编号",
        "table": "表 数据表 表名 更正的表",
        "row": "行编号 数据编号",
        "column": "列 列名 栏目 更正的栏目 更正的列",
        "value": "更正值 更正后的值 更正为 新值",
        "reason": f"{_REASON} 更正原因 更正理由",
    },
}
CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "unit kind": {
        "bureau": "教育局",
        "office": "股室（办） 股室 股室办 机关股室",
        "secondary": "二级单位",
        "school": "学校 小学 初中 中学 高中",
        "kindergarten": "幼儿园",
    },
    "tag": {
        "central_school": "中心校",
        "community_core": "共同体核心校 核心校",
        "research_office": "教研室",
        "supervision_office": "督查室",
    },
    "role": {"cadre": "干部", "teacher": "教师 专任教师", "other": "其他 其它 其他人员"},
    "post": {
        "head": "主要负责人",
        "clerk": "填报员",
        "leader": "局领导",
        "campaign_office": "活动领导小组办公室",
        "inspector": "检查人员",
    },
    "decision kind": {"veto": "一票否决", "decline": "放弃", "choose": "并列评定"},
    "table": {name: label for name, label in TABLE_LABELS.items() if name not in ("withdrawals", "corrections")},
}
"""For each set of codes the codes with their labels, separated by blanks; the first is displayed."""
_CODES_OF: Final[Mapping[tuple[str, str], str]] = {
    ("units", "kind"): "unit kind",
    ("units", "tags"): "tag",
    ("people", "role"): "role",
    ("posts", "post"): "post",
    ("decisions", "kind"): "decision kind",
    ("corrections", "table"): "table",
}
WHOLE_ROW: Final = ("*", "整行")
RESTORE: Final = ("restore", "恢复")


_HINTS: Final = {
    "people": "没有任职日期的花名册（说明某一天谁在哪里任职），请按花名册提交：qihang roster 文件 --as-of 日期。",
}


def _table_kind(kind: RowKind) -> TableKind:
    name = kind.file.removesuffix(".csv")
    return TableKind(name, TABLE_LABELS[name], tuple(
        Column(column, _TYPES.get(column, ColumnType.ID), tuple(_LABELS[name][column].split()), column in kind.required)
        for column in kind.columns), _HINTS.get(name, ""))  # fmt: skip


TABLE_KINDS: Final = tuple(_table_kind(kind) for kind in ROW_KINDS.values() if kind.file)
"""In the order in which files are processed; columns in the order of scoring.md 1."""
PERSON_NAME: Final = "person_name"
"""A column of a unit's own files only, after those of the table: the name in place of a person's id."""
_OF_UNIT: Final[Mapping[str, frozenset[str]]] = {
    "people": frozenset({"unit_id"}),
    "records": frozenset({"record_id", "record"}),
    "findings": frozenset({"assessor_id"}),
    "sheets": frozenset({"assessor_id"}),
}
"""Columns that a unit's own file may omit, by table: taken from the post, generated, or told by the file's name."""


def _of_unit(kind: TableKind) -> TableKind:
    free = _OF_UNIT.get(kind.name, frozenset())
    columns = tuple(replace(column, required=column.required and column.name not in free) for column in kind.columns)
    named = Column(PERSON_NAME, ColumnType.NAME, ("姓名", "人员姓名", "职工姓名", "教师姓名", "教职工姓名"))
    return replace(kind, columns=(*columns, named) if kind.name == "records" else columns)


UNIT_TABLE_KINDS: Final = tuple(map(_of_unit, TABLE_KINDS))
"""The same tables in the form of a unit's own files."""
_BY_NAME: Final = {kind.name: kind for kind in TABLE_KINDS}


def table_kind(name: str) -> TableKind:
    """The table of that name, such as `people`."""
    return _BY_NAME[name]


def column_of(table: str, column: str) -> Column:
    return next(item for item in _BY_NAME[table].columns if item.name == column)


def label_of(table: str, column: str) -> str:
    """The displayed label of a column."""
    return column_of(table, column).labels[0]


def heading(table: str, column: str) -> str:
    """A column's name in messages; empty if the table does not have it."""
    columns = _BY_NAME[table].columns if table in _BY_NAME else ()
    return next((item.labels[0] for item in columns if item.name == column), "")


def code_labels(table: str, column: str) -> Mapping[str, tuple[str, ...]]:
    """The fixed codes of a column with their labels, the displayed one first; empty if the campaign defines its codes,
    or it has none."""
    codes = CODES[_CODES_OF[table, column]] if (table, column) in _CODES_OF else {}
    return {code: tuple(labels.split()) for code, labels in codes.items()}


def column_codes(table: str) -> Mapping[str, tuple[str, ...]]:
    """The columns that a correction of this table may name."""
    return {column.name: column.labels for column in _BY_NAME[table].columns} if table in _BY_NAME else {}


def labels_of(codes: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """By label the code that it stands for."""
    return {label: code for code, labels in codes.items() for label in labels}
