"""What is said of rosters: groups, services, options, outcomes."""

from collections.abc import Mapping
from typing import Any

from console.language import words

GROUPS = {
    "joined": "新增",
    "moved": "调动",
    "role_changed": "岗位变动",
    "renamed": "更名",
    "left": "离任",
    "unsure": "需确认",
    "missing": "未出现",
    "unchanged": "无变化",
}
RUNNING = ("waiting", "reading", "comparing")
ENDED = ("unreadable", "abandoned")
"""States of a comparison that has no lines yet, or ended without any."""
CERTAIN = ("joined", "moved", "role_changed", "renamed", "left")
MISSING, UNSURE, UNCHANGED = "missing", "unsure", "unchanged"
ABOUT = {
    "missing": "文件里没有这些人。不勾选就继续任职；确实离任的，勾选并写明日期。",
    "unsure": "这些行有几种可能，请逐行选择；不选的不改动。",
    "unchanged": "与台账一致，不必办理。",
}
ROLES = {"cadre": "干部", "teacher": "教师", "other": "其他"}
OUTCOMES = {"accepted": "已办理", "unchanged": "无变化", "refused": "未接收"}
STATE = {"accepted": "done", "unchanged": "excused", "refused": "overdue"}


def percent_of(shown: Mapping[str, Any]) -> int:
    """Of a comparison that runs: the file is read, then its rows are compared."""
    if not shown.get("total"):
        return 5 if shown.get("state") == "reading" else 0
    return 20 + min(75, int(shown["done"]) * 75 // int(shown["total"]))


def service(held: Mapping[str, str] | None, known_name: str = "") -> str:
    """Where, as what, since when, with a name other than the known; empty: nowhere."""
    if not held:
        return ""
    days = words("{since} 起").format(since=held["since"])
    until = words("至 {until}").format(until=held["until"]) if held["until"] else ""
    name = held["name"] if held["name"] != known_name else ""
    role = words(ROLES.get(held["role"], held["role"]))
    return " ".join(filter(None, (name, held["unit_name"] or held["unit_id"], role, days, until)))


def option(each: Mapping[str, Any], person_id: str) -> str:
    """What choosing it does."""
    before, after = each["before"], each["after"]
    same = bool(before and after) and all(before[name] == after[name] for name in ("unit_id", "role", "since", "name"))
    if before == after:
        text = words("不改动")
    elif not after:
        text = words("作废这段任职")
    elif not before:
        text = f"{words('新增')} {service(after)}"
    elif same:
        text = f"{words('离任')} {service(after)}"
    else:
        text = f"{words('改为')} {service(after)}"
    return f"{each['person_id']} {text}" if each["person_id"] not in ("", person_id) else text


def shown_option(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the line would do when it is simply ticked."""
    options = line["options"]
    return options[0] if options else {"before": None, "after": None, "option": ""}
