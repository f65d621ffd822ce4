"""A digest for a group robot: markdown without any person, cut at a line's end where a robot takes no more bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

MARKDOWN_BYTES: Final = 4096
"""What a WeCom group robot accepts of markdown, in bytes of UTF-8 (libraries.md 1.2)."""


class RobotLine(NamedTuple):
    """A line of a robot's message; `number`: how many items it stands for, 0 of a heading."""

    text: str
    number: int = 0


def robot_text(subject: str, lines: Sequence[RobotLine], limit: int = MARKDOWN_BYTES) -> str:
    """All lines, or as many as fit whole and how many items were left out; headings without a line are left out too."""
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
    if not kept:  # a subject that leaves no room for a line
        first = first.encode()[: room - 1].decode(errors="ignore")
    shown = sum(line.number for line in lines[:kept])
    return "\n".join([first, *(line.text for line in lines[:kept]), _left_out(total - shown)])


def _left_out(number: int) -> str:
    return f"… 另有 {number} 项，请在系统消息箱中查看。"


def plain(text: str) -> str:
    """Without characters that a robot's markdown would act on."""
    return re.sub(r"[<>*`\[\]#]", " ", text)
