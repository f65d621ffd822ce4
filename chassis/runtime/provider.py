"""Attaches a service's runtime to its nameko container.  Nothing here raises into nameko's workers (hole 3)."""

from collections.abc import Callable
from typing import Any

import structlog
from nameko.extensions import DependencyProvider

from chassis.process.settings import Settings
from chassis.runtime.service_runtime import ServiceRuntime

_log = structlog.get_logger(__name__)


class RuntimeProvider(DependencyProvider):  # type: ignore[misc]
    """`runtime = RuntimeProvider(make)`: `make(settings)` builds the runtime; the container runs its loops."""

    def __init__(self, make: Callable[[Settings], ServiceRuntime]) -> None:
        self.make = make
        self.runtime: ServiceRuntime | None = None

    def setup(self) -> None:
        self.runtime = self.make(self.container.config["QIHANG"])

    def start(self) -> None:
        runtime = self.runtime
        assert runtime is not None
        runtime.start(lambda loop, name: self.container.spawn_managed_thread(loop, identifier=name))

    def stop(self) -> None:
        if self.runtime is not None:
            try:
                self.runtime.stop()
            except Exception:
                _log.exception("stopping")

    def get_dependency(self, _worker_ctx: Any) -> ServiceRuntime | None:
        return self.runtime
