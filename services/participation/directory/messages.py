"""Messages of refused changes, Chinese, for the field of the form that they are about."""

from collections.abc import Mapping
from typing import Final

from chassis.process.problems import Problem
from services.participation.domain.outcomes import Refused
from services.participation.domain.people_messages import sentence_for_people

_FIELD_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "join": {"from": "since", "to": "until"}, "leave": {"to": "day", "from": "since"},
    "transfer": {"to": "day", "from": "day", "unit_id": "to_unit_id"}, "correct": {"from": "new_since", "to": "until"},
    "assign": {"from": "since", "to": "until"}, "end": {"to": "day"}, "relate": {"from": "day"},
    "close": {"closed_on": "day"},
}  # fmt: skip
"""The field of a change for a column of its rows."""
_TEXTS: Final[Mapping[tuple[str, str], str]] = {
    ("join", "conflict"): "该人员已登记从这一天起在本单位任职，内容与填写的不同：确需改动的，请打开该人员办理更正。",
    ("join", "overlapping"): "该人员这一天起还在任职：在其他单位的，请原单位办理调动；在本单位的，请打开该人员办理。",
    ("transfer", "overlapping"): "该人员从这一天起另有任职，请核对调动的日期。",
    ("transfer", "conflict"): "该人员已登记从这一天起在调入单位任职，内容不同，请先更正那一条。",
    ("correct", "overlapping"): "更正后的日期与该人员的另一段任职重叠：请先更正另一段，或核对日期。",
    ("assign", "conflict"): "该人员已登记从这一天起担任这一岗位，确需改动的，请更正那一条。",
    ("register", "conflict"): "这个编号已有单位，请换一个编号，或更正那个单位。",
}  # fmt: skip
OWN: Final[Mapping[str, str]] = {
    "missing_reason": "请写明原因。",
    "missing_words": "请用一句话写明原因。",
    "other_name": "这个工号登记的是另一个姓名：请核对工号。确是本人改了名的，请原单位先更正姓名。",
    "erased_person": "该人员的个人信息已经删除，不能再登记或更正。",
    "not_serving": "该人员这一天不在本单位任职，不能担任这一岗位；请核对人员和日期，或先登记任职。",
    "office_only": "这一岗位由活动领导小组办公室指定。",
    "nothing": "没有要更正的内容。",
    "same_place": "请选择调入的单位，或改为另一种身份。",
}  # fmt: skip
UNKNOWN_ROW: Final = "这一条登记已经不在，或已作废：请返回，看现在的登记。"


def refusal(change: str, refused: Refused, value: str) -> Problem:
    """Problem 422 for the field."""
    column = _FIELD_OF.get(change, {}).get(refused.column, refused.column)
    text = _TEXTS.get((change, refused.code)) or (UNKNOWN_ROW if refused.code == "unknown_row" else "")
    text = text or sentence_for_people(refused.code, refused.column, value)
    return Problem(422, refused.code, text, column=column)


def own_refusal(code: str, column: str) -> Problem:
    return Problem(422, code, OWN[code], column=column)
