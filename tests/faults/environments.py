"""The servers and systems of a run; one of each is shared while it stays intact, since starting takes longest."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path
from typing import Self

from tests.faults.experiment import AnySystem, Experiment, Fault, Options, Result
from tests.faults.systems import FaultySystem, SingleProcessSystem
from tests.faults.table import Run, commit
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import ROOT, SERVICES

KEPT = ROOT / "var" / "faults"


class Environments:
    """Provides the system for each experiment and cleans up after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shared: dict[str, AnySystem] = {}
        self._created = 0
        self._rabbitmq: RabbitMQ | None = None
        self._postgres: Postgres | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for system in self._shared.values():
            system.discard()
        for server in (self._rabbitmq, self._postgres):
            if server is not None:
                server.discard()

    def run(self, long: bool) -> Run:
        """The versions of what this run uses."""
        rabbitmq, postgres = self._servers()
        with postgres.connect() as connection:
            version = connection.info.parameter_status("server_version") or ""
        return Run(rabbitmq.version, version.split()[0], platform.python_version(), commit(), long)

    def experiment(self, fault: Fault, options: Options) -> Experiment:
        kind = fault.where.split()[0]
        own = fault.where.endswith("own")
        system = None if own else self._shared.get(kind)
        if system is None:
            system = self._create(kind, closed="closed" in fault.where)
            if not own:
                self._shared[kind] = system
        if options.long and isinstance(system, FaultySystem) and system.normal:
            system.normal = ""
            system.restart(*SERVICES)
        return Experiment(system, fault.run, options, ("amqp", "http") if kind == "district" else ("http",))

    def release(self, experiment: Experiment, result: Result) -> None:
        """Restores the shared system; one that failed is discarded."""
        system = experiment.system
        shared = system in self._shared.values()
        if not (shared and result.passed):
            if not result.passed:
                self._keep_logs(system, KEPT / result.number)
            system.discard()
            self._shared = {kind: item for kind, item in self._shared.items() if item is not system}
        elif isinstance(system, FaultySystem):
            for name in [name for name in system.processes if name.endswith("-twin")]:
                system.processes.pop(name).stop()
            if changed := [name for name in SERVICES if name in system.patches]:
                system.restart(*changed)

    def _keep_logs(self, system: AnySystem, place: Path) -> None:
        """What processes and servers said, to be read after the run."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name, process in system.processes.items():
            shutil.copy(process.log, place / f"{name}.log")
        for server in (self._rabbitmq, self._postgres):
            if server is not None:
                shutil.copytree(server.folder / "log", place / type(server).__name__.lower())
        sys.stdout.write(f"      logs: {place.relative_to(ROOT)}\n")

    def _create(self, kind: str, closed: bool) -> AnySystem:
        self._created += 1
        data = self._folder / f"{kind}-{self._created}"
        if kind == "lone":
            return SingleProcessSystem(data) if closed else SingleProcessSystem(data).open()
        rabbitmq, postgres = self._servers()
        system = FaultySystem(data, rabbitmq, rabbitmq.create_vhost(), postgres)
        return system if closed else system.open()

    def _servers(self) -> tuple[RabbitMQ, Postgres]:
        """Both, running: a fault that failed half way may have left them stopped."""
        self._rabbitmq = self._rabbitmq or RabbitMQ.start()
        self._postgres = self._postgres or Postgres.start()
        for server in (self._rabbitmq, self._postgres):
            if server.running:
                server.resume()
            else:
                server.resume_after_stop()
        return self._rabbitmq, self._postgres
