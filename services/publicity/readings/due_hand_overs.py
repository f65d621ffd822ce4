"""Moves readings along with a post that was handed over for a later day, once that day has come.  Derived from the
registry's posts, so nothing is stored, and any process may do it."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.unit_of_work import UnitOfWork
from duties.days import Day, day_of, iso
from services.publicity.readings.open_readings import appoint_successor, open_readings_of
from services.publicity.tables import registry
from services.publicity.transaction import PublicityTransaction
from services.registry.queries import campaign_in_force
from services.registry.versions import facts_known

ACTOR = "service:publicity"
LOOKED_BACK = 31
"""Days: readings of earlier hand-overs were moved already, or handled by a person."""


class HandOver(NamedTuple):
    """A post of a unit went from one person to exactly one other on a day."""

    unit_id: str
    person_id: str
    successor_id: str
    day: Day


def hand_over_due_readings(unit_of_work: Callable[[object], AbstractContextManager[UnitOfWork]]) -> None:
    """Readings that the successor may not do stay with the predecessor, as in a hand-over for today."""
    with unit_of_work(ACTOR) as transaction:
        if campaign_in_force(transaction.connection, registry) is None:
            return
        publicity = PublicityTransaction(transaction)
        for each in due_hand_overs(transaction.connection, day_of(publicity.today)):
            readings = open_readings_of(transaction.connection, each.unit_id, each.person_id, iso(each.day))
            appoint_successor(publicity, readings, each.successor_id, "")


def due_hand_overs(connection: Connection, today: Day) -> list[HandOver]:
    """Posts that ended by today and were taken over by exactly one other person on that day, in order of days."""
    left, next_ = registry.posts.alias("left"), registry.posts.alias("next")
    same = sa.and_(next_.c.unit_id == left.c.unit_id, next_.c.post == left.c.post, next_.c.since == left.c.until,
                   next_.c.person_id != left.c.person_id, facts_known(next_, None))  # fmt: skip
    query = sa.select(left.c.unit_id, left.c.post, left.c.person_id, left.c.until, next_.c.person_id.label("successor"))
    query = query.join(next_, same).where(
        left.c.until <= today, left.c.until > max(today - LOOKED_BACK, 0), facts_known(left, None)
    )
    successors = defaultdict[tuple[str, str, str, Day], list[str]](list)
    for row in connection.execute(query):
        successors[row.unit_id, row.post, row.person_id, row.until].append(row.successor)
    hand_overs = {HandOver(unit_id, person_id, names[0], day)
             for (unit_id, _, person_id, day), names in successors.items() if len(names) == 1}  # fmt: skip
    return sorted(hand_overs, key=lambda each: (each.day, each))
