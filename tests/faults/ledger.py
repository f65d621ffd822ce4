"""The ledger: reads the stores themselves and says of every number where it ended; asks no service."""
# ruff: noqa: S608 - run names are our own

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tests.faults.numbered import Numbered
from tests.faults.outsiders import Sending
from tests.support.house import SERVICES, DistrictHouse, House

ENDS = ("applied", "waiting", "refused", "quarantined")
LOGGED = {"unit": "unit_registered", "person": "membership_started", "record": "record_submitted",
          "finding": "finding_reported"}  # fmt: skip


def ask(house: House, service: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement that both kinds of store understand."""
    if isinstance(house, DistrictHouse):
        with house.postgres.connect(house.databases[service].rpartition("/")[2]) as connection:
            return list(connection.execute(statement.encode()))
    path = house.data / service / "store.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return list(connection.execute(statement))


@dataclass
class Books:
    """Everything that the stores say of one run."""

    log: Counter[str]
    heard: dict[str, Counter[str]]
    raised: Counter[str]
    waiting: set[str]
    quarantined: dict[str, str]
    aside: dict[str, dict[str, str]]


def read(house: House, run: str, sending: Sending) -> Books:
    """The books of a run, by stream or by id."""
    bodies = [(bytes(body), code) for body, code in ask(
        house, "participation", "SELECT body, code FROM quarantine WHERE origin IN ('intake', 'dead')")]  # fmt: skip
    unreadable = [one.id for body in sending.bodies if not body.readable for one in body.numbers]
    return Books(
        _streams(house, "participation", "log_events", run),
        {name: _streams(house, name, "inbox_events", run) for name in SERVICES[1:]},
        _streams(house, "assessment", "log_events", run),
        {id for (id,) in ask(house, "participation", f"SELECT id FROM intake_waiting WHERE id LIKE '{run}-%'")},
        {id: code for id in unreadable for body, code in bodies if f'"{id}"'.encode() in body},
        {name: dict(ask(house, name, (
            f"SELECT stream, code FROM quarantine WHERE stream LIKE '%{run}-%' AND state IN ('open', 'parked')")))
         for name in SERVICES},
    )  # fmt: skip


def _streams(house: House, service: str, table: str, run: str) -> Counter[str]:
    rows = ask(house, service, f"SELECT stream, count(*) FROM {table} WHERE stream LIKE '%-{run}-%' GROUP BY stream")
    return Counter({str(stream): int(count) for stream, count in rows})


def hears(service: str, kind: str) -> bool:
    """Whether a service takes in what participation says of such a stream."""
    projected = {cls.wire for cls in import_module(f"services.{service}.projections").projects.heard}
    reacted = {"assessment": {"participation.finding_reported.v1"}}.get(service, set())
    return f"participation.{LOGGED[kind]}.v1" in projected | reacted


@dataclass
class Ledger:
    """Where every number of a run ended."""

    events: int
    ends: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.twice or self.stuck or self.wrong) and sum(self.ends.values()) == self.events


class _Closing:
    """Closes one run's ledger."""

    def __init__(self, books: Books, sending: Sending, also: dict[str, str]) -> None:
        self.books, self.sending, self.also = books, sending, also
        self.hearers = {kind: [s for s in SERVICES[1:] if hears(s, kind)] for kind in LOGGED}

    def close(self) -> Ledger:
        numbers = [one for body in self.sending.bodies for one in body.numbers]
        made = Ledger(len(numbers))
        unanswered = set(self.sending.open)
        for one in numbers:
            ends = self._ends(made, one)
            if one.id in unanswered:
                made.stuck.append(f"{one.id} has no answer")
            elif not ends:
                made.lost.append(f"{one.id}: {sorted(self.sending.heard[one.id].values())}")
            if len(ends) > 1 or self._accepted_twice(one):
                made.twice.append(f"{one.id}: {sorted(ends)} {self.sending.heard[one.id]}")
            if len(ends) == 1:
                (end,) = ends
                made.ends[end] += 1
                if end not in one.ends and end not in map(self.also.get, one.ends):
                    made.wrong.append(f"{one.id} is {end} instead of {one.ends}")
        return made

    def _accepted_twice(self, one: Numbered) -> bool:
        return list(self.sending.heard[one.id].values()).count("accepted") > 1

    def _ends(self, made: Ledger, one: Numbered) -> set[str]:
        found = set()
        if self.books.log[one.stream]:
            found.add(self._followed(made, one))
        if one.id in self.books.waiting:
            found.add("waiting")
        if one.id in self.books.quarantined:
            found.add("quarantined")
            made.codes[self.books.quarantined[one.id]] += 1
        if one.id in self.sending.problems or "refused" in self.sending.heard[one.id].values():
            found.add("refused")
        return found

    def _followed(self, made: Ledger, one: Numbered) -> str:
        """An event of participation's log through every service that hears it."""
        if self.books.log[one.stream] > 1:
            made.twice.append(f"{one.stream} {self.books.log[one.stream]} times in the log")
        end = "applied"
        for service in self.hearers[one.stream.split("-", 1)[0]]:
            aside = self.books.aside[service].get(one.stream)
            times = self.books.heard[service][one.stream] + (aside is not None)
            if aside is not None:
                end = "quarantined"
                made.codes[aside] += 1
            if times == 0:
                made.lost.append(f"{one.stream} never came to {service}")
            elif times > 1:
                made.twice.append(f"{one.stream} {times} times in {service}")
        if one.stream.startswith("finding-") and self.books.raised[one.stream] != 1:
            told = made.twice if self.books.raised[one.stream] else made.lost
            told.append(f"{one.stream} raised {self.books.raised[one.stream]} times by assessment")
        return end


def close(house: House, run: str, sending: Sending, also: dict[str, str]) -> Ledger:
    """The ledger of a run that has come to rest, or did not in time; `also`: another end that is as right."""
    return reckoned(read(house, run, sending), sending, also)


def reckoned(books: Books, sending: Sending, also: dict[str, str]) -> Ledger:
    """The ledger that these books give."""
    return _Closing(books, sending, also).close()


def unsettled(house: House, run: str) -> list[str]:
    """What is still on its way, by the stores: relays, cursors, receipts, rows whose turn has come."""
    heads = {}
    found = []
    for service in SERVICES:
        for partition, position in ask(house, service, "SELECT partition, position FROM log_heads"):
            heads[service, partition] = position
        for partition, position in ask(house, service, "SELECT partition, position FROM log_relays"):
            if position != heads[service, partition]:
                found.append(f"{service}'s relay is at {position} of {heads[service, partition]}")
    for service in SERVICES:
        query = "SELECT source, partition, position, stopped FROM inbox_cursors"
        for source, partition, position, stopped in ask(house, service, query):
            if position != heads[source, partition]:
                found.append(f"{service} is at {position} of {source}'s {heads[source, partition]} {stopped}")
            elif stopped:
                found.append(f"{service} has stopped hearing {source}: {stopped}")
    ((receipts,),) = ask(house, "participation", "SELECT count(*) FROM intake_receipts")
    ((ready,),) = ask(house, "participation", "SELECT count(*) FROM intake_waiting WHERE ready = 1")
    return [*found, *([f"{receipts} receipts"] if receipts else []), *([f"{ready} rows to decide"] if ready else [])]
