"""One fault on one house: its numbers are sent, the fault is injected meanwhile, and the ledger is closed."""

from __future__ import annotations

import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults import ledger
from tests.faults.houses import FaultyHouse, LoneHouse
from tests.faults.ledger import Ledger
from tests.faults.numbered import numbered
from tests.faults.outsiders import Sending
from tests.support.house import SERVICES
from tests.support.processes import WaitTimeout, wait_until
from tests.support.stores import digests

AnyHouse = FaultyHouse | LoneHouse
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

    def __init__(self, house: AnyHouse, run: str, options: Options, doors: tuple[str, ...]) -> None:
        self.house, self.run, self.options = house, run, options
        self.notes: list[str] = []
        self.load_seconds = LOAD_SECONDS
        self.sending: Sending | None = None
        self.also: dict[str, str] = {}  # an end that is right here too
        self._doors = doors
        self._looked: tuple[Ledger, list[str]] | None = None

    @property
    def district(self) -> FaultyHouse:
        assert isinstance(self.house, FaultyHouse)
        return self.house

    # while it is injected

    def begin(self) -> Sending:
        """The outside systems begin to send."""
        senders = self.house.senders()
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
        code = self.house.processes[name].wait(limit)
        assert code == -9, f"{name} ended with {code}, not by kill -9\n{self.house.processes[name].tail()}"

    def said(self, name: str, text: str) -> bool:
        return text in self.house.processes[name].output()

    def waits_for(self, condition: Callable[[], Any], limit: float, what: str) -> None:
        wait_until(condition, limit, lambda: f"{what}\n{self.house.logs(15)}", interval=0.1)

    # afterwards

    def look(self) -> tuple[Ledger, list[str]]:
        """The ledger and what else does not hold, once; a fault whose ground goes away looks before that."""
        if self._looked is None:
            made = self._finish()
            self._looked = made, self._proofs()
        return self._looked

    def _finish(self) -> Ledger:
        """Everything whole again: wait until it has come to rest, and close the ledger."""
        self.house.heal()
        sending = self.sending or self.begin()
        try:
            wait_until(self.at_rest, SETTLE_SECONDS, "at rest", interval=0.3)
        except WaitTimeout:
            made = self._closed()
            made.stuck += ledger.unsettled(self.house, self.run)
            return made
        finally:
            sending.end()
        return self._closed()

    def _closed(self) -> Ledger:
        assert self.sending is not None
        return ledger.close(self.house, self.run, self.sending, self.also)

    def at_rest(self) -> bool:
        """Every number is answered for, nothing is on its way, and nothing is missing."""
        assert self.sending is not None
        sending = self.sending
        if sending.share < 1 or sending.open or ledger.unsettled(self.house, self.run):
            return False
        return not self._closed().lost

    def _proofs(self) -> list[str]:
        """What does not hold besides the ledger: processes, chains, rows after a rebuild."""
        found = [f"{name} ended with {one.returncode}" for name, one in self.house.processes.items() if not one.running]
        if found:
            return found
        if self.house.qihang("verify").count("intact") != len(SERVICES):
            found.append(self.house.qihang("verify"))
        back = [service for service in SERVICES if ledger.ask(self.house, service, BACKWARDS)]
        found += [f"{service}: recorded_at runs back" for service in back]
        before = digests(self.house)
        for service in SERVICES:
            self._rebuild(service)
        after = digests(self.house)
        return found + [f"{name}: other rows after a rebuild" for name in before if before[name] != after[name]]

    def _rebuild(self, service: str) -> None:
        self.house.ask("POST", service, "/api/rebuild")
        done: list[Any] = []

        def ended() -> bool:
            done[:] = [self.house.ask("GET", service, "/api/rebuild")[1]]
            return done[0]["state"] in ("done", "failed")

        wait_until(ended, 60, lambda: f"{service} rebuilt: {done}", interval=0.05)
        assert done[0]["state"] == "done", done


Inject = Callable[[Scene], None]


@dataclass(frozen=True)
class Fault:
    """One line of the table.  `where`: a house to share, or one of its own."""

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


def rehearse(one: Fault, scene: Scene) -> Result:
    """Inject it, wait, and look."""
    started = time.monotonic()
    failures: list[str] = []
    made = Ledger(0)
    try:
        one.inject(scene)
        made, failures = scene.look()
    except Exception as error:  # noqa: BLE001 - the table tells
        failures.append(f"{type(error).__name__}: {error}")
        if scene.sending is not None:
            scene.sending.end()
    return Result(one.number, one.name, made, time.monotonic() - started, scene.notes, failures)
