"""Describes a change in words (Chinese) before it is stored.  Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from services.participation.directory.domain import Change, MembershipChange, PostChange, UnitChange
from services.participation.history.rendering import COLUMNS, VALUES

ROLES: Final[Mapping[str, str]] = VALUES["people", "role"]
POSTS: Final[Mapping[str, str]] = VALUES["posts", "post"]
Named = Callable[[str], str]
"""The name of a unit by its id."""
OPEN: Final = "不定"


def sentences_of(change: Change, before: Mapping[str, str], name: str, unit: Named) -> list[str]:
    """`before`: the row's current cells; `name`: the person's."""
    match change:
        case MembershipChange():
            return list(_of_membership(change, before, f"{name}（{change.person_id}）", unit))
        case PostChange():
            return list(_of_post(change, before, f"{name}（{change.person_id}）", unit))
        case UnitChange():
            return list(_of_unit(change, before, unit))


def _of_membership(change: MembershipChange, before: Mapping[str, str], who: str, unit: Named) -> Iterator[str]:
    here, role = unit(change.unit_id), _role(before.get("role", ""))
    match change.change:
        case "join":
            until = f"，到 {change.until} 为止（当日起不在职）" if change.until else ""
            yield f"{who}从 {change.since} 起在{here}任{_role(change.role or '')}{until}。"
        case "leave":
            yield f"{who}在{here}的任职到 {change.day} 结束，当日起不在职。"
            yield "当日之前应完成的事项和得分不变，当日起不再有应完成的事项。"
        case "transfer" if change.to_unit_id in ("", change.unit_id):
            yield f"{who}从 {change.day} 起在{here}由{role}改任{_role(change.role or '')}。"
            yield "当日之前按原来的身份计算，当日起按新的身份计算。"
        case "transfer":
            after = _role(change.role or before.get("role", ""))
            yield f"{who}在{here}的任职到 {change.day} 结束，当日起在{unit(change.to_unit_id)}任{after}。"
            yield f"当日之前应完成的事项和得分仍归{here}，当日起归{unit(change.to_unit_id)}。"
        case "correct":
            after_cells = {"name": change.name, "role": change.role, "from": change.new_since, "to": change.until}
            yield from _changed_cells(before, after_cells, "people", f"{who}在{here}的任职")
        case "void":
            yield f"{who}从 {change.since} 起在{here}任{role}的登记作废：当作没有任过职。"
        case "restore":
            yield f"{who}从 {change.since} 起在{here}任{role}的登记恢复。"
    yield from _reason_sentence(change.reason)


def _of_post(change: PostChange, before: Mapping[str, str], who: str, unit: Named) -> Iterator[str]:
    here, post = unit(change.unit_id), POSTS.get(change.post, change.post)
    match change.change:
        case "assign":
            until = f"，到 {change.until} 为止" if change.until else ""
            yield f"{who}从 {change.since} 起担任{here}{post}{until}，有该岗位的全部权限。"
        case "end":
            yield f"{who}担任{here}{post}到 {change.day} 结束，当日起没有该岗位的权限。"
        case "correct":
            cells = {"from": change.new_since, "to": change.until}
            yield from _changed_cells(before, cells, "posts", f"{who}担任{here}{post}")
        case "void":
            yield f"{who}从 {change.since} 起担任{here}{post}的登记作废。"
        case "restore":
            yield f"{who}从 {change.since} 起担任{here}{post}的登记恢复。"
    yield from _reason_sentence(change.reason)


def _of_unit(change: UnitChange, before: Mapping[str, str], unit: Named) -> Iterator[str]:
    here = unit(change.unit_id)
    match change.change:
        case "register":
            kind = VALUES["units", "kind"].get(change.cells.get("kind", ""), "")
            cells = change.cells
            yield f"登记{kind}{cells.get('name', '')}（{change.unit_id}），从 {cells.get('opened_on', '')} 起设立。"
            yield from _relations(change, unit)
        case "relate":
            yield f"从 {change.day} 起，{here}改变所属关系；当日之前的不变。"
            yield from _relations(change, unit)
        case "close":
            yield f"{here}从 {change.day} 起撤销，当日起没有应完成的事项；之前的不变。"
        case "correct":
            yield from _changed_cells(before, change.cells, "units", here)
        case "void":
            yield f"{here}的登记作废：当作没有这个单位。"
        case "restore":
            yield f"{here}的登记恢复。"
    yield from _reason_sentence(change.reason)


def _relations(change: UnitChange, unit: Named) -> Iterator[str]:
    for column in ("zone_id", "community_id", "liaison_id"):
        if named := change.cells.get(column):
            yield f"{COLUMNS[column]}：{unit(named)}。"


def _changed_cells(before: Mapping[str, str], after: Mapping[str, str | None], table: str, what: str) -> Iterator[str]:
    changed = [(column, cell) for column, cell in after.items() if cell is not None and cell != before.get(column, "")]
    for column, cell in changed:
        values = VALUES.get((table, column), {})
        old = before.get(column, "")
        label = "姓名" if (table, column) == ("people", "name") else COLUMNS[column]
        yield f"{what}：{label}由“{values.get(old, old) or OPEN}”更正为“{values.get(cell, cell) or OPEN}”。"
    if changed:
        yield "原来的登记留在数据沿革里；未锁定的统计按更正后的重算。"
    else:
        yield "没有要更正的内容。"


def _reason_sentence(reason: str) -> Iterator[str]:
    if reason:
        yield f"原因：{reason}。"


def _role(role: str) -> str:
    return ROLES.get(role, role)
