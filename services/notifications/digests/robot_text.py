"""A digest for a group robot: markdown without any person, cut at the end of a line to the robot's limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

MARKDOWN_BYTES: Final = 4096
"""The limit of a WeCom group robot for markdown, in bytes of UTF-8 (libraries.md 1.2)."""


class RobotLine(NamedTuple):
    """A line of a robot's message; `number`: the number of items it stands for, 0 for a heading."""

    text: str
    number: int = 0


def robot_text(subject: str, lines: Sequence[RobotLine], limit: int = MARKDOWN_BYTES) -> str:
    """All lines, or as many as fit and the number of items left out; headings without lines are dropped."""
    first = f"**{plain(subject)}**"
    whole = "\n".join([first, *(line.text for line in lines)])
    if len(whole.encode()) <= limit:
        return whole
    total = sum(line.number for line in lines)
    room = limit - len(_left_out(total).encode())
    kept, size = 0, len(first.encode()) + 1
    for line in lines:
        size += len(line.text.encode()) + 1
        if size > room:
            break
        kept += 1
    while kept and not lines[kept - 1].number:
        kept -= 1
    if not kept:  # the subject alone fills the message
        first = first.encode()[: room - 1].decode(errors="ignore")
    shown = sum(line.number for line in lines[:kept])
    return "\n".join([first, *(line.text for line in lines[:kept]), _left_out(total - shown)])


def _left_out(number: int) -> str:
    return f"… 另有 {number} 项，请在系统消息箱中查看。"


def plain(text: str) -> str:
    """The text without characters that have a meaning in a robot's markdown."""
    return re.sub(r"[<>*`\[\]#]", " ", text)
