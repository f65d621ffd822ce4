"""What is owed and not done as of a day, whether or not it is due yet (scoring.md 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from duties.days import Day
from duties.instances import Instance


class Outstanding(NamedTuple):
    """An instance with fewer than `needed` counted records; its fields stand in the order in which they are sorted."""

    position: int
    period: str
    unit_id: str
    person_id: str
    duty: str
    due: Day
    counted: int
    needed: int
    overdue: bool


def outstanding(
    instances: Iterable[Instance], begun: Mapping[tuple[str, str], int], as_of: Day
) -> Iterator[Outstanding]:
    """One subject's part.  `begun` maps the (duty, period)s that have begun to the duty's place in the file."""
    for instance in instances:
        position = begun.get((instance.duty, instance.period))
        if position is None or instance.start > as_of:
            continue
        done = instance.counted(as_of)
        number = done.on_time + done.late
        if number < instance.needed:
            overdue = instance.due < as_of
            yield Outstanding(
                position,
                instance.period,
                instance.unit_id,
                instance.person_id,
                instance.duty,
                instance.due,
                number,
                instance.needed,
                overdue,
            )
