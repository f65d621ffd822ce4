"""Words of a form's files: which types a kind asks for, and what the page's script says (console/static/uploads.js)."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.language import words

TYPES = {
    "image": "图片",
    "pdf": "PDF",
    "document": "Word 或 OFD 文档",
    "sheet": "Excel 表格",
    "slides": "演示文稿",
    "video": "视频",
}
ACCEPTED = {
    "image": ("image/*", ".heic", ".heif"),
    "pdf": (".pdf",),
    "document": (".doc", ".docx", ".ofd", ".wps"),
    "sheet": (".xls", ".xlsx", ".et"),
    "slides": (".ppt", ".pptx", ".dps"),
    "video": ("video/*",),
}
"""As a file input's `accept` names them."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA = {
    "image": ("image/",),
    "pdf": ("application/pdf",),
    "document": ("application/msword", f"{_OFFICE}wordprocessingml", "application/ofd"),
    "sheet": ("application/vnd.ms-excel", f"{_OFFICE}spreadsheetml"),
    "slides": ("application/vnd.ms-powerpoint", f"{_OFFICE}presentationml"),
    "video": ("video/",),
}  # fmt: skip
"""How the media types of kept files begin."""
SCRIPT = {
    "choose": "选择文件",
    "photo": "拍照",
    "drop": "可以一次选多个，也可以拖到这里或直接粘贴。",
    "waiting": "等待上传",
    "shrinking": "正在压缩",
    "sending": "正在上传",
    "done": "已上传",
    "stopped": "网络断开，恢复后自动继续",
    "signed_out": "登录已失效，重新登录后自动继续",
    "again": "重试",
    "remove": "移除",
    "pick": "没有传完，请再选一次这个文件，从断点继续",
    "failed": "没有上传成功，请重试",
    "sum": "已上传 {done} / {all} 个文件",
    "bytes": "{sent} / {size} MB",
    "too_many": "最多 {max} 个文件，多出的没有加上。",
    "too_large": "{name} 超过 {max} MB，没有加上。",
    "wrong_type": "{name} 不是这里要交的文件，没有加上。",
    "twice": "{name} 已经在列表中。",
    "later": "还有 {left} 个文件没有传完，传完后自动提交。",
    "first": "请先移除没有收下的文件，再提交。",
}
"""By the names that the script asks for."""


def file_words() -> dict[str, str]:
    return {name: words(text) for name, text in SCRIPT.items()}


def files_help(evidence: Mapping[str, Any]) -> str:
    """How many files, of which types."""
    text = "至少 {min} 个，最多 {max} 个；{types}；每个不超过 200 MB。"
    if not evidence["min"]:
        text = "最多 {max} 个；{types}；每个不超过 200 MB。"
    return words(text).format(min=evidence["min"], max=evidence["max"], types=type_names(evidence["types"]))


def accepted(types: Sequence[str]) -> str:
    """For a file input; no types: all that can be kept."""
    return ",".join(item for name in types or ACCEPTED for item in ACCEPTED.get(name, ()))


def type_names(types: Sequence[str]) -> str:
    return "、".join(words(TYPES.get(name, name)) for name in types or ACCEPTED)


def is_asked(media_type: str, types: Sequence[str]) -> bool:
    return not types or any(media_type.startswith(MEDIA.get(name, ())) for name in types)
