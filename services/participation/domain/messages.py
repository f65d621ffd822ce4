"""Messages for refusal codes, Chinese or else English, for the person who must correct the row."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from chassis.process.text import escape_line, fault_of

_MOST_SHOWN: Final = 40
_SHOWN_ALWAYS: Final = frozenset({"garbled", "formula"})
"""Codes of values that reveal nothing about anybody."""
_EPOCH: Final = date(1899, 12, 30)
_LAST_DAY: Final = 2_958_465
"""Day 0 of a spreadsheet, and its last day."""
_PRIVATE: Final = frozenset({"name", "title", "reason", "row_reason", "value", "description"})
"""Columns whose text is not repeated: others than the author of the row may read the message."""

_CHINESE: Final[Mapping[str, str]] = {
    "conflict": "“{column}”为“{value}”的数据已接收，且内容与本行不同，以先接收的为准。确需更正的，"
    "请用更正表（corrections）更正该行，或使用新编号。",
    "missing": "“{column}”为必填项，本行为空，请补充。",
    "bad_text": "“{column}”的“{value}”含有不能使用的字符{fault}，或者过长（不超过 4000 字）。"
    "编号只能用文字、字母、数字、单个空格和 - _ . : @ / 等符号，以文字、字母或数字开头，不超过 128 字。"
    "请删除异常字符或缩短，文件请存为 UTF-8。",
    "bad_date": "“{column}”的“{value}”不是有效日期，请按 2022-11-01 的格式填写，年在前，不带时间。",
    "bad_instant": "“{column}”的“{value}”不是有效时间，请按 2022-11-01 或 2022-11-01T09:30:00 的格式填写。",
    "bad_kind": "“{column}”的“{value}”不是可用的类别，"
    "单位类别请填 bureau（教育局）、office（股室）、secondary（二级单位）、school（学校）或 kindergarten（幼儿园），"
    "决定请填 veto（一票否决）、decline（放弃）或 choose（并列评定）。",
    "bad_role": "“{column}”的“{value}”不是人员身份，请填 cadre（干部）、teacher（教师）或 other（其他）。",
    "bad_post": "“{column}”的“{value}”不是该单位可有的岗位职务，"
    "请填 head（主要负责人）、clerk（填报员）或 inspector（检查人员）；"
    "leader（局领导）和 campaign_office（活动领导小组办公室）只能设在教育局。",
    "bad_tag": "“{column}”的“{value}”含有不认识的标签，可用 central_school（中心校）、community_core（共同体核心校）、"
    "research_office（教研室）、supervision_office（督查室），多个用分号隔开。",
    "bad_sha256": "“{column}”的“{value}”不是 SHA-256 校验值，应为 64 位十六进制字符；没有文件的请留空。",
    "bad_number": "“{column}”的“{value}”不是数字，请填 2 或 1.5 这样的十进制数。",
    "unknown_unit": "“{column}”的单位“{value}”不存在，请核对编号或全称，或先导入该单位。",
    "unknown_person": "“{column}”的人员“{value}”不存在，请核对编号，或先导入其任职。",
    "unknown_record_kind": "“{column}”的“{value}”不是本次主题活动的填报类型，请填活动方案中的类型代码或任务名称。",
    "unknown_duty": "“{column}”的任务“{value}”不在活动方案中，请填方案中的任务编号或名称。",
    "unknown_period": "“{column}”的周期“{value}”不存在，或不属于该项任务。"
    "请按任务的周期填写，如 2022-11、2022-Q4、2022 或 2022年秋季学期；不计入任务的类型请留空。",
    "unknown_record": "“{column}”的填报记录“{value}”不存在，请核对编号，或先报送该记录。",
    "unknown_item": "“{column}”的考核项目“{value}”不在季考核表中，请填活动方案中的项目编号或名称。",
    "unknown_finding": "“{column}”的督查问题“{value}”不存在，请核对编号，或先报送该问题。",
    "bad_year": "“{column}”的“{value}”不是年份，请填四位数字，如 2023。",
    "bad_table": "“{column}”的“{value}”不是可更正的表，"
    "请填 units、people、posts、exemptions、records、findings、sheets 或 decisions。",
    "bad_column": "“{column}”的“{value}”不能更正："
    "请填该表编号以外的列名；整行作废或恢复的填 *，更正值留空或填 restore。",
    "unknown_row": "“{column}”的“{value}”没有可更正的数据：该行尚未接收、已经作废，或（恢复时）并未作废。请核对编号。",
    "duplicate": "“{column}”的“{value}”与已接收的另一行重复："
    "同一单位、周期和考核项目，或同一决定、年度和对象，只能有一行。",
    "not_in_service": "“{column}”的“{value}”当天，该人员不在任职期内，或该单位尚未设立、已经撤销。"
    "请核对日期，或先补报任职、单位信息。",
    "bad_order": "“{column}”的“{value}”早于或等于起始日期，请核对前后两个日期。",
    "overlapping": "“{column}”的“{value}”起的任职与该人员已有的任职时间重叠，同一时间只能在一个单位任职。"
    "请先结束原任职，或更正日期。",
    "one_of": "“{column}”的“{value}”与单位编号应填且只填一个：免计的是个人就填人员，是单位就填单位。",
    "out_of_range": "“{column}”的“{value}”超出范围：不得小于 0，也不得大于活动方案规定的上限。请更正分值。",
    "self_assessment": "“{column}”的“{value}”就是被考核单位本身，单位不得考核自己，请由其他有权单位报送。",
    "not_assigned": "“{column}”的“{value}”不在考核关系之内：考核由教育局、督查室进行，"
    "督查问题也可由该单位的包联股室报送；"
    "季考核只针对方案规定类别的单位。请核对单位。",
    "reserved_id": "“{column}”的“{value}”以 publicity- 开头，这样的编号由系统为宣传成果自动生成，请换用其他编号；"
    "要撤回这类记录，请在宣传中撤稿或取消选用。",
    "no_campaign": "主题活动尚未启动，请在启动后重新报送。",
    "garbled": "“{column}”的“{value}”是乱码，原来的文字在保存或转换时已经丢失。"
    "请从原始文件重新导出（.xlsx，或 UTF-8 的 CSV），或按原文重新填写。",
    "formula": "“{column}”的“{value}”不是数据：是公式的错误值、没有保存结果的公式，或放在单元格里的图片。"
    "请改填实际的值（复制后“选择性粘贴”为数值），保存后再导入。",
    "number_id": "“{column}”的“{value}”不能作为编号：单元格是数字或日期，位数超过 15 位、带小数，或前面的零已看不出来。"
    "请把该列设为文本格式，再按原编号重新填写。",
    "ambiguous_name": "“{column}”的“{value}”是几个现有单位共同的名称，请改填单位编号。",
    "not_your_unit": "“{column}”的“{value}”不属于本单位，本行没有接收：本单位的文件只能含本单位及其人员的数据"
    "（人员以当天任职的单位为准，督查问题和季考核表以考核单位为准）。请删去该行，或请所属单位、活动领导小组办公室导入。",
    "not_your_table": "“{column}”为“{value}”的行没有接收，这一种表不由单位导入："
    "单位、岗位职务、免计、决定及其更正由活动领导小组办公室办理。"
    "请删去该表。",
}
_PERSONS_NAME: Final = {
    "zh": "“{column}”的“{value}”是本单位几个人共同的姓名，请增加“工号”一列，填写各自的编号。",
    "en": "{column}: {value} is the name of several people of the unit: add a column with their ids.",
}
"""For `ambiguous_name` of a person."""
_BARE_NUMBER: Final = (
    "“{column}”的单元格是常规数字 {value}，不是日期格式{hint}：请把单元格设为日期格式，或按 2022-11-01 的格式填写。"
)
_NOTES: Final[Mapping[str, str]] = {
    "like_known": "“{column}”的“{value}”与已有的“{known}”只差大小写、形近字（O 与 0、l 与 1）、前面的 0 或末尾的 .0，"
    "请核对是否同一个。",
    "name_as_known": "“{column}”的“{value}”与已有的“{known}”只差间隔号或空白，按已有的读取。",
    "kind_from_name": "“{column}”没有填写，按文件名或工作表名“{known}”读取为“{value}”。",
    "name_differs": "“{column}”的“{value}”与工号不符：该工号在本单位登记的姓名是“{known}”，按工号读取，请核对。",
    "same_row": "“{column}”没有填写，与本表第“{known}”行的人员、类型、日期和标题都相同，是同一条记录“{value}”；"
    "确是两条的，请写不同的标题或记录编号。",
    "beside_known": "“{column}”没有填写：同一天已有同类型、标题不同的记录“{known}”，本行按新的一条“{value}”读取；"
    "如果只是改标题，请更正原来那一条。",
    "gone_record": "“{column}”没有填写，本行就是“{value}”这一条，而“{known}”已经撤回或作废，"
    "不会重新计入；确需恢复的，请更正（恢复）那一条。",
}
NOTE_CODES: Final = frozenset(_NOTES)
_ENGLISH: Final[Mapping[str, str]] = {
    "conflict": "An accepted row bears the {column} {value} with other content; the first stays. "
    "Withdraw it or use a new id.",
    "missing": "{column} is required and empty: fill it in.",
    "bad_text": "{column}: {value} has characters that cannot be kept{fault}, or is too long (4,000 characters). "
    "An id is made of letters, digits, single blanks and signs such as - _ . : @ /, begins with a letter or digit, "
    "and has 128 characters at most. "
    "Remove the characters or shorten it; save files as UTF-8.",
    "bad_date": "{column}: {value} is not a date: write it like 2022-11-01.",
    "bad_instant": "{column}: {value} is not a time: write it like 2022-11-01 or 2022-11-01T09:30:00.",
    "bad_kind": "{column}: {value} is no kind of unit: use bureau, office, secondary, school or kindergarten.",
    "bad_role": "{column}: {value} is no role: use cadre, teacher or other.",
    "bad_post": "{column}: {value} is no post of this unit: use head, clerk or inspector; leader and campaign_office "
    "are posts of the bureau.",
    "bad_tag": "{column}: {value} has an unknown tag: use central_school, community_core, research_office, "
    "supervision_office, separated by semicolons.",
    "bad_sha256": "{column}: {value} is no SHA-256: it has 64 hexadecimal digits; leave it empty without a file.",
    "bad_number": "{column}: {value} is no decimal number: write it like 2 or 1.5.",
    "unknown_unit": "{column}: there is no unit {value}: check the id, or import the unit first.",
    "unknown_person": "{column}: there is no person {value}: check the id, or import their membership first.",
    "unknown_record_kind": "{column}: {value} is no kind of record of this campaign: see the campaign file.",
    "unknown_duty": "{column}: {value} is no duty of this campaign: use an id of the campaign file.",
    "unknown_period": "{column}: {value} is no period of that duty: use one of its own, or leave it "
    "empty for a kind "
    "that no duty counts.",
    "unknown_record": "{column}: there is no record {value}: check the id, or send the record first.",
    "unknown_item": "{column}: {value} is no item of the sheet: use an id of the campaign file.",
    "unknown_finding": "{column}: there is no finding {value}: check the id, or send the finding first.",
    "bad_year": "{column}: {value} is no year: write four digits.",
    "bad_table": "{column}: {value} is no table of rows that can be corrected.",
    "bad_column": "{column}: {value} cannot be corrected: name a column that is not part of the id, or `*` with an "
    "empty value (void) or `restore`.",
    "unknown_row": "{column}: there is no row {value} to be corrected, it is void, or (to restore it) it is not void.",
    "duplicate": "{column}: {value}: another accepted row bears the same unit, period and item, or the same kind, year "
    "and subject.",
    "not_in_service": "{column}: on the day {value} the person or the unit is not in service: check the "
    "day, or send "
    "the membership or the unit first.",
    "bad_order": "{column}: {value} is not after the day that it must follow: check both days.",
    "overlapping": "{column}: the person serves elsewhere then (from {value}): end that membership or mend the day.",
    "one_of": "{column}: {value}: an exemption is of either a person or a unit: fill in exactly one of the two.",
    "out_of_range": "{column}: {value} is below 0 or above what the campaign allows: mend the points.",
    "self_assessment": "{column}: {value} is the assessed unit itself: another assessor must report it.",
    "not_assigned": "{column}: {value} is not assigned: assessors are the bureau, the supervision "
    "office and, for "
    "findings, the unit's liaison office; sheets are for the kinds of the campaign file only.",
    "reserved_id": "{column}: {value}: ids of this form are made here, of publicity's deeds: use another id; take the "
    "deed down in publicity to withdraw its record.",
    "no_campaign": "No campaign is launched yet: send the row again afterwards.",
    "garbled": "{column}: {value} is garbled, its letters were lost when it was saved: export it again from "
    "the original (.xlsx, or CSV in UTF-8), or type it.",
    "formula": "{column}: {value} is an error value, a formula without a stored result or a picture: paste the values.",
    "number_id": "{column}: {value} is no id: the cell is a date, or a number of over 15 digits, with a fraction, or "
    "with leading zeros that were lost: format the column as text and type the id.",
    "ambiguous_name": "{column}: {value} is the name of several units in service: write the unit's id.",
    "not_your_unit": "{column}: {value} is not of the unit whose file this is: take the row out, or let its own "
    "unit or the campaign office import it.",
    "not_your_table": "{column}: {value}: tables of this kind are imported by the campaign office, not by units: "
    "take the table out.",
}
_COLUMNS: Final[Mapping[str, str]] = {
    "unit_id": "单位编号",
    "name": "名称",
    "kind": "单位类别",
    "tags": "标签",
    "zone_id": "所属中心校",
    "community_id": "所属共同体核心校",
    "liaison_id": "包联股室",
    "opened_on": "设立日期",
    "closed_on": "撤销日期",
    "person_id": "人员编号",
    "person_name": "姓名",
    "role": "身份",
    "post": "岗位职务",
    "from": "开始日期",
    "to": "结束日期",
    "exemption_id": "免计编号",
    "duty": "任务",
    "period": "周期",
    "reason": "原因",
    "row_reason": "该行的原因",
    "record_id": "记录编号",
    "record": "填报类型",
    "occurred_at": "完成时间",
    "title": "标题",
    "content_sha256": "文件校验值",
    "evidence": "印证资料",
    "withdrawn_at": "撤回时间",
    "finding_id": "问题编号",
    "assessor_id": "考核单位",
    "found_on": "发现日期",
    "deadline": "整改期限",
    "points": "分值",
    "rectified_on": "整改日期",
    "category": "问题类别",
    "description": "问题描述",
    "sheet_id": "考核表编号",
    "item": "考核项目",
    "assessed_on": "考核日期",
    "decision_id": "决定编号",
    "year": "年度",
    "document": "会议纪要文号",
    "decided_on": "决定日期",
    "correction_id": "更正编号",
    "table": "表",
    "row": "行编号",
    "column": "列",
    "value": "更正值",
}
CODES: Final = frozenset(_CHINESE)
CODES_OF_FILES: Final = frozenset(
    {"garbled", "formula", "number_id", "ambiguous_name", "not_your_unit", "not_your_table"}
)
"""Only for files made by people: a cell of an event is used unchanged."""
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_EMPTY: Final = (("为“{value}”的", "的"), ("的“{value}”", ""), ("“{value}”", ""), (": {value}: ", ": "))
"""How a sentence reads without a value."""


def message(code: str, column: str = "", value: str = "", language: str = "zh", label: str = "") -> str:
    """One sentence with the column, the value and the remedy; an unknown code is shown unchanged.  `label`: the
    column's name in its table, if known."""
    chinese = language.lower().startswith("zh")
    sentence = (_CHINESE if chinese else _ENGLISH).get(code, code)
    if chinese and code in ("bad_date", "bad_instant") and _NUMBER.fullmatch(value):
        sentence = _BARE_NUMBER.replace("{hint}", _day_hint(value))
    if (code, column) == ("ambiguous_name", "person_name"):
        sentence = _PERSONS_NAME["zh" if chinese else "en"]
    if chinese and code in ("bad_date", "bad_instant"):
        sentence = re.sub("不是有效(?:日期|时间)", lambda match: match[0] + date_fault(value), sentence)
    label = label or (f"{_COLUMNS[column]} {column}" if chinese and column in _COLUMNS else column)
    if not value:  # the cell is empty, or its value is not kept any more
        for words, without in _EMPTY:
            sentence = sentence.replace(words, without)
    fault = fault_of(value, of_id=column.endswith("_id")) if code == "bad_text" else ""
    sentence = sentence.replace("{fault}", f"（{fault}）" if chinese and fault else f" ({fault})" if fault else "")
    hidden = column in _PRIVATE and code not in _SHOWN_ALWAYS
    return sentence.replace("{column}", label).replace("{value}", "…" if hidden else _shorten(value))


