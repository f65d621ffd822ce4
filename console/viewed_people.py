"""Whose personal data somebody was shown, written into the security log: a person's own record lists it."""

from collections.abc import Iterable, Iterator

from console.components import components
from console.guard import LONGEST_PATH
from console.users import User


def write_viewed_people(user: User, address: str, person_ids: Iterable[str]) -> None:
    """The address of a page or of a service's route, and the ids of whoever was shown there; nobody: no entry."""
    for what in _entries(f"{address} ", person_ids):
        components().security_log.write_once("export", user.account_id, what)


def _entries(beginning: str, person_ids: Iterable[str]) -> Iterator[str]:
    """Each with as many ids as LONGEST_PATH characters have room for: none is cut off."""
    ids = ""
    for person_id in person_ids:
        if ids and len(beginning) + len(ids) + 1 + len(person_id) > LONGEST_PATH:
            yield beginning + ids
            ids = ""
        ids += f",{person_id}" if ids else person_id
    if ids:
        yield beginning + ids
