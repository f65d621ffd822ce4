"""Rebuilds the read models: fills shadow tables from log and inbox, and swaps them with the live ones once they have
reached the same position."""

import time
from collections.abc import Callable
from typing import Any

import eventlet
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from chassis.store import event_log
from chassis.store.database import Store, is_transient
from chassis.store.kept_outcome import KeptOutcome
from chassis.store.projections import Rows
from chassis.store.replay import Replay, ReplayProgress, progress_of
from chassis.store.schema import cursors
from chassis.store.shadow_rows import ShadowRows

_log = structlog.get_logger(__name__)
SHADOW = "shadow"
SWAPS, SWAP_AGAIN_SECONDS = 5, 0.2


class Rebuild:
    """Rebuild of one service's rows; one run at a time."""

    def __init__(self, store: Store, replay: Replay, outcome: KeptOutcome | None = None) -> None:
        self._store, self._replay, self._outcome = store, replay, outcome or KeptOutcome()
        self._replay.progress = progress_of(self._outcome.read())

    @property
    def progress(self) -> ReplayProgress:
        """Progress of the current or last run."""
        return self._replay.progress

    def begin(self, spawn: Callable[..., Any] = eventlet.spawn_n) -> ReplayProgress:
        """Start in the background unless one runs."""
        if self.progress.state != "running":
            self._replay.progress = ReplayProgress("running")
            spawn(self._run_logging_errors)
        return self.progress

    def _run_logging_errors(self) -> None:
        try:
            self.run()
        except Exception:
            _log.exception("rebuild failed; the live rows are as they were")

    def run(self) -> ReplayProgress:
        """Rebuild and swap; the service answers from the old rows meanwhile."""
        try:
            return self._run()
        except Exception as error:  # a state that stayed `running` would prevent any further run
            self.progress.state, self.progress.detail = "failed", repr(error)[:500]
            raise
        finally:
            self.progress.ended_at = self._outcome.now()
            self._outcome.keep(self.progress.as_json())

    def _run(self) -> ReplayProgress:
        shadow = ShadowRows(self._store, SHADOW)
        with shadow.held():
            return self._fill_and_swap(shadow)

    def _fill_and_swap(self, shadow: ShadowRows) -> ReplayProgress:
        started = time.monotonic()
        self._replay.begin()
        shadow.prepare()
        for _ in self._replay.fill(shadow):
            self.progress.seconds = time.monotonic() - started
        shadow.index()
        self._swap(shadow)
        self.progress.seconds = max(time.monotonic() - started, 1e-6)
        self.progress.state = "done"
        self._store.rebuilds += 1
        return self.progress

    def _swap(self, shadow: ShadowRows) -> None:
        """Swap; try again when PostgreSQL ends it because of a deadlock with a reader of several tables."""
        for left in reversed(range(SWAPS if self._store.postgresql else 1)):
            places, events = dict(self._replay.places), self.progress.events
            try:
                shadow.swap(self._finish)
                return
            except Exception as error:
                if not (left and is_transient(error)):
                    raise
                self._replay.places, self.progress.events = places, events
                eventlet.sleep(SWAP_AGAIN_SECONDS)

    def _finish(self, connection: Connection, rows: Rows) -> None:
        event_log.lock_heads(connection)
        held = sa.select(cursors)
        connection.execute(held.with_for_update() if self._store.postgresql else held).all()
        self._replay.finish(connection, rows)