def column_label(column: str) -> str:
    """A column's Chinese label; a header of the file itself is shown unchanged."""
    return _COLUMNS.get(column, column)


def note_message(code: str, column: str, value: str, known: str) -> str:
    """The note on a cell that looks like something known; for the importer, so names are shown."""
    sentence = _NOTES[code].replace("{column}", column_label(column))
    return sentence.replace("{value}", _shorten(value)).replace("{known}", _shorten(known))


_WITHOUT_YEAR: Final = re.compile(r"[0-9]{1,2} *(?:月|[-/.]) *[0-9]{1,2} *[日号]?")
_WITHOUT_DAY: Final = re.compile(r"[0-9]{4} *(?:年|[-/.]) *[0-9]{1,2} *月?份?")
_SHORT_YEAR: Final = re.compile(r"[0-9]{2} *(?:年|[-/.]) *[0-9]{1,2} *(?:月|[-/.]) *[0-9]{1,2} *[日号]?")


def date_fault(value: str) -> str:
    """What is missing in a date that people wrote; empty: unknown."""
    for form, fault in (
        (_WITHOUT_YEAR, "（没有写年份）"),
        (_WITHOUT_DAY, "（没有写到哪一日）"),
        (_SHORT_YEAR, "（年份要写四位）"),
    ):
        if form.fullmatch(value):
            return fault
    return ""


def _day_hint(number: str) -> str:
    """The date that a spreadsheet's number may stand for."""
    whole = number.partition(".")[0]
    days = int(whole) if len(whole) < len("2018-09-01") else 0
    return f"（在表格中或许是 {_EPOCH + timedelta(days)}）" if 60 < days <= _LAST_DAY else ""


def _shorten(value: str) -> str:
    """The value, shortened, without unprintable characters."""
    clean = escape_line(value[:_MOST_SHOWN])
    return f"{clean}…" if len(value) > _MOST_SHOWN else clean
