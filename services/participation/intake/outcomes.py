"""Counts what becomes of each publisher's reports, in the transaction that decides them."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.schema import intake_outcomes
from chassis.store.unit_of_work import UnitOfWork

_ADD = (
    "INSERT INTO intake_outcomes (publisher, outcome, code, count, last_at) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (publisher, outcome, code) DO UPDATE SET "
    "count = intake_outcomes.count + excluded.count, last_at = excluded.last_at"
)


class OutcomeCounts:
    """Of the reports of one unit of work: by publisher, outcome and, of a refused one, code."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit_of_work = unit_of_work
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, publisher: str, outcome: str, code: str) -> None:
        """`publisher` is empty for reports of an operator, or of nobody who is registered: they are not counted."""
        if publisher:
            self._counts[publisher, outcome, code if outcome == "refused" else ""] += 1

    def write(self) -> None:
        """With the events, in the same order in every transaction."""
        counts, self._counts = sorted(self._counts.items()), Counter()
        if counts:
            self._unit_of_work.defer_write(lambda: self._add_to_store(counts))

    def _add_to_store(self, counts: list[tuple[tuple[str, str, str], int]]) -> None:
        unit_of_work = self._unit_of_work
        statement = _ADD if unit_of_work.store.postgresql else _ADD.replace("%s", "?")
        for key, count in counts:
            unit_of_work.store.send(unit_of_work.connection, statement, (*key, count, unit_of_work.now))


def outcomes_of_publishers(connection: Connection) -> dict[str, list[dict[str, object]]]:
    """By publisher, the last first."""
    query = sa.select(intake_outcomes).order_by(intake_outcomes.c.last_at.desc(), intake_outcomes.c.code)
    result: dict[str, list[dict[str, object]]] = {}
    for row in connection.execute(query):
        shown = {"outcome": row.outcome, "code": row.code, "count": row[3], "last_at": row.last_at}
        result.setdefault(row.publisher, []).append(shown)
    return result


def forget_outcomes(connection: Connection, publisher: str) -> None:
    """A publisher that is added again under the name is another one."""
    connection.execute(sa.delete(intake_outcomes).where(intake_outcomes.c.publisher == publisher))
