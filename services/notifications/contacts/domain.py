"""What may stand in the calendar and among the contacts, and why a row is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from duties.days import day_of, year_of
from duties.reminders import is_address
from services.notifications.domain.line import is_recipient

KINDS: Final = ("work", "rest")
SET_KINDS: Final = ("work", "rest", "usual")
_ROBOT: Final = re.compile(r"[A-Za-z0-9_-]{8,80}")
_INVISIBLE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True)
class Contact:
    """How a post or a person is reached; what is empty is not there."""

    recipient: str
    name: str = ""
    email: str = ""
    robot: str = ""


def contact_problem(contact: Contact) -> tuple[str, str] | None:
    """(column, code) of what is wrong with a contact's form."""
    if not is_recipient(contact.recipient):
        return "recipient", "unknown_recipient"
    if _INVISIBLE.search(contact.name) or len(contact.name) > 60:
        return "name", "bad_name"
    if contact.email and not is_address(contact.email):
        return "email", "bad_address"
    if contact.robot and not _ROBOT.fullmatch(contact.robot):
        return "robot", "bad_robot"
    return None if contact.email or contact.robot else ("email", "no_way")


def calendar_problems(year: int, days: Sequence[Mapping[str, str]]) -> list[tuple[int, str, str]]:
    """(place, column, code) of every day that cannot stand in that year's calendar."""
    result, seen = [], set()
    for place, day in enumerate(days):
        try:
            other = year_of(day_of(day["day"])) != year
        except ValueError:
            result.append((place, "day", "bad_date"))
            continue
        if other:
            result.append((place, "day", "other_year"))
        elif day["day"] in seen:
            result.append((place, "day", "duplicate"))
        elif day["kind"] not in KINDS:
            result.append((place, "kind", "not_a_choice"))
        seen.add(day["day"])
    return result


def sorted_days(days: Iterable[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
    """The days as an event bears them."""
    return tuple(sorted((day["day"], day["kind"], day.get("name", "")) for day in days))
