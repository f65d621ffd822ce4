"""What the units and people of a page are called, where its service says only their ids: people for whoever may see
names.  Without an answer pages show ids, and the notice of services that are away says why."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from console.components import components
from console.guard import LONGEST_PATH
from console.users import User

OF_PEOPLE, OF_UNITS, MOST = "see_names", "see_units", 1000
_LOGGED = "POST participation/api/names "


class Names(NamedTuple):
    """By id; who was erased or is not known has none."""

    units: Mapping[str, str] = {}
    people: Mapping[str, str] = {}


def names_of(user: User, units: Iterable[str] = (), people: Iterable[str] = ()) -> Names:
    """In one question; whose names were shown stands in the security log."""
    asked = {"units": _ids(units) if user.may(OF_UNITS) else [], "people": _ids(people) if user.may(OF_PEOPLE) else []}
    if not user.may(OF_UNITS) or not any(asked.values()):
        return Names()
    body = components().services.post_json(user, "participation", "/api/names", asked).body
    names = Names(body.get("units") or {}, body.get("people") or {})
    for what in _lines(names.people):
        components().security_log.write_once("export", user.account_id, what)
    return names


def _ids(ids: Iterable[str]) -> list[str]:
    return sorted({each for each in ids if each})[:MOST]


def _lines(people: Iterable[str]) -> Iterator[str]:
    """As many ids a line as an entry has room for."""
    line = ""
    for person_id in people:
        if line and len(_LOGGED) + len(line) + 1 + len(person_id) > LONGEST_PATH:
            yield _LOGGED + line
            line = ""
        line += f",{person_id}" if line else person_id
    if line:
        yield _LOGGED + line
