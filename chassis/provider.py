"""Bolts a frame to a nameko container.  Nothing here can raise into nameko's worker life cycle (hole 3)."""

from collections.abc import Callable
from typing import Any

import structlog
from nameko.extensions import DependencyProvider

from chassis.frame import Frame
from chassis.settings import Settings

_log = structlog.get_logger(__name__)


class Framed(DependencyProvider):  # type: ignore[misc]
    """`frame = Framed(make)`: `make(settings)` builds the service's frame; the container runs its loops."""

    def __init__(self, make: Callable[[Settings], Frame]) -> None:
        self.make = make
        self.frame: Frame | None = None

    def setup(self) -> None:
        self.frame = self.make(self.container.config["QIHANG"])

    def start(self) -> None:
        frame = self.frame
        assert frame is not None
        frame.start(lambda loop, name: self.container.spawn_managed_thread(loop, identifier=name))

    def stop(self) -> None:
        if self.frame is not None:
            try:
                self.frame.stop()
            except Exception:
                _log.exception("stopping")

    def get_dependency(self, _worker_ctx: Any) -> Frame | None:
        return self.frame
