"""Messages (Chinese) for the lines of a roster's preview."""

from collections.abc import Mapping
from typing import Final

from chassis.process.problems import Problem
from services.participation.domain.messages import date_fault
from services.participation.domain.people_messages import sentence_for_people
from services.participation.roster.domain.lines import Line

GROUPS: Final[Mapping[str, str]] = {
    "joined": "新增", "moved": "调动", "role_changed": "岗位变动", "renamed": "更名", "left": "离任",
    "missing": "未出现", "unchanged": "无变化", "unsure": "需确认",
}  # fmt: skip
_COLUMNS: Final = {"person_id": "工号", "name": "姓名", "role": "岗位", "unit_id": "单位", "since": "任职起",
                   "until": "任职止"}  # fmt: skip
_REASONS: Final[Mapping[str, str]] = {
    "missing": "“{column}”为空，请补充。",
    "unknown_unit": "没有名为“{value}”的单位，请指明它是哪个单位；以后的花名册照此办理。",
    "unit_closed": "“{value}”所指的单位已经撤销，请指明现在是哪个单位；以后的花名册照此办理。",
    "ambiguous_name": "名为“{value}”的单位不止一个，请指明是哪一个；以后的花名册照此办理。",
    "unknown_role": "不认识岗位“{value}”，请指明它属于干部、教师还是其他；以后的花名册照此办理。",
    "other_unit": "“{value}”不是本单位，其人员由活动领导小组办公室办理。",
    "serves_elsewhere": "此人已在其他单位任职，调入由活动领导小组办公室办理。",
    "no_such_person": "这一行没有工号，台账中也没有同单位同名的在职人员，请补充工号。",
    "like_known": "没有工号“{value}”的人员；有一位的工号只差前面的 0 或大小写，请选择是这位还是新人。",
    "zeros_lost": "这份文件的工号丢了前面的 0，新增人员的工号“{value}”可能也是如此，请选择。",
    "several_people": "这一行没有工号，同单位有几位“{value}”，请选择是哪一位。",
    "two_rows": "此人在文件中有几行（{value}），同一时间只能在一个单位任职，请选择以哪一行为准。",
    "bad_order": "任职止“{value}”早于或等于任职起，请核对。",
    "ends_before_it_began": "任职止“{value}”早于台账中的任职起，请核对。",
    "overlapping": "从“{value}”起的任职与台账中此人的另一段任职重叠，请核对。",
    "begins_later": "台账中此人从“{value}”起任职，晚于花名册的日期。",
    "start_differs": "任职起“{value}”晚于台账中的任职起：可能离开后又回来，也可能日期有误。",
    "other_name": "这个工号登记的是“{value}”，与花名册上的姓名没有一个字相同：可能是本人更名，也可能工号已给了另一人。"
    "是本人的，选择按花名册办理；是另一人的，请不要改动，为新人另编工号后再提交。",
    "start_before": "任职起“{value}”不晚于此人在原单位的任职起，请核对；也可从花名册的日期起调动。",
    "erased": "此人的个人信息已删除，姓名不再保存；确认后将重新登记。",
    "changed_since": "预览之后此人的任职已有变动，没有改动，请重新预览。",
    "bad_date": "“{column}”的“{value}”不是有效日期{fault}，请按 2022-11-01 的格式填写。",
}
NOTES: Final[Mapping[str, str]] = {
    "returned": "曾任职，现返回", "same_name": "有同名人员", "repeated_row": "文件中重复出现", "not_yet": "尚未开始",
    "unit_not_listed": "整个单位没有出现在文件中", "ended_before": "文件中已离任", "end_differs": "任职止与台账不同",
    "start_differs": "任职起与台账不同，未改动", "replaces": "替换同日开始的任职", "corrected": "更正同日开始的任职",
    "other_name": "新旧姓名没有一个字相同，请核对是否同一人",
    "renamed": "姓名也有变化", "erased": "个人信息已删除", "not_later": "到下一份已确认的花名册为止",
    "further_posts": "另有兼任，已确认不以其为准",
    "until_next": "到台账中下一段任职开始为止",
    "zeros_lost": "工号前面的 0 与台账不同，姓名相同，按台账的工号办理",
}  # fmt: skip


def not_applied(roster_id: str) -> Problem:
    return Problem(404, "unknown_roster", f"编号为 {roster_id[:40]} 的花名册没有确认过。")


def reason_of(line: Line) -> str:
    """Why the line needs a decision; empty if it does not."""
    return sentence(line.reason, line.column, line.value) if line.reason else ""


def sentence(code: str, column: str, value: str = "") -> str:
    if (text := _REASONS.get(code)) is None:
        return sentence_for_people(code, column, value)
    text = text.replace("{fault}", date_fault(value) if code == "bad_date" else "")
    return text.replace("{column}", _COLUMNS.get(column, column)).replace("{value}", value[:80])


def notes_of(line: Line) -> list[str]:
    return [NOTES.get(note, note) for note in line.notes]
