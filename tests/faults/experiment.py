"""One experiment: numbered events are sent to a system, a fault is injected meanwhile, and the ledger is computed."""

from __future__ import annotations

import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults import ledger
from tests.faults.ledger import Ledger
from tests.faults.load import Load
from tests.faults.numbered_events import numbered
from tests.faults.systems import FaultySystem, SingleProcessSystem
from tests.support.processes import WaitTimeout, wait_until
from tests.support.stores import digests
from tests.support.system import SERVICES

AnySystem = FaultySystem | SingleProcessSystem
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
    def passed(self) -> bool:
        return not self.failures and self.ledger.clean


class Experiment:
    """What the function that injects a fault gets."""

    def __init__(self, system: AnySystem, run: str, options: Options, transports: tuple[str, ...]) -> None:
        self.system, self.run, self.options = system, run, options
        self.notes: list[str] = []
        self.load_seconds = LOAD_SECONDS
        self.load: Load | None = None
        self.also_valid: dict[str, str] = {}  # further outcomes that are right in this experiment
        self._transports = transports
        self._verified: tuple[Ledger, list[str]] | None = None

    @property
    def district(self) -> FaultySystem:
        assert isinstance(self.system, FaultySystem)
        return self.system

    # for injections

    def start_load(self) -> Load:
        """Starts the outside systems."""
        senders = self.system.senders()
        self.load = Load(
            numbered(self.run, self._transports), {d: senders[d] for d in self._transports}, self.load_seconds
        )
        self.load.start_load()
        return self.load

    def sent(self, share: float) -> None:
        """Waits until that share of the load (0 to 1) was sent once."""
        load = self.load or self.start_load()
        wait_until(lambda: load.share >= share, 60, lambda: f"{share} sent: {load.share}")

    @property
    def current_load(self) -> Load:
        """What the outside systems have sent and received so far."""
        assert self.load is not None
        return self.load

    def note(self, text: str) -> None:
        self.notes.append(text)

    def wait_until_killed(self, name: str, limit: float = 30) -> None:
        """Waits until the process has killed itself at its kill point."""
        code = self.system.processes[name].wait(limit)
        assert code == -9, f"{name} ended with {code}, not by kill -9\n{self.system.processes[name].tail()}"

    def logged(self, name: str, text: str) -> bool:
        return text in self.system.processes[name].output()

    def wait_for(self, condition: Callable[[], Any], limit: float, what: str) -> None:
        wait_until(condition, limit, lambda: f"{what}\n{self.system.logs(15)}", interval=0.1)

    # verification

    def verify(self) -> tuple[Ledger, list[str]]:
        """The ledger and all other failures, computed once; a fault that removes its own environment calls it
        before."""
        if self._verified is None:
            result = self._settle()
            self._verified = result, self._further_failures()
        return self._verified

    def _settle(self) -> Ledger:
        """Removes all disturbances, waits until nothing is in progress, and computes the ledger."""
        self.system.heal()
        load = self.load or self.start_load()
        try:
            wait_until(self.is_settled, SETTLE_SECONDS, "at rest", interval=0.3)
        except WaitTimeout:
            result = self._close_ledger()
            result.stuck += ledger.unfinished(self.system, self.run)
            return result
        finally:
            load.end()
        return self._close_ledger()

    def _close_ledger(self) -> Ledger:
        assert self.load is not None
        return ledger.close(self.system, self.run, self.load, self.also_valid)

    def is_settled(self) -> bool:
        """Every number has a receipt, nothing is in progress, and nothing is missing."""
        assert self.load is not None
        load = self.load
        if load.share < 1 or load.open or ledger.unfinished(self.system, self.run):
            return False
        return not self._close_ledger().lost

    def _further_failures(self) -> list[str]:
        """Failures besides the ledger: processes, hash chains, rows after a rebuild."""
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


Inject = Callable[[Experiment], None]


@dataclass(frozen=True)
class Fault:
    """One line of the table.  `where`: a shared kind of system, or one of its own."""

    number: str
    name: str
    inject: Inject
    where: str = "district"
    quick: bool = False

    @property
    def run(self) -> str:
        """A short unique prefix for ids."""
        return "n" + "".join(c for c in self.number if c.isalnum())

    @property
    def place(self) -> tuple[int, str]:
        """The sort key: 2c is between 2b and 10."""
        figures = self.number.rstrip(string.ascii_lowercase)
        return int(figures), self.number.removeprefix(figures)


FAULTS: list[Fault] = []


def fault(number: str, name: str, **more: Any) -> Callable[[Inject], Inject]:
    """Decorator: registers the function that injects a fault."""

    def add(inject: Inject) -> Inject:
        FAULTS.append(Fault(number, name, inject, **more))
        return inject

    return add


def run_experiment(item: Fault, experiment: Experiment) -> Result:
    """Injects the fault, waits, and verifies."""
    started = time.monotonic()
    failures: list[str] = []
    result = Ledger(0)
    try:
        item.inject(experiment)
        result, failures = experiment.verify()
    except Exception as error:  # noqa: BLE001 - the table tells
        failures.append(f"{type(error).__name__}: {error}")
        if experiment.load is not None:
            experiment.load.end()
    return Result(item.number, item.name, result, time.monotonic() - started, experiment.notes, failures)
