"""The rules for one event: the attributes of CloudEvents 1.0 and ours, and data whose members are texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.process.text import escape_line, is_line

LONGEST: Mapping[str, int] = {"id": 256, "source": 256, "type": 256}
JSON_TYPE = re.compile(r"application/([a-z0-9.+-]+\+)?json\s*(;.*)?", re.IGNORECASE)
_EXTENSION = re.compile(r"[a-z0-9]{1,64}")
_WRAPPED = ("data 里又是一个事件：发送的程序把它又包了一层。请以 application/cloudevents+json 交给那个程序，"
            "或只发里面的一层。")  # fmt: skip
_OWN = frozenset({*LONGEST, "specversion", "datacontenttype", "dataschema", "subject", "time", "data", "data_base64"})
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_LOST = re.compile(r"\?{2,}")
"""Question marks in place of Chinese characters: the output of a program that writes ASCII, such as PowerShell without
a charset."""
_KINDS = {bool: "true/false", int: "number", float: "number", list: "array", dict: "object", str: "string"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with an event: the attribute or column, a code, a message (Chinese), its place (a JSON pointer into
    the body; line and position in unparsable data) and what was found there."""

    column: str
    code: str
    message: str
    path: str = ""
    excerpt: str = ""
    line: int = 0
    position: int = 0

    @property
    def place(self) -> dict[str, Any]:
        """The known parts of where the fault is."""
        known = {"path": self.path, "line": self.line, "position": self.position, "excerpt": self.excerpt}
        return {name: value for name, value in known.items() if value}


def text_attribute(event: Mapping[str, Any], name: str) -> str:
    """The attribute if it is acceptable text, else ''."""
    value = event.get(name)
    return value if isinstance(value, str) and _fit(value, LONGEST[name]) else ""


def attribute_fault(event: Mapping[str, Any], named: Mapping[str, str], path: str) -> Fault | None:
    """The first fault in the attributes; None if there is none."""
    for name, text in named.items():
        if not text:
            rule = f"须为 1 至 {LONGEST[name]} 个字符的文字，一行，前后没有空格。"
            return _fault(event, name, rule, path)
    if event.get("specversion") != "1.0":
        return _fault(event, "specversion", '须为 "1.0"。', path)
    for name in ("subject", "dataschema"):
        value = event.get(name)
        if value is not None and not (isinstance(value, str) and value):
            return _fault(event, name, "须为文字，没有时请不写。", path)
    time = event.get("time")
    if time is not None and not _is_time(time):
        return _fault(event, "time", "须为 RFC 3339 的时间，如 2022-12-02T08:00:00+08:00。", path)
    for name in event:
        if name not in _OWN and not _EXTENSION.fullmatch(name):
            rule = "不是可用的属性名：扩展属性只用小写字母和数字；报送的列请放在 data 里。"
            return Fault(
                escape_line(name[:128]), "bad_event", f"{escape_line(name[:60])} {rule}", f"{path}/{pointer(name)}"
            )
    return None


def fault_in_data(event: Mapping[str, Any], data: Any, path: str) -> Fault | None:
    """The fault in the data, or in the attributes that describe it; None if there is none."""
    form = event.get("datacontenttype")
    if form is not None and not (isinstance(form, str) and JSON_TYPE.fullmatch(form)):
        return _fault(event, "datacontenttype", "data 须为 application/json。", path.removesuffix("/data"))
    if ("data_base64" in event and "data" in event) or not isinstance(data, dict):
        twice = "这里的 data 是一段文字，里面才是 JSON（编码了两次）：请直接写对象。" if _is_encoded(data) else ""
        rule = "data 须为 JSON 对象，各列为文字；data 与 data_base64 只写一个。"
        return Fault("data", "bad_event", f"{rule}{twice}", path, _kind(data))
    if {"specversion", "source", "type"} <= data.keys():
        return Fault("data", "bad_event", _WRAPPED, path)
    for name, value in data.items():
        if value is not None and not isinstance(value, str):
            message = f"{escape_line(name[:60])} 须为 JSON 字符串（加引号的文字），没有的列请不写。"
            return Fault(escape_line(name[:128]), "bad_event", message, f"{path}/{pointer(name)}", _kind(value))
        if value and (_LOST.fullmatch(value) or "\ufffd" in value):
            message = (
                f"{escape_line(name[:60])} 里的汉字已经丢失，只剩问号或 U+FFFD：请让发送的程序用 UTF-8，再报送一次。"
            )
            return Fault(escape_line(name[:128]), "bad_text", message, f"{path}/{pointer(name)}")
    return None


def pointer(name: str) -> str:
    """A name as one step of a JSON pointer (RFC 6901)."""
    return escape_line(name[:128]).replace("~", "~0").replace("/", "~1")


def _fault(event: Mapping[str, Any], name: str, rule: str, path: str) -> Fault:
    value = event.get(name)
    excerpt = escape_line(value[:60]) if isinstance(value, str) else _kind(value)
    return Fault(name, "bad_event", f"{name} {rule}", f"{path}/{name}", excerpt)


def _kind(value: Any) -> str:
    """The kind of a value, not the value itself: it may be about a person."""
    return _KINDS.get(type(value), "") if value is not None else ""


def _is_encoded(data: Any) -> bool:
    return isinstance(data, str) and data.lstrip().startswith("{")


def _fit(value: str, longest: int) -> bool:
    return 0 < len(value) <= longest and is_line(value) and value == value.strip()


def _is_time(value: Any) -> bool:
    match = _TIME.fullmatch(value) if isinstance(value, str) and len(value) <= 64 else None
    if match is None:
        return False
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return False
    return True
