"""Counts what lines do, and does something in the midst of it."""

from __future__ import annotations

from typing import Any

import eventlet
import psycopg
import pytest

from chassis.store.write_batch import PipelineConnection


def _nothing() -> None: ...


class Trips:
    """How often the lines asked, and how often what they took was committed or failed; and what is to be done once,
    when the next of its kind is `answered`, `before` it goes, `meanwhile` or `after` it is committed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = self.taken = self.failed = 0
        self.answered = self.before = self.meanwhile = self.after = _nothing
        ask, take = PipelineConnection.ask, PipelineConnection.take

        def asking(line: PipelineConnection, asked: Any) -> Any:
            self.asked += 1
            result = ask(line, asked)
            eventlet.sleep(0)  # others have their turn, as they have while a server is waited for
            self.once("answered")
            return result

        def taking(line: PipelineConnection, writes: Any, meanwhile: Any) -> Any:
            eventlet.sleep(0)
            self.once("before")
            try:
                result = take(line, writes, lambda: (self.once("meanwhile"), meanwhile())[1])
            except psycopg.Error:
                self.failed += 1
                raise
            self.taken += 1
            self.once("after")
            return result

        monkeypatch.setattr(PipelineConnection, "ask", asking)
        monkeypatch.setattr(PipelineConnection, "take", taking)

    def once(self, moment: str) -> None:
        what = getattr(self, moment)
        setattr(self, moment, _nothing)
        what()

    @property
    def seen(self) -> tuple[int, int, int]:
        result = self.asked, self.taken, self.failed
        self.asked = self.taken = self.failed = 0
        return result
