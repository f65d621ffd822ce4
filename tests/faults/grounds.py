"""The servers and houses of a run: one of each is shared for as long as it stays whole, since starting costs most."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path
from typing import Self

from tests.faults.houses import FaultyHouse, LoneHouse
from tests.faults.scene import AnyHouse, Fault, Options, Result, Scene
from tests.faults.table import Run, commit
from tests.support.house import ROOT, SERVICES
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ

KEPT = ROOT / "var" / "faults"


class Grounds:
    """Gives every fault its scene and cleans up after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shared: dict[str, AnyHouse] = {}
        self._made = 0
        self._rabbitmq: RabbitMQ | None = None
        self._postgres: Postgres | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for house in self._shared.values():
            house.discard()
        for server in (self._rabbitmq, self._postgres):
            if server is not None:
                server.discard()

    def run(self, long: bool) -> Run:
        """On what everything here is run."""
        rabbitmq, postgres = self._servers()
        with postgres.connect() as connection:
            version = connection.info.parameter_status("server_version") or ""
        return Run(rabbitmq.version, version.split()[0], platform.python_version(), commit(), long)

    def scene(self, fault: Fault, options: Options) -> Scene:
        kind = fault.where.split()[0]
        own = fault.where.endswith("own")
        house = None if own else self._shared.get(kind)
        if house is None:
            house = self._built(kind, closed="closed" in fault.where)
            if not own:
                self._shared[kind] = house
        if options.long and isinstance(house, FaultyHouse) and house.normal:
            house.normal = ""
            house.again(*SERVICES)
        return Scene(house, fault.run, options, ("amqp", "http") if kind == "district" else ("http",))

    def leave(self, scene: Scene, result: Result) -> None:
        """As it was found; a house that did not hold is given up."""
        house = scene.house
        shared = house in self._shared.values()
        if not (shared and result.held):
            if not result.held:
                self._keep_logs(house, KEPT / result.number)
            house.discard()
            self._shared = {kind: one for kind, one in self._shared.items() if one is not house}
        elif isinstance(house, FaultyHouse):
            for name in [name for name in house.processes if name.endswith("-twin")]:
                house.processes.pop(name).stop()
            if changed := [name for name in SERVICES if name in house.rehearsing]:
                house.again(*changed)

    def _keep_logs(self, house: AnyHouse, place: Path) -> None:
        """What processes and servers said, to be read after the run."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name, process in house.processes.items():
            shutil.copy(process.log, place / f"{name}.log")
        for server in (self._rabbitmq, self._postgres):
            if server is not None:
                shutil.copytree(server.folder / "log", place / type(server).__name__.lower())
        sys.stdout.write(f"      logs: {place.relative_to(ROOT)}\n")

    def _built(self, kind: str, closed: bool) -> AnyHouse:
        self._made += 1
        data = self._folder / f"{kind}-{self._made}"
        if kind == "lone":
            return LoneHouse(data) if closed else LoneHouse(data).open()
        rabbitmq, postgres = self._servers()
        house = FaultyHouse(data, rabbitmq, rabbitmq.create_vhost(), postgres)
        return house if closed else house.open()

    def _servers(self) -> tuple[RabbitMQ, Postgres]:
        """Both, whole: a fault that failed half way may have left them stopped."""
        self._rabbitmq = self._rabbitmq or RabbitMQ.start()
        self._postgres = self._postgres or Postgres.start()
        for server in (self._rabbitmq, self._postgres):
            if server.running:
                server.resume()
            else:
                server.resume_after_stop()
        return self._rabbitmq, self._postgres
