"""The stored statements, and the counts of those that became no record, within one transaction."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.schema import pending_reports, statement_actors, statement_tallies, statements
from chassis.store.unit_of_work import UnitOfWork

RECORDED, WAITING, REFUSED, UNMAPPED, NONE, ERASED = "recorded", "waiting", "refused", "unmapped", "none", "erased"
STATES: Final = (RECORDED, WAITING, REFUSED, UNMAPPED, NONE, ERASED)
MOST_OF_GROUP: Final = 20_000
"""The most statements without a record that are kept per publisher, verb and activity type: the newest."""
MOST_GROUPS: Final = 500
"""The most combinations of verb and activity type counted per publisher; further ones are counted together."""
_AT_ONCE: Final = 500

Group = tuple[str, str, str, str]
"""A verb, an activity type, the reason, and where the actor's account is."""


@dataclass
class KeptStatement:
    """A statement to store: the columns for later queries, and its outcome."""

    statement: dict[str, Any]
    statement_id: str
    digest: str
    verb: str
    activity_type: str
    activity: str
    actor: str
    target: str = ""
    voids: bool = False
    voided: bool = False
    state: str = NONE
    code: str = ""
    source: str = ""
    person_id: str = ""
    seq: int = 0
    registration: str = field(default="")
    account: str = ""

    @property
    def group(self) -> Group:
        return self.verb, self.activity_type, self.code, self.account


class Tallies:
    """The number of statements that became no record, by verb, activity type, reason and account, and the newest of
    them."""

    def __init__(self, unit_of_work: UnitOfWork, publisher: str) -> None:
        self._unit_of_work, self._publisher = unit_of_work, publisher
        self._changes: Counter[Group] = Counter()
        self._newest: dict[Group, str] = {}

    def add(self, group: Group, statement_id: str) -> None:
        self._changes[group] += 1
        self._newest[group] = statement_id

    def take_back(self, group: Group) -> None:
        """One of them became a record after all, or was voided."""
        self._changes[group] -= 1

    def write(self) -> None:
        """Also deletes the oldest statements of groups that are too large."""
        changes = {group: count for group, count in sorted(self._changes.items()) if count}
        self._changes.clear()
        if not changes:
            return
        known = self._stored_tallies()
        shown = {_kind(group) for group in known}
        for given, count in changes.items():
            is_new = _kind(given) not in shown and len(shown) >= MOST_GROUPS
            group = ("", "", given[2], "") if is_new else given
            shown.add(_kind(group))
            before = known.get(group)
            total = max(0, (before.total if before else 0) + count)
            newest = self._newest.get(given) or (before.example if before else "")
            known[group] = after = _Tally(total, before.first_at if before else self._unit_of_work.now, newest)
            self._store_tally(group, after)
            if count > 0 and total > MOST_OF_GROUP:
                self._forget_oldest(group)
        self._newest.clear()

    def _stored_tallies(self) -> dict[Group, "_Tally"]:
        table = statement_tallies.c
        query = sa.select(table.verb, table.activity_type, table.code, table.account, table["count"], table.first_at,
                          table.example)  # fmt: skip
        rows = self._unit_of_work.connection.execute(query.where(table.publisher == self._publisher))
        return {tuple(row[:4]): _Tally(*row[4:]) for row in rows}

    def _store_tally(self, group: Group, tally: "_Tally") -> None:
        connection, columns = self._unit_of_work.connection, statement_tallies.c
        connection.execute(sa.delete(statement_tallies).where(
            columns.publisher == self._publisher, columns.verb == group[0], columns.activity_type == group[1],
            columns.code == group[2], columns.account == group[3]))  # fmt: skip
        if tally.total:
            connection.execute(sa.insert(statement_tallies).values(
                publisher=self._publisher, verb=group[0], activity_type=group[1], code=group[2], account=group[3],
                count=tally.total, first_at=tally.first_at, last_at=self._unit_of_work.now,
                example=tally.example))  # fmt: skip

    def _forget_oldest(self, group: Group) -> None:
        columns = statements.c
        of_group = sa.and_(columns.publisher == self._publisher, columns.state == UNMAPPED)
        if group[0]:
            of_group = sa.and_(of_group, columns.verb == group[0], columns.activity_type == group[1])
        kept = sa.select(columns.seq).where(of_group).order_by(columns.seq.desc()).offset(MOST_OF_GROUP).limit(1)
        if (last := self._unit_of_work.connection.execute(kept).scalar_one_or_none()) is not None:
            self._unit_of_work.connection.execute(sa.delete(statements).where(of_group, columns.seq <= last))


class _Tally(NamedTuple):
    total: int
    first_at: str
    example: str


def _kind(group: Group) -> tuple[str, str, str]:
    """Without the reason."""
    return group[0], group[1], group[3]


