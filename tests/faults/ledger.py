"""The ledger: finds in the stores themselves (asking no service) where every number ended."""
# ruff: noqa: S608 - run names are our own

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from tests.faults.load import Load
from tests.faults.numbered_events import NumberedEvent
from tests.support.services import subscriptions_of
from tests.support.system import SERVICES, DistrictSystem, System

ENDS = ("applied", "waiting", "refused", "quarantined")
LOGGED = {"unit": "unit_registered", "person": "membership_started", "record": "record_submitted",
          "finding": "finding_reported"}  # fmt: skip


def ask(system: System, service: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement that both kinds of store understand."""
    if isinstance(system, DistrictSystem):
        with system.postgres.connect(system.databases[service].rpartition("/")[2]) as connection:
            return list(connection.execute(statement.encode()))
    path = system.data / service / "store.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
        return list(connection.execute(statement))


@dataclass
class StoredFacts:
    """Everything that the stores contain of one run."""

    log: Counter[str]
    applied: dict[str, Counter[str]]
    waiting: set[str]
    quarantined: dict[str, str]
    aside: dict[str, dict[str, str]]


def read(system: System, run: str, load: Load) -> StoredFacts:
    """The facts of a run, by stream or by id."""
    bodies = [(bytes(body), code) for body, code in ask(
        system, "participation", "SELECT body, code FROM quarantine WHERE origin IN ('intake', 'dead')")]  # fmt: skip
    unreadable = [number.id for body in load.bodies if not body.readable for number in body.numbers]
    return StoredFacts(
        _streams(system, "participation", "log_events", run),
        {name: _streams(system, name, "inbox_events", run) for name in SERVICES[1:]},
        {id for (id,) in ask(system, "participation", _pending_of(run))},
        {id: code for id in unreadable for body, code in bodies if f'"{id}"'.encode() in body},
        {name: dict(ask(system, name, (
            f"SELECT stream, code FROM quarantine WHERE stream LIKE '%{run}-%' AND state IN ('open', 'parked')")))
         for name in SERVICES},
    )  # fmt: skip


def _pending_of(run: str) -> str:
    return f"SELECT id FROM intake_pending_reports WHERE id LIKE '{run}-%'"


def _streams(system: System, service: str, table: str, run: str) -> Counter[str]:
    rows = ask(system, service, f"SELECT stream, count(*) FROM {table} WHERE stream LIKE '%-{run}-%' GROUP BY stream")
    return Counter({str(stream): int(count) for stream, count in rows})


def is_subscribed(service: str, kind: str) -> bool:
    """Whether a service subscribes to participation's events of such a stream."""
    projected = {cls.wire for cls in subscriptions_of(service)[0].subscribed}
    return f"participation.{LOGGED[kind]}.v1" in projected


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

    def __init__(self, facts: StoredFacts, load: Load, also_valid: dict[str, str]) -> None:
        self.facts, self.load, self.also_valid = facts, load, also_valid
        self.subscribers = {kind: [s for s in SERVICES[1:] if is_subscribed(s, kind)] for kind in LOGGED}

    def close(self) -> Ledger:
        numbers = [number for body in self.load.bodies for number in body.numbers]
        ledger = Ledger(len(numbers))
        unanswered = set(self.load.open)
        for number in numbers:
            ends = self._ends(ledger, number)
            if number.id in unanswered:
                ledger.stuck.append(f"{number.id} has no answer")
            elif not ends:
                ledger.lost.append(f"{number.id}: {sorted(self.load.receipts[number.id].values())}")
            if len(ends) > 1 or self._accepted_twice(number):
                ledger.twice.append(f"{number.id}: {sorted(ends)} {self.load.receipts[number.id]}")
            if len(ends) == 1:
                (end,) = ends
                ledger.ends[end] += 1
                if end not in number.ends and end not in map(self.also_valid.get, number.ends):
                    ledger.wrong.append(f"{number.id} is {end} instead of {number.ends}")
        return ledger

    def _accepted_twice(self, numbered: NumberedEvent) -> bool:
        return list(self.load.receipts[numbered.id].values()).count("accepted") > 1

    def _ends(self, ledger: Ledger, numbered: NumberedEvent) -> set[str]:
        result = set()
        if self.facts.log[numbered.stream]:
            result.add(self._followed(ledger, numbered))
        if numbered.id in self.facts.waiting:
            result.add("waiting")
        if numbered.id in self.facts.quarantined:
            result.add("quarantined")
            ledger.codes[self.facts.quarantined[numbered.id]] += 1
        if numbered.id in self.load.problems or "refused" in self.load.receipts[numbered.id].values():
            result.add("refused")
        return result

    def _followed(self, ledger: Ledger, numbered: NumberedEvent) -> str:
        """Follows an event of participation's log through every service that subscribes to it."""
        if self.facts.log[numbered.stream] > 1:
            ledger.twice.append(f"{numbered.stream} {self.facts.log[numbered.stream]} times in the log")
        end = "applied"
        for service in self.subscribers[numbered.stream.split("-", 1)[0]]:
            aside = self.facts.aside[service].get(numbered.stream)
            times = self.facts.applied[service][numbered.stream] + (aside is not None)
            if aside is not None:
                end = "quarantined"
                ledger.codes[aside] += 1
            if times == 0:
                ledger.lost.append(f"{numbered.stream} never came to {service}")
            elif times > 1:
                ledger.twice.append(f"{numbered.stream} {times} times in {service}")
        return end


def close(system: System, run: str, load: Load, also_valid: dict[str, str]) -> Ledger:
    """The ledger of a run that has come to rest, or did not in time; `also_valid`: further valid outcomes."""
    return ledger_from(read(system, run, load), load, also_valid)


def ledger_from(facts: StoredFacts, load: Load, also_valid: dict[str, str]) -> Ledger:
    """The ledger of these facts."""
    return _Closing(facts, load, also_valid).close()


def unfinished(system: System, run: str) -> list[str]:
    """What is in progress according to the stores: relays, cursors, receipts, due rows."""
    heads = {}
    result = []
    for service in SERVICES:
        for partition, position in ask(system, service, "SELECT partition, position FROM log_heads"):
            heads[service, partition] = position
        for partition, position in ask(system, service, "SELECT partition, position FROM log_relays"):
            if position != heads[service, partition]:
                result.append(f"{service}'s relay is at {position} of {heads[service, partition]}")
    for service in SERVICES:
        query = "SELECT source, partition, position, stopped FROM inbox_cursors"
        for source, partition, position, stopped in ask(system, service, query):
            if position != heads[source, partition]:
                result.append(f"{service} is at {position} of {source}'s {heads[source, partition]} {stopped}")
            elif stopped:
                result.append(f"{service} has stopped hearing {source}: {stopped}")
    ((receipts,),) = ask(system, "participation", "SELECT count(*) FROM intake_receipts")
    ((ready,),) = ask(system, "participation", "SELECT count(*) FROM intake_pending_reports WHERE ready = 1")
    return [*result, *([f"{receipts} receipts"] if receipts else []), *([f"{ready} rows to decide"] if ready else [])]
