"""A filing's answers in words: fields in the order of the form, people, units and other filings by their names."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from console.local_times import ZONE
from console.service_client import ServiceResponse
from console.users import User

Read = Callable[..., ServiceResponse]


def answers(
    kind: Mapping[str, Any], filing: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Title and text of each field that is filled in.  `names`: of ids, where the reader may know them."""
    values = filing.get("fields") or {}
    for field in kind.get("fields") or []:
        if field["id"] in values:
            yield field["title"], _text(field, values[field["id"]], names or {})
        elif field["id"] in (filing.get("private_fields") or ()):
            yield field["title"], "（个人文字，只有本人能看）"


def names_of_answers(user: User, read: Read, kind: Mapping[str, Any], filing: Mapping[str, Any]) -> dict[str, str]:
    """Of those whom the answers name: people of the unit for its own posts, units for everybody."""
    given = {field["type"]: True for field in kind.get("fields") or [] if (filing.get("fields") or {}).get(field["id"])}
    names: dict[str, str] = {}
    if "people" in given and user.may("keep_roster"):
        listed = read("participation", f"/api/units/{filing['unit_id']}/people").body.get("people") or []
        names |= {each["person_id"]: each["name"] for each in listed if each["name"]}
    if "units" in given:
        listed = read("participation", "/api/directory/unit-names").body.get("units") or []
        names |= {each["unit_id"]: each["name"] for each in listed}
    for field in kind.get("fields") or []:
        if field["type"] == "record" and (named := (filing.get("fields") or {}).get(field["id"])):
            body = read("participation", f"/api/filings/{named}").body
            names[named] = f"{body.get('title') or ''} {str(body.get('occurred_at') or '')[:10]}".strip() or named
    return names


def local_moment(utc: str) -> str:
    """When something was recorded, for people; '': it cannot be read."""
    try:
        return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M}"
    except ValueError:
        return ""


def _text(field: Mapping[str, Any], value: Any, names: Mapping[str, str]) -> str:
    labels = {**names, **{each["code"]: each["label"] for each in field.get("choices") or ()}}
    if isinstance(value, list) and field["type"] == "lines":
        return "\n".join(_line(field.get("columns") or [], line) for line in value)
    if isinstance(value, list):
        return "、".join(labels.get(str(each), str(each)) for each in value)
    return labels.get(str(value), str(value))


def _line(columns: list[Mapping[str, Any]], line: Mapping[str, Any]) -> str:
    labels = [{each["code"]: each["label"] for each in column.get("choices") or ()} for column in columns]
    cells = [(known, str(line.get(column["id"], ""))) for known, column in zip(labels, columns, strict=True)]
    return "；".join(known.get(text, text) for known, text in cells if text)
