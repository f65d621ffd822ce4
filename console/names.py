"""What the units and people of a page are called, where its service says only their ids: people for whoever may see
names.  Without an answer pages show ids, and the notice of services that are away says why."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.components import components
from console.users import User
from console.viewed_people import write_viewed_people

OF_PEOPLE, OF_UNITS, MOST = "see_names", "see_units", 1000


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
    write_viewed_people(user, "POST participation/api/names", names.people)
    return names


def _ids(ids: Iterable[str]) -> list[str]:
    return sorted({each for each in ids if each})[:MOST]