def slices(items: Collection[Any]) -> Iterator[list[Any]]:
    """In order, as many as one query may contain."""
    ordered = sorted(items)
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))


def known_statements(connection: Connection, publisher: str, ids: Collection[str]) -> dict[str, Any]:
    """Rows with these ids (without bodies), by id."""
    columns = [column for column in statements.c if column.name != "body"]
    result: dict[str, Any] = {}
    for some in slices(ids):
        query = sa.select(*columns).where(statements.c.publisher == publisher, statements.c.statement_id.in_(some))
        result |= {row.statement_id: row for row in connection.execute(query)}
    return result


def voided_before(connection: Connection, publisher: str, ids: Collection[str]) -> set[str]:
    """Those of the ids that an earlier statement voids."""
    result: set[str] = set()
    for some in slices(ids):
        query = sa.select(statements.c.target).where(
            statements.c.publisher == publisher, statements.c.voids == 1, statements.c.target.in_(some))  # fmt: skip
        result |= set(connection.execute(query).scalars())
    return result


def persons_of_actors(connection: Connection, actors: Collection[str]) -> dict[str, str]:
    """Persons by keyed identifiers, as registered by the operator."""
    result: dict[str, str] = {}
    for some in slices(actors):
        query = sa.select(statement_actors).where(statement_actors.c.actor.in_(some))
        result |= {row.actor: row.person_id for row in connection.execute(query)}
    return result


def is_pending(connection: Connection, source: str, report_id: str) -> bool:
    query = sa.select(pending_reports.c.seq).where(
        pending_reports.c.source == source, pending_reports.c.id == report_id)  # fmt: skip
    return connection.execute(query).first() is not None


def insert_statements(
    store: Store, connection: Connection, publisher: str, stored: str, kept: Sequence[KeptStatement]
) -> None:
    rows = [
        (publisher, each.statement_id, stored, each.verb, each.activity_type, each.activity, each.actor,
         each.account, each.registration, each.target, int(each.voids), int(each.voided), each.state, each.code,
         each.source, each.person_id, each.digest, json.dumps(each.statement, ensure_ascii=False)) for each in kept
    ]  # fmt: skip
    store.insert(connection, statements, rows)


def settle_statements(connection: Connection, kept: Iterable[KeptStatement]) -> None:
    """Update the outcomes of statements stored before."""
    for each in kept:
        connection.execute(sa.update(statements).where(statements.c.seq == each.seq).values(
            state=each.state, code=each.code, source=each.source, person_id=each.person_id))  # fmt: skip


def void(connection: Connection, publisher: str, ids: Collection[str]) -> None:
    for some in slices(ids):
        connection.execute(sa.update(statements).where(
            statements.c.publisher == publisher, statements.c.statement_id.in_(some)).values(voided=1))  # fmt: skip


def erase(connection: Connection, person_id: str) -> int:
    """Empty every statement by or about an erased person, and forget their accounts; returns how many.  For statements
    with unknown actors the personnel number is searched as a whole word."""
    number = re.escape(json.dumps(person_id, ensure_ascii=False)[1:-1])
    word = re.compile(rf"(?<![\w-]){number}(?![\w-])", re.IGNORECASE)
    c = statements.c
    mine = list(connection.execute(sa.select(c.seq).where(c.person_id == person_id)).scalars())
    unknown = connection.execute(sa.select(c.seq, c.body).where(c.person_id == "", c.body != ""))
    mine += [row.seq for row in unknown if word.search(row.body)]
    nothing = {"body": "", "actor": "", "activity": "", "registration": "", "digest": "", "code": "", "state": ERASED}
    for some in slices(mine):
        connection.execute(sa.update(statements).where(c.seq.in_(some)).values(**nothing))
    connection.execute(sa.delete(statement_actors).where(statement_actors.c.person_id == person_id))
    return len(mine)


def forget_publisher(connection: Connection, publisher: str) -> None:
    """Delete its statements and counts; the records made from them stay."""
    for table in (statements, statement_tallies):
        connection.execute(sa.delete(table).where(table.c.publisher == publisher))


def name_actors(connection: Connection, persons: Mapping[str, str]) -> None:
    """Register the persons of these keyed identifiers; an empty person removes one.  Stored statements are updated too,
    so that an erasure finds them."""
    for some in slices(persons):
        connection.execute(sa.delete(statement_actors).where(statement_actors.c.actor.in_(some)))
    named = [{"actor": actor, "person_id": person} for actor, person in sorted(persons.items()) if person]
    if named:
        connection.execute(sa.insert(statement_actors), named)
        owner = sa.select(statement_actors.c.person_id).where(statement_actors.c.actor == statements.c.actor)
        for some in slices([each["actor"] for each in named]):
            connection.execute(
                sa.update(statements).where(statements.c.actor.in_(some)).values(person_id=owner.scalar_subquery())
            )
