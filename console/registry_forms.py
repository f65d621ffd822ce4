"""The forms of 单位与人员 and what each sends: a field is that of the body of the service's route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from console.language import words

ROLES = {"teacher": "教师", "cadre": "干部", "other": "其他"}
POSTS = {
    "clerk": "填报员", "head": "主要负责人", "inspector": "检查人员", "campaign_office": "活动领导小组办公室",
    "leader": "局领导",
}  # fmt: skip
UNIT_KINDS = {
    "school": "学校", "kindergarten": "幼儿园", "office": "股室（办）", "secondary": "二级单位", "bureau": "教育局",
}  # fmt: skip
TAGS = {
    "central_school": "中心校", "community_core": "共同体核心校", "research_office": "教研室",
    "supervision_office": "督查室",
}  # fmt: skip
REASONS = {
    "typing": "录入错误", "notice": "组织人事通知", "document": "补齐材料", "renamed": "本人改名", "other": "其他",
}  # fmt: skip
FIRST_DAY_OUT = "当日起不再计入，前一天是最后一天。"


class Entry(NamedTuple):
    """A field of a form.  `type`: of an input, or choice, units, people, tags; `clears`: an empty one says `none`,
    where it else says `as it was`."""

    name: str
    label: str
    type: str = "text"
    required: bool = True
    help: str = ""
    choices: Mapping[str, str] = {}
    clears: bool = False


@dataclass(frozen=True)
class Form:
    """`route`: of memberships, posts or units; `change`: what its body says; `of`: what the page that it belongs to
    shows, a person or a unit; `danger`: the button is marked."""

    title: str
    route: str
    change: str
    entries: tuple[Entry, ...]
    about: str = ""
    of: str = "person"
    danger: bool = False
    fixed: Mapping[str, str] = field(default_factory=dict)


_ROLE = Entry("role", "身份", "choice", choices=ROLES)
_REASON = (
    Entry("reason_code", "原因", "choice", choices=REASONS),
    Entry("reason", "说明", required=False, help="一句话说清楚，如：合同上的日期是 2022-09-01。选“其他”时必填。"),
)
_CELLS_OF_UNIT = (
    Entry("kind", "单位类别", "choice", choices=UNIT_KINDS),
    Entry("tags", "标签", "tags", False, choices=TAGS, clears=True),
)
_RELATIONS = (
    Entry("zone_id", "所属中心校", "units", False, clears=True),
    Entry("community_id", "所属共同体核心校", "units", False, clears=True),
    Entry("liaison_id", "包联股室", "units", False, clears=True),
)
FORMS: dict[str, Form] = {
    "join": Form("新增人员", "memberships", "join", (
        Entry("person_id", "工号", help="一人一号，全区不重复。"), Entry("name", "姓名"), _ROLE,
        Entry("since", "从哪一天起任职", "date"),
    ), "从外单位调来的人员，由原单位办理调动，不用在这里新增。", of="unit"),
    "leave": Form("离任", "memberships", "leave", (Entry("day", "离任日期", "date", help=FIRST_DAY_OUT),),
                  "退休、离职等不再在本区任职的办理离任；调到本区其他单位的办理调动。"),
    "transfer": Form("调动", "memberships", "transfer", (
        Entry("to_unit_id", "调入单位", "units"), Entry("day", "调动日期", "date", help="这一天起算调入单位的人员。"),
        Entry("role", "在调入单位的身份", "choice", False, "不选就是原来的身份。", ROLES),
    )),
    "role": Form("身份变动", "memberships", "transfer", (
        Entry("role", "新的身份", "choice", choices=ROLES), Entry("day", "从哪一天起", "date"),
    ), "从某一天起身份变了才在这里办；一直登记错的，请办理更正。"),
    "correct": Form("更正", "memberships", "correct", (
        Entry("name", "姓名"), _ROLE, Entry("new_since", "任职开始", "date"),
        Entry("until", "任职结束", "date", False, "还在任职的不填。", clears=True), *_REASON,
    ), "只改登记错了的；调动、离任、身份变动请在各自的地方办理。"),
    "void": Form("作废", "memberships", "void", _REASON, "整条登记作废，当作没有任过职。登记错了人、错了单位时用。",
                 danger=True),
    "restore": Form("恢复", "memberships", "restore", _REASON),
    "assign": Form("指定岗位职务", "posts", "assign", (
        Entry("post", "岗位职务", "choice", choices=POSTS), Entry("person_id", "人员", "people"),
        Entry("since", "从哪一天起", "date"),
    ), "一个岗位可以由几个人担任（A、B 岗）；换人请用移交。", of="unit"),
    "end-post": Form("结束岗位职务", "posts", "end",
                     (Entry("day", "结束日期", "date", help="当日起没有该岗位的权限。"),),
                     fixed={"reason": "任期结束"}),
    "correct-post": Form("更正岗位职务", "posts", "correct", (
        Entry("new_since", "开始", "date"), Entry("until", "结束", "date", False, clears=True), *_REASON,
    )),
    "void-post": Form("作废岗位职务", "posts", "void", _REASON, danger=True),
    "restore-post": Form("恢复岗位职务", "posts", "restore", _REASON),
    "register": Form("登记单位", "units", "register", (
        Entry("unit_id", "单位编号"), Entry("name", "单位名称"), *_CELLS_OF_UNIT, *_RELATIONS,
        Entry("opened_on", "设立日期", "date"),
    ), of="units"),
    "relate": Form("改变所属关系", "units", "relate", (*_RELATIONS, Entry("day", "从哪一天起", "date")),
                   "只填改变了的；当日之前的关系不变。", of="unit"),
    "close": Form("撤销单位", "units", "close", (Entry("day", "撤销日期", "date", help="当日起没有应完成的事项。"),),
                  "在这里任职的人员请先办理调动或离任。", of="unit", danger=True),
    "correct-unit": Form("更正单位", "units", "correct", (
        Entry("name", "单位名称"), *_CELLS_OF_UNIT, *_RELATIONS, Entry("opened_on", "设立日期", "date"),
        Entry("closed_on", "撤销日期", "date", False, clears=True), *_REASON,
    ), "只改登记错了的；关系变了请办理改变所属关系。", of="unit"),
}  # fmt: skip
"""By the name in the address."""
KEYS = {
    "memberships": ("unit_id", "person_id", "since"), "posts": ("unit_id", "post", "person_id", "since"),
    "units": ("unit_id",),
}  # fmt: skip
"""What names the row that a form is about; what the form has a field for is given there."""
OF_CELLS = ("name", "kind", "tags", "zone_id", "community_id", "liaison_id", "opened_on", "closed_on")


def body_of(form: Form, given: Mapping[str, str]) -> dict[str, object]:
    """What is sent to the service of a form as it was filled in."""
    body: dict[str, object] = {"change": form.change, **form.fixed}
    cells: dict[str, str] = {}
    named = {entry.name for entry in form.entries}
    for key in KEYS[form.route]:
        if key not in named:
            body[key] = given.get(key, "")
    for entry in form.entries:
        text = given.get(entry.name, "").strip()
        if not text and not entry.required and not entry.clears:
            continue
        if form.route == "units" and entry.name in OF_CELLS:
            if text or form.change == "correct":
                cells[entry.name] = text
        else:
            body[entry.name] = text
    return body | ({"cells": cells} if form.route == "units" else {})


def missing_in(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """By the name of each required field that is empty."""
    return {entry.name: words("请填写“{field}”。" if entry.type not in ("choice", "units") else "请选择“{field}”。")
            .format(field=words(entry.label))
            for entry in form.entries if entry.required and not given.get(entry.name, "").strip()}  # fmt: skip
