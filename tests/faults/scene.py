"""One fault on one system: its numbers are sent, the fault is injected meanwhile, and the ledger is closed."""

from __future__ import annotations

import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults import ledger
from tests.faults.ledger import Ledger
from tests.faults.numbered import numbered
from tests.faults.outsiders import Sending
from tests.faults.systems import FaultySystem, LoneSystem
from tests.support.processes import WaitTimeout, wait_until
from tests.support.stores import digests
from tests.support.system import SERVICES

AnySystem = FaultySystem | LoneSystem
SETTLE_SECONDS = 90.0
LOAD_SECONDS = 4.0
BACKWARDS = """
SELECT b.position FROM log_events a JOIN log_events b ON b.partition = a.partition AND b.position = a.position + 1
WHERE b.recorded_at < a.recorded_at
"""


@dataclass(frozen=True)
class Options:
    """`long`: a district's own heartbeats and five minutes without a database."""

    long: bool = False


@dataclass
class Result:
    """A line of docs/faults.md."""

    number: str
    name: str
    ledger: Ledger
    seconds: float
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.failures and self.ledger.clean


class Scene:
    """What an injection is given."""

    def __init__(self, system: AnySystem, run: str, options: Options, doors: tuple[str, ...]) -> None:
        self.system, self.run, self.options = system, run, options
        self.notes: list[str] = []
        self.load_seconds = LOAD_SECONDS
        self.sending: Sending | None = None
        self.also: dict[str, str] = {}  # an end that is right here too
        self._doors = doors
        self._looked: tuple[Ledger, list[str]] | None = None

    @property
    def district(self) -> FaultySystem:
        assert isinstance(self.system, FaultySystem)
        return self.system

    # while it is injected

    def begin(self) -> Sending:
        """The outside systems begin to send."""
        senders = self.system.senders()
        self.sending = Sending(numbered(self.run, self._doors), {d: senders[d] for d in self._doors}, self.load_seconds)
        self.sending.begin()
        return self.sending

    def sent(self, share: float) -> None:
        """Wait until so much of the load was sent once."""
        sending = self.sending or self.begin()
        wait_until(lambda: sending.share >= share, 60, lambda: f"{share} sent: {sending.share}")

    @property
    def begun(self) -> Sending:
        """What the outside systems have sent and heard so far."""
        assert self.sending is not None
        return self.sending

    def note(self, text: str) -> None:
        self.notes.append(text)

    def killed(self, name: str, limit: float = 30) -> None:
        """Wait until a process kills itself where it was told to."""
        code = self.system.processes[name].wait(limit)
        assert code == -9, f"{name} ended with {code}, not by kill -9\n{self.system.processes[name].tail()}"

    def said(self, name: str, text: str) -> bool:
        return text in self.system.processes[name].output()

    def waits_for(self, condition: Callable[[], Any], limit: float, what: str) -> None:
        wait_until(condition, limit, lambda: f"{what}\n{self.system.logs(15)}", interval=0.1)

    # afterwards

    def look(self) -> tuple[Ledger, list[str]]:
        """The ledger and what else does not hold, once; a fault whose ground goes away looks before that."""
        if self._looked is None:
            result = self._finish()
            self._looked = result, self._proofs()
        return self._looked

    def _finish(self) -> Ledger:
        """Everything whole again: wait until it has come to rest, and close the ledger."""
        self.system.heal()
        sending = self.sending or self.begin()
        try:
            wait_until(self.at_rest, SETTLE_SECONDS, "at rest", interval=0.3)
        except WaitTimeout:
            result = self._closed()
            result.stuck += ledger.unsettled(self.system, self.run)
            return result
        finally:
            sending.end()
        return self._closed()

    def _closed(self) -> Ledger:
        assert self.sending is not None
        return ledger.close(self.system, self.run, self.sending, self.also)

    def at_rest(self) -> bool:
        """Every number is answered for, nothing is on its way, and nothing is missing."""
        assert self.sending is not None
        sending = self.sending
        if sending.share < 1 or sending.open or ledger.unsettled(self.system, self.run):
            return False
        return not self._closed().lost

    def _proofs(self) -> list[str]:
        """What does not hold besides the ledger: processes, chains, rows after a rebuild."""
        result = [
            f"{name} ended with {item.returncode}" for name, item in self.system.processes.items() if not item.running
        ]
        if result:
            return result
        if self.system.qihang("verify").count("intact") != len(SERVICES):
            result.append(self.system.qihang("verify"))
        back = [service for service in SERVICES if ledger.ask(self.system, service, BACKWARDS)]
        result += [f"{service}: recorded_at runs back" for service in back]
        before = digests(self.system)
        for service in SERVICES:
            self._rebuild(service)
        after = digests(self.system)
        return result + [f"{name}: other rows after a rebuild" for name in before if before[name] != after[name]]

    def _rebuild(self, service: str) -> None:
        self.system.ask("POST", service, "/api/rebuild")
        done: list[Any] = []

        def ended() -> bool:
            done[:] = [self.system.ask("GET", service, "/api/rebuild")[1]]
            return done[0]["state"] in ("done", "failed")

        wait_until(ended, 60, lambda: f"{service} rebuilt: {done}", interval=0.05)
        assert done[0]["state"] == "done", done


Inject = Callable[[Scene], None]


@dataclass(frozen=True)
class Fault:
    """One line of the table.  `where`: a system to share, or one of its own."""

    number: str
    name: str
    inject: Inject
    where: str = "district"
    quick: bool = False

    @property
    def run(self) -> str:
        """Short and its own, for ids."""
        return "n" + "".join(c for c in self.number if c.isalnum())

    @property
    def place(self) -> tuple[int, str]:
        """2c stands between 2b and 10."""
        figures = self.number.rstrip(string.ascii_lowercase)
        return int(figures), self.number.removeprefix(figures)


FAULTS: list[Fault] = []


def fault(number: str, name: str, **more: Any) -> Callable[[Inject], Inject]:
    """Decorator: how one fault is injected."""

    def add(inject: Inject) -> Inject:
        FAULTS.append(Fault(number, name, inject, **more))
        return inject

    return add


def rehearse(item: Fault, scene: Scene) -> Result:
    """Inject it, wait, and look."""
    started = time.monotonic()
    failures: list[str] = []
    result = Ledger(0)
    try:
        item.inject(scene)
        result, failures = scene.look()
    except Exception as error:  # noqa: BLE001 - the table tells
        failures.append(f"{type(error).__name__}: {error}")
        if scene.sending is not None:
            scene.sending.end()
    return Result(item.number, item.name, result, time.monotonic() - started, scene.notes, failures)
