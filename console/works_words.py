"""Works in words: where they stand, the uses that an author agrees to."""

from collections.abc import Iterable, Mapping
from typing import Any

LEVELS = {"inside": "内部展示", "unit": "单位公众号", "district": "区级公众号", "print": "刊印"}
ABOUT_LEVELS = {
    "inside": "在本单位内展示、收入单位内部的汇编", "unit": "在本单位的公众号上公开",
    "district": "在区教育局的公众号上公开",
    "print": "印入教育专刊等印刷品",
}  # fmt: skip
PROGRESS_STATES = {
    "handed_in": "待单位推荐", "to_assign": "待分派评审", "in_review": "评审中", "returned": "退回修改",
    "passed": "评审通过", "below": "未达入选线", "selected": "单位入选", "selected_by_district": "区级入选",
    "deselected": "已取消入选", "withdrawn": "授权已撤回",
}  # fmt: skip
COLOURS = {
    "handed_in": "open", "to_assign": "open", "in_review": "open", "returned": "late", "passed": "done",
    "below": "excused", "selected": "done", "selected_by_district": "done", "deselected": "excused",
    "withdrawn": "excused",
}  # fmt: skip
"""As the states of duties are coloured."""
KINDS = {"text": "文稿", "docx": "文稿", "picture": "图片"}
SUBJECTS = {"article": "推文", "anthology": "优秀成果汇编"}
WORDS: Mapping[str, Mapping[str, str]] = {
    "levels": LEVELS, "about": ABOUT_LEVELS, "progress_names": PROGRESS_STATES, "colours": COLOURS, "kinds": KINDS,
    "subjects": SUBJECTS,
}  # fmt: skip


def level_names(levels: Iterable[str]) -> str:
    """In the order of the uses."""
    given = set(levels)
    return "、".join(name for level, name in LEVELS.items() if level in given)


def asked_levels(rules: Mapping[str, Any]) -> dict[str, str]:
    """The campaign's uses with their names; while publicity is away, all."""
    return {level: LEVELS.get(level, level) for level in rules.get("levels") or LEVELS}
