"""Naming people in a form: everybody of the unit, everybody but some, or some; ticked, searched for, or pasted by name.
A form bears a box only for those who are shown, the others stand in one hidden field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from console.language import words

EVERYBODY, EXCEPT, THESE = "all", "except", "these"
MODES = (EVERYBODY, EXCEPT, THESE)
MOST_SHOWN = 60
LONGEST_PASTED = 60_000
_BETWEEN = re.compile(r"[\n\r\t,，、;；]+")
People = Mapping[str, str]
"""Id -> name of everybody who may be named."""


@dataclass(frozen=True)
class PickedPeople:
    """What a form says of people.  `ids`: those that are ticked, by which `mode` names them or leaves them out."""

    mode: str = ""
    ids: tuple[str, ...] = ()
    pasted: str = ""
    search: str = ""
    problem: str = ""

    def people(self, known: People) -> list[str]:
        """The ids of the people that the form names."""
        if self.mode == EVERYBODY:
            return list(known)
        if self.mode == EXCEPT:
            return [each for each in known if each not in set(self.ids)]
        return list(self.ids)


class Box(NamedTuple):
    """One person with a box."""

    person_id: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class PeopleView:
    """A field of people as its form shows it.  `kept`: ids that are ticked and have no box; `more`: the search matches
    others too."""

    picked: PickedPeople
    total: int
    boxes: Sequence[Box]
    kept: Sequence[str]
    most: int
    more: bool = False

    @property
    def is_searched(self) -> bool:
        return self.total > MOST_SHOWN


def picked_of(form: MultiDict[str, str], name: str, known: People) -> PickedPeople:
    """As the inputs of the field `name` say it; pasted names are read into ids, those that nobody bears stay."""
    mode = form.get(f"{name}.mode", THESE)
    kept = [] if form.get(f"{name}.cleared") else form.get(f"{name}.kept", "").split()
    ids = dict.fromkeys([*kept, *form.getlist(f"{name}.ticked")])
    pasted = form.get(f"{name}.pasted", "")[:LONGEST_PASTED]
    named, left = read_names(pasted, known)
    ids.update(dict.fromkeys(named))
    picked = PickedPeople(
        mode if mode in MODES else THESE, tuple(ids), search=form.get(f"{name}.search", "").strip()[:80]
    )
    return replace(picked, pasted="\n".join(left), problem=_unknown(left, known)) if left else picked


def read_names(text: str, known: People) -> tuple[list[str], list[str]]:
    """Ids of whom the text names, and the names that nobody bears, or several do."""
    by_name: dict[str, list[str]] = {}
    for person_id, name in known.items():
        by_name.setdefault(_plain(name), []).append(person_id)
    ids: list[str] = []
    left: list[str] = []
    for part in filter(None, map(str.strip, _BETWEEN.split(text))):
        whole = _match(part, known, by_name)
        pieces = [part] if whole else part.split()
        for piece in pieces:
            person_id = whole or _match(piece, known, by_name)
            (ids if person_id else left).append(person_id or piece)
    return ids, left


def _match(text: str, known: People, by_name: Mapping[str, list[str]]) -> str:
    if text in known:
        return text
    bearers = by_name.get(_plain(text), [])
    return bearers[0] if len(bearers) == 1 else ""


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _unknown(left: Sequence[str], known: People) -> str:
    names = [_plain(name) for name in known.values()]
    several = [each for each in left if names.count(_plain(each)) > 1]
    if several:
        return words("有同名的人，请写编号或在名单里勾选：{names}").format(names="、".join(several[:20]))
    return words("本单位名单里没有：{names}").format(names="、".join(left[:20]))


def as_picked(ids: Sequence[str], known: People, may_be_all: bool) -> PickedPeople:
    """People of a filing that is opened again."""
    if may_be_all and ids and set(ids) == set(known):
        return PickedPeople(EVERYBODY)
    return PickedPeople(THESE, tuple(ids))


def people_view(picked: PickedPeople, known: People, most: int) -> PeopleView:
    ticked = set(picked.ids)
    if len(known) <= MOST_SHOWN:
        shown, more = [*known, *(each for each in picked.ids if each not in known)], False
    else:
        matches = _matching_ids(picked.search, known) if picked.search else []
        more = len(matches) > MOST_SHOWN
        shown = list(dict.fromkeys([*matches[:MOST_SHOWN], *picked.ids[:MOST_SHOWN]]))
    names = [known.get(each, "") for each in known]
    boxes = [Box(each, _label(each, known.get(each, ""), names), each in ticked) for each in shown]
    kept = [each for each in picked.ids if each not in set(shown)]
    return PeopleView(picked, len(known), boxes, kept, most, more)


def _matching_ids(text: str, known: People) -> list[str]:
    wanted = _plain(text)
    return [each for each, name in known.items() if wanted in _plain(name) or wanted in each.casefold()]


def _label(person_id: str, name: str, names: Sequence[str]) -> str:
    return f"{name}（{person_id}）" if name and names.count(name) > 1 else name or person_id
