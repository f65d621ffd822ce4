"""The values of a campaign file in the words of a bureau's clerk.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.participation.campaign.file_messages import LABELS

_KINDS: Final = {"bureau": "教育局", "office": "股室（办）", "secondary": "二级单位", "school": "学校",
                 "kindergarten": "幼儿园"}  # fmt: skip
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "every": {"once": "一次性", "month": "每月", "quarter": "每季度", "semester": "每学期", "year": "每年"},
    "kinds": _KINDS,
    "pools": _KINDS,
    "tags": {"central_school": "中心校", "community_core": "共同体核心校", "research_office": "教研室",
             "supervision_office": "督查室"},
    "roles": {"cadre": "干部", "teacher": "教师", "other": "其他人员"},
    "rounding": {"floor": "舍去零头", "half_up": "四舍五入", "ceil": "进一"},
    "allocation": {"by_unit": "按单位", "open": "不分单位"},
    "counts_in": {"period": "计入本周期"},
    "of": {"unit": "单位", "person": "人员"},
    "filed_by": {"unit": "单位", "person": "本人"},
    "confirm": {"none": "不需要", "head": "主要负责人确认"},
    "people": {"chosen": "逐个选择", "everybody": "本单位全部"},
    "work": {"optional": "可以不交", "required": "必须有文字、文件或校验值"},
    "types": {"image": "图片", "pdf": "PDF", "document": "文档", "sheet": "表格", "slides": "演示文稿",
              "video": "视频"},
    "channels": {"email": "邮件", "wecom": "企业微信群机器人", "dingtalk": "钉钉群机器人"},
    "levels": {"inside": "本单位", "unit": "单位公众号", "district": "区级公众号", "print": "印发"},
    "letters": {"as_is": "不变", "upper": "改为大写", "lower": "改为小写"},
    "evidence": {"required": "必须有"},
    "distinct": {"content": "相同内容只计一次"},
    "source": {"local": "区局自定"},
}  # fmt: skip
_ABSENT: Final = "不写"


def value_words(key: str, value: Any) -> str:
    """The value of this key in one line; values without a Chinese name are unchanged."""
    match value:
        case None:
            return _ABSENT
        case Mapping() | Sequence() if not value:
            return _ABSENT
        case bool():
            return "是" if value else "否"
        case Mapping():
            return "，".join(f"{LABELS.get(part, part)} {value_words(part, each)}" for part, each in value.items())
        case str():
            return _WORDS.get(key, {}).get(value, value)
        case Sequence():
            return "、".join(value_words(key, each) for each in value)
    return str(value)
