"""Long calculations, each in a process of its own: started by one request, polled by others, kept in memory for an
hour."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.events.canonical_json import instant
from chassis.process import subprocesses
from chassis.process.clock import Clock
from chassis.store.database import Store
from services.assessment.tables import registry

KEPT_SECONDS = 3600


@dataclass
class CalculationJob:
    """One calculation: running, done or failed; `total`: the number of subjects."""

    job_id: str
    folder: Path
    total: int
    state: str = "running"
    detail: str = ""
    result: Any = None
    began_at: str = ""
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """The number of subjects done."""
        if self.state == "done":
            return self.total
        try:
            return int((self.folder / "progress").read_text())
        except (OSError, ValueError):
            return 0


class CalculationJobs:
    """The jobs of one feature, in `folder`; `spawn` runs a function in the background."""

    def __init__(self, store: Store, clock: Clock, folder: Path, spawn: Callable[..., Any]) -> None:
        self._store, self._clock, self._folder, self._spawn = store, clock, folder, spawn
        self._jobs: dict[str, CalculationJob] = {}

    @property
    def running(self) -> int:
        return sum(each.state == "running" for each in self._jobs.values())

    def begin(self, calculate: Callable[[CalculationJob], Any]) -> CalculationJob:
        """Run `calculate` in the background; its return value becomes the job's result."""
        self._forget_old()
        name = f"{self._clock():%Y-%m-%d}-{time.monotonic_ns():x}"
        job = CalculationJob(name, self._folder / name, self._subjects(), began_at=instant(self._clock()))
        job.folder.mkdir(parents=True)
        self._jobs[name] = job
        self._spawn(self._run, job, calculate)
        return job

    def listed(self) -> list[CalculationJob]:
        """The kept jobs, the latest first."""
        self._forget_old()
        return sorted(self._jobs.values(), key=lambda job: job.began, reverse=True)

    def find(self, job_id: str) -> CalculationJob | None:
        """The job with that id; None if there is none, or it was dropped."""
        return self._jobs.get(job_id)

    def _run(self, job: CalculationJob, calculate: Callable[[CalculationJob], Any]) -> None:
        try:
            job.result = calculate(job)
            job.state = "done"
        except subprocesses.ProcessFailed as error:
            job.state, job.detail = "failed", str(error)

    def _subjects(self) -> int:
        with self._store.reading() as connection:
            return sum(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                       for table in (registry.units, registry.memberships))  # fmt: skip

    def _forget_old(self) -> None:
        """Drop jobs older than an hour."""
        for name, job in list(self._jobs.items()):
            if time.monotonic() - job.began > KEPT_SECONDS and job.state != "running":
                shutil.rmtree(job.folder, ignore_errors=True)
                del self._jobs[name]
