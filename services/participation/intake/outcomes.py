"""Counts the outcomes of each publisher's reports by day, and stores receipts for a while, in the transaction that
decides them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.canonical_json import instant, moment
from chassis.intake.cloudevents import Receipt
from chassis.store.database import Store
from chassis.store.schema import intake_outcomes, receipt_log
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.campaign.queries import campaign_in_force

RECEIPT_DAYS: Final = 30
"""How long a receipt can be read again."""
SHOWN_DAYS: Final = 14
UNAUTHORIZED: Final = "unauthorized"
"""In place of an outcome: a request whose token was not accepted."""
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_SLICE: Final = 5000
_ADD = (
    "INSERT INTO intake_outcomes (publisher, day, outcome, code, count, last_at) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (publisher, day, outcome, code) DO UPDATE SET "
    "count = intake_outcomes.count + excluded.count, last_at = excluded.last_at"
)
Key = tuple[str, str, str]
"""A publisher, an outcome and, if refused, the code."""


class OutcomeCounts:
    """The outcomes of the reports in one unit of work."""

    def __init__(self, unit_of_work: UnitOfWork, zone: tzinfo | None = None) -> None:
        self._unit_of_work, self._zone = unit_of_work, zone or _ZONE
        self._counts: Counter[Key] = Counter()
        self._answered: list[tuple[str, ...]] = []

    def add(self, publisher: str, receipt: Receipt) -> None:
        """`publisher` is empty for reports of an operator or an unregistered sender: they are not counted."""
        if publisher:
            self._counts[publisher, receipt.outcome, receipt.code if receipt.outcome == "refused" else ""] += 1
            self._answered.append((publisher, self._unit_of_work.now, receipt.source, receipt.id, receipt.outcome,
                                   receipt.column, receipt.code))  # fmt: skip

    def write(self) -> None:
        """Write the counts together with the events, in the same order in every transaction (against deadlocks)."""
        counts, self._counts = self._counts, Counter()
        answered, self._answered = self._answered, []
        if counts:
            unit_of_work = self._unit_of_work
            unit_of_work.defer_write(lambda: _write(unit_of_work, counts, answered, self._zone))


def _write(unit_of_work: UnitOfWork, counts: Mapping[Key, int], answered: list[tuple[str, ...]], zone: tzinfo) -> None:
    count_outcomes(unit_of_work.store, unit_of_work.connection, counts, unit_of_work.now, zone)
    unit_of_work.store.insert(unit_of_work.connection, receipt_log, answered)


def count_outcomes(
    store: Store, connection: Connection, counts: Mapping[Key, int], now: str, zone: tzinfo = _ZONE
) -> None:
    """Add them to the day's counts, by the campaign's clock."""
    statement = _ADD if store.postgresql else _ADD.replace("%s", "?")
    day = moment(now).astimezone(zone).date().isoformat()
    for (publisher, outcome, code), count in sorted(counts.items()):
        store.send(connection, statement, (publisher, day, outcome, code, count, now))


def outcomes_of_publishers(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """By publisher, since its registration, latest first; without requests whose token was not accepted."""
    columns = intake_outcomes.c
    last = sa.func.max(columns.last_at)
    query = sa.select(columns.publisher, columns.outcome, columns.code, sa.func.sum(columns["count"]), last)
    query = query.where(columns.outcome != UNAUTHORIZED).group_by(columns.publisher, columns.outcome, columns.code)
    result: dict[str, list[dict[str, Any]]] = {}
    for publisher, outcome, code, count, last_at in connection.execute(query.order_by(last.desc(), columns.code)):
        shown = {"outcome": outcome, "code": code, "count": int(count), "last_at": last_at}
        result.setdefault(publisher, []).append(shown)
    return result


def outcomes_by_day(connection: Connection, now: str) -> dict[str, list[dict[str, Any]]]:
    """By publisher the outcomes of its reports in recent days, latest day first."""
    columns = intake_outcomes.c
    stored = campaign_in_force(connection)
    zone = stored.rules.zone if stored else _ZONE
    begin = (moment(now).astimezone(zone).date() - timedelta(days=SHOWN_DAYS - 1)).isoformat()
    query = sa.select(intake_outcomes).where(columns.day >= begin)
    result: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query.order_by(columns.day.desc(), columns.outcome, columns.code)):
        shown = {"day": row.day, "outcome": row.outcome, "code": row.code, "count": row[4]}
        result.setdefault(row.publisher, []).append(shown)
    return result


def receipts_since(
    connection: Connection, publisher: str, since: str, after: int, limit: int, outcome: str
) -> list[dict[str, Any]]:
    """The receipts after the number `after`, oldest first."""
    columns = receipt_log.c
    query = sa.select(receipt_log).where(columns.publisher == publisher, columns.seq > after, columns.at >= since)
    query = query.where(columns.outcome == outcome) if outcome else query
    return [
        {"seq": row.seq, "at": row.at, "source": row.source, "id": row.id, "outcome": row.outcome,
         "column": row.field, "code": row.code}
        for row in connection.execute(query.order_by(columns.seq).limit(limit))
    ]  # fmt: skip


def forget_old_receipts(units_of_work: UnitsOfWork, now: str) -> int:
    """Delete expired receipts in small transactions; returns how many."""
    limit, forgotten = instant(moment(now) - timedelta(days=RECEIPT_DAYS)), 0
    old = sa.select(receipt_log.c.seq).where(receipt_log.c.at < limit).order_by(receipt_log.c.seq).limit(_SLICE)
    while True:
        with units_of_work.begin("service:participation") as unit_of_work:
            number = unit_of_work.connection.execute(sa.delete(receipt_log).where(receipt_log.c.seq.in_(old))).rowcount
        forgotten += number
        if number < _SLICE:
            return forgotten


def forget_outcomes(connection: Connection, publisher: str) -> None:
    """A publisher registered again under the same name starts anew."""
    for table in (intake_outcomes, receipt_log):
        connection.execute(sa.delete(table).where(table.c.publisher == publisher))


def unauthorized(denied: Iterable[tuple[tuple[str, str], int]], known: frozenset[str]) -> dict[Key, int]:
    """Counts of requests whose token named a registered publisher and was not accepted."""
    return {(name, UNAUTHORIZED, code): count for (name, code), count in denied if name in known}
