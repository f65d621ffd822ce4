"""Checks of values in requests that a schema cannot express: ids, one-line texts, instants.  They raise Problem."""

import re
from datetime import datetime, tzinfo
from typing import Final

from chassis.events.canonical_json import instant
from chassis.process.text import is_line
from services.publicity.refusal_messages import problem

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

LABELS: Final = {
    "at": "时间", "on": "日期", "title": "标题", "reason": "原因", "unit_id": "单位", "read_on": "审读日期",
    "due_on": "评审截止日", "comment": "评审意见",
}  # fmt: skip


def short_line(text: str) -> str:
    """A given value for a message: one line, shortened."""
    line = "".join(sign if sign.isprintable() else "□" for sign in text)
    return line if len(line) <= 40 else f"{line[:40]}…"


def bad_value(column: str, text: str) -> str:
    return f"{LABELS.get(column, column)}“{short_line(text)}”填写有误"


def checked_id(text: str, column: str) -> str:
    if not _ID.fullmatch(text):
        raise problem("bad_id", column, short_line(text))
    return text


def one_line_text(text: str, column: str, most: int = 100) -> str:
    """The text without surrounding blanks; one line, not empty."""
    if not text.strip() or len(text) > most or not is_line(text):
        label = LABELS.get(column, column)
        raise problem("bad_value", column, f"{label}应当是一行文字，1 到 {most} 个字，现在是 {len(text)} 个字")
    return text.strip()


def text_of_lines(text: str, column: str, most: int) -> str:
    """The text without surrounding blanks; may have several lines or be empty."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most or not all(is_line(line) for line in text.split("\n") if line):
        label = LABELS.get(column, column)
        raise problem("bad_value", column, f"{label}最多 {most} 个字，现在是 {len(text)} 个字")
    return text


def instant_until(now: str, zone: tzinfo, text: str, column: str = "at") -> str:
    """The instant (ISO 8601, without an offset local), now if empty; not in the future."""
    if not text:
        return now
    try:
        given = datetime.fromisoformat(text)
        at = instant(given if given.tzinfo else given.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise problem("bad_value", column, bad_value(column, text)) from None
    if at > now:
        raise problem("bad_value", column, bad_value(column, text))
    return at


def day_until(today: str, text: str, column: str) -> str:
    """The day (`YYYY-MM-DD`), today if empty; not in the future."""
    day = text or today
    if not _DAY.fullmatch(day) or day > today:
        raise problem("bad_value", column, bad_value(column, text))
    return day
