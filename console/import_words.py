"""What is said of imports: tables, states, who did it, when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console import labels
from console.names import names_of
from console.users import User

ZONE = ZoneInfo("Asia/Shanghai")
TABLES = {
    "records": "填报记录",
    "withdrawals": "撤回",
    "people": "任职",
    "findings": "督查问题",
    "sheets": "季考核表",
    "corrections": "更正",
    "units": "单位",
    "posts": "岗位职务",
    "exemptions": "免计",
    "decisions": "决定",
}
OF_UNIT = ("records", "withdrawals", "people", "findings", "sheets", "corrections")
"""What a unit's post may import."""
MONTH = "month"
LABELS = {**TABLES, "roster": "花名册"}
STATES = {
    "uploading": "等待上传",
    "waiting": "等待比对",
    "comparing": "正在比对",
    "reading": "正在读取",
    "deciding": "正在审核",
    "finished": "已完成",
    "unreadable": "文件无法读取",
    "abandoned": "没有做完",
}
OPEN = ("uploading", "reading", "deciding")


def tables_of(of_district: bool) -> Mapping[str, str]:
    return TABLES if of_district else {name: TABLES[name] for name in OF_UNIT}


def today_of(body: Mapping[str, Any]) -> str:
    """The day by the system's clock, which may be a rehearsal's; by this one's where the service did not say."""
    return str(body.get("today") or f"{datetime.now(ZONE):%Y-%m-%d}")


def local_time(utc: str) -> str:
    """To the minute; empty: none."""
    return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M}" if utc else ""


def actor_text(actor: str, user: User, names: Mapping[str, str]) -> str:
    """`post:person@unit` as people say it; `names`: of `names_of_actors`."""
    role, _, _ = actor.partition(":")
    person = _person_of(actor)
    if person and person == user.account_id and not user.is_operator:
        return "本人"
    if role == "operator":
        return labels.ROLES["operator"]
    named = f"{names[person]}（{person}）" if names.get(person) else person
    return f"{labels.label(labels.ROLES, role)} {named}".strip()


def names_of_actors(user: User, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """By id the names of those whose `actor` stands in the rows, for whoever may see names; not the user's own."""
    actors = {str(row["actor"]) for row in rows if row.get("actor")}
    persons = {_person_of(actor) for actor in actors if not actor.startswith("operator:")} - {user.account_id, ""}
    return names_of(user, people=persons).people if persons else {}


def _person_of(actor: str) -> str:
    return actor.partition(":")[2].partition("@")[0]


def progress_of(shown: Mapping[str, Any]) -> tuple[int, int]:
    """Done of all, of an import that runs: bytes of rows; while files are read, files."""
    parts = shown.get("files") or []
    if not parts:
        return int(shown.get("files_read") or 0), max(1, len(shown.get("uploads") or ()))
    return sum(part["done_bytes"] for part in parts), max(1, sum(part["bytes"] for part in parts))
