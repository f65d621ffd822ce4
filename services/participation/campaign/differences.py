"""The differences between two campaign files in words: which duty, period, kind or rule is new, removed or changed.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from services.participation.campaign.file_messages import ITEMS, LABELS
from services.participation.campaign.value_words import value_words

Change: TypeAlias = Literal["added", "removed", "changed", "moved"]
_Item: TypeAlias = Mapping[str, Any]
_UNSEEN: Final = frozenset({"campaign", "version"})
"""Keys that differ in every file, or may not differ."""
_NAMES: Final = ("id", "record")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.  `section`: the key of the file; `item`: the id of what changed, empty for the section itself;
    `field`: the label of the changed value; `before` and `after` in words, empty if there is none."""

    section: str
    item: str
    title: str
    change: Change
    field: str
    before: str
    after: str
    message: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Ordered as in the new file; removed items at their place in the old one."""
    result, titles = list[Difference](), {**_titles(before), **_titles(after)}
    for key in dict.fromkeys((*after, *before)):
        if key not in _UNSEEN and before.get(key) != after.get(key):
            was, now = (_with_titles(key, campaign.get(key), titles) for campaign in (before, after))
            result += _of_section(key, was, now)
    return result


def _titles(campaign: Mapping[str, Any]) -> dict[str, str]:
    """The titles of its duties by id."""
    duties = campaign.get("duties") or []
    return {
        str(each.get("id")): str(each["title"]) for each in duties if isinstance(each, Mapping) and each.get("title")
    }


def _with_titles(key: str, value: Any, titles: Mapping[str, str]) -> Any:
    """Pauses with titles of duties in place of ids."""
    if key != "pauses" or not _is_list(value):
        return value
    return [
        {**each, "duties": [titles.get(str(duty), duty) for duty in each["duties"]]}
        if isinstance(each.get("duties"), list)
        else each
        for each in value or ()
    ]


def _of_section(key: str, before: Any, after: Any) -> Iterator[Difference]:
    if _is_list(before) and _is_list(after) and (before or after):
        old, new = _by_name(before), _by_name(after)
        yield from (
            _of_unnamed(key, before or [], after or []) if old is None or new is None else _of_items(key, old, new)
        )
    else:
        yield from _of_value(key, "", "", (key,), before, after)


def _of_items(key: str, old: Mapping[str, _Item], new: Mapping[str, _Item]) -> Iterator[Difference]:
    for name in dict.fromkeys((*new, *old)):
        item, was = new.get(name), old.get(name)
        title = str((item or was or {}).get("title") or "")
        if item is not None and was is not None:
            yield from _of_value(key, name, title, (), was, item)
        else:
            yield _whole_entry(key, name, title, item or was or {}, added=item is not None)
    if old.keys() == new.keys() and list(old) != list(new):
        label = _label(key)
        yield Difference(key, "", "", "moved", label, "", "", f"{label}：先后次序有调整")


def _of_unnamed(key: str, before: Sequence[_Item], after: Sequence[_Item]) -> Iterator[Difference]:
    """Entries without a name, such as pauses, are compared as a whole."""
    yield from (_whole_entry(key, "", "", item, added=True) for item in after if item not in before)
    yield from (_whole_entry(key, "", "", item, added=False) for item in before if item not in after)


def _whole_entry(key: str, name: str, title: str, item: Mapping[str, Any], *, added: bool) -> Difference:
    described = "，".join(
        f"{_label(part)} {value_words(part, value)}" for part, value in item.items() if part not in ("id", "title")
    )[:_LONGEST]
    words = f"{'新增' if added else '取消'}{_item_words(key, name, title)}"
    words += f"：{described}" if described and (added or not name) else ""
    change: Change = "added" if added else "removed"
    return Difference(key, name, title, change, "", "" if added else described, described if added else "", words)


def _of_value(
    section: str, name: str, title: str, path: tuple[str, ...], before: Any, after: Any
) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for part in dict.fromkeys((*after, *before)):
            yield from _of_value(section, name, title, (*path, part), before.get(part), after.get(part))
        return
    old, new = _by_name(before), _by_name(after)
    if path and old is not None and new is not None and (old or new):
        for part in dict.fromkeys((*new, *old)):
            yield from _of_value(section, name, title, (*path, part), old.get(part), new.get(part))
        return
    field = "的".join(_label(part) for part in path)
    words = value_words(path[-1], before)[:_LONGEST], value_words(path[-1], after)[:_LONGEST]
    about = f"{_item_words(section, name, title)}：" if name else ""
    change: Change = "added" if before is None else "removed" if after is None else "changed"
    yield Difference(section, name, title, change, field, *words, f"{about}{field}由“{words[0]}”改为“{words[1]}”")


def _item_words(key: str, name: str, title: str) -> str:
    kind = ITEMS.get(key) or _label(key)
    return f"{kind}“{title or name}”" if name else kind


def _label(key: str) -> str:
    return LABELS.get(key) or f"“{key[:40]}”"


def _is_list(value: Any) -> bool:
    """Whether it is a list of mappings, or missing."""
    return value is None or (isinstance(value, list) and all(isinstance(each, Mapping) for each in value))


def _by_name(value: Any) -> dict[str, _Item] | None:
    """The items of a list by name; None if they have no names."""
    if not _is_list(value):
        return None
    named = [(next((str(each[key]) for key in _NAMES if each.get(key)), ""), each) for each in value or ()]
    names = [name for name, _ in named]
    return dict(named) if all(names) and len(set(names)) == len(names) else None
