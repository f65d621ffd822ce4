"""Messages for refused evidence."""

import contextlib
from collections.abc import Iterator
from typing import Final

from chassis.process.problems import Problem
from services.participation.evidence.domain import Refused

_KINDS: Final = "图片、PDF、Word、Excel、PPT、OFD 和视频"
_MESSAGES: Final[dict[str, tuple[int, str]]] = {
    "file_type": (422, f"这是{{0}}，不能作为印证资料：可以上传{_KINDS}。"),
    "picture_format": (422, "这种图片（{0}）打不开，请另存为 JPG 或 PNG 后再上传。"),
    "broken_picture": (422, "图片已损坏，打不开，请重新拍照或另存后再上传。"),
    "too_many_pixels": (422, "图片太大（{0}），请缩小后再上传。"),
    "file_costs_too_much": (422, "文件打开时占用过多，没有收下，请另存后再上传。"),
    "person_erased": (422, "此人的个人信息已删除，不能再上传。"),
    "quota_full": (413, "本单位的印证资料空间已满（已用 {0} MB，共 {1} MB），请先移除不需要的资料，"
                   "或与活动领导小组办公室联系。"),
    "unknown_file": (404, "没有这个文件。"),
    "unknown_record": (404, "没有编号为 {0} 的填报记录。"),
    "no_small_copy": (404, "这个文件没有缩略图。"),
    "file_gone": (410, "文件已不在，或所属人员的个人信息已删除。"),
    "file_of_another": (422, "这个文件不属于该填报记录的单位或人员。"),
    "record_withdrawn": (409, "该填报记录已撤回，不能再归档资料。"),
    "not_attached": (409, "这个文件不在该填报记录中。"),
    "not_of_unit": (422, "{0} 不在该单位任职。"),
    "unknown_unit": (404, "没有编号为 {0} 的单位。"),
}  # fmt: skip


def problem(code: str, *words: str) -> Problem:
    status, text = _MESSAGES[code]
    return Problem(status, code, text.format(*(word[:80] for word in words), "", ""), column="file")


@contextlib.contextmanager
def refusal() -> Iterator[None]:
    """Turns a refusal of the domain into a problem."""
    try:
        yield
    except Refused as error:
        raise problem(str(error)) from None
