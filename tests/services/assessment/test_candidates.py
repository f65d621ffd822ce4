"""Candidates are kept: whoever looks sees them at once with the moment that they are of; a decision is waited for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.events.definition import Event
from chassis.process import preloaded_workers
from chassis.process.subprocesses import ProcessFailed
from chassis.store.row_moment import RowMoment
from contracts import participation
from services.assessment.commendation import candidates
from services.assessment.commendation.candidates import Candidates
from services.registry import queries as registry_queries
from tests.services.assessment.test_facts_as_known import CAMPAIGN, History, finding, launched, unit
from tests.services.assessment.test_facts_as_known import make_store as make_store

PLAN: Any = SimpleNamespace(id=CAMPAIGN, version=1)


class Seen:
    """Candidates whose calculations are counted and, in `later`, wait until they are let go."""

    def __init__(self, history: History, patch: pytest.MonkeyPatch) -> None:
        self.history, self.runs, self.fails, self.seconds = history, 0, False, 0.0
        self.later: list[Callable[[], Any]] = []
        self.is_slow, self.came = False, 0
        patch.setattr(candidates, "row_moment", lambda _: RowMoment({"came": [self.came]}, 0))
        patch.setattr(preloaded_workers, "run_module", self._run)
        patch.setattr(candidates, "MOST_SECONDS", 0.01)
        patch.setattr(candidates, "time", SimpleNamespace(monotonic=lambda: self.seconds))
        caught_up: Any = SimpleNamespace(wait_until_known=lambda _: None)
        self.candidates = Candidates(history.store, lambda: datetime(2023, 3, 1, self.runs, tzinfo=UTC), caught_up,
                                     self._spawn)  # fmt: skip

    def _run(self, _module: str, given: Any) -> dict[str, Any]:
        self.runs += 1
        self.seconds += 2
        if self.fails:
            raise ProcessFailed("died")
        return {"run": self.runs}

    def _spawn(self, function: Callable[..., Any], *given: Any) -> None:
        self.later.append(lambda: function(*given))
        if not self.is_slow:
            self.later.pop()()

    def look(self, year: int = 2022) -> tuple[int, str | None, bool]:
        shown = self.candidates.look(PLAN, year, None)
        return shown.answer.get("run", 0), shown.known_at, shown.is_calculating

    def decided(self, days: int, name: str) -> None:
        self.record(days, participation.DecisionSigned(
            decision_id=name, kind="veto", year="2022", unit_id="X1", person_id="", document="纪要1号",
            decided_on="2023-01-01", campaign=CAMPAIGN, digest="", reason=""))  # fmt: skip

    def record(self, days: int, *events: Event) -> None:
        self.history.record(days, *events)
        self.came += 1


@pytest.fixture
def seen(make_store: Any, monkeypatch: pytest.MonkeyPatch) -> Seen:
    history: History = make_store()
    history.record(0, launched(), participation.UnitRegistered(**unit("一小")))
    return Seen(history, monkeypatch)


def test_they_are_kept_and_made_anew_beside_their_readers(seen: Seen) -> None:
    first = (1, "2023-03-01T00:00:00.000000Z", False)
    assert [seen.look(), seen.look()] == [first, first] and seen.runs == 1
    seen.record(5, participation.FindingReported(**finding("5")))
    assert seen.look() == first and seen.runs == 1, "they rest nine times as long as they took"
    seen.seconds += 18
    seen.is_slow = True
    assert [seen.look(), seen.look()] == [first, first] and len(seen.later) == 1, "nobody waits, one is calculated"
    seen.later.pop()()
    assert seen.look() == (2, "2023-03-01T01:00:00.000000Z", False)
    assert seen.look(2023)[2], "another year is another question"


def test_what_was_decided_is_waited_for(seen: Seen) -> None:
    seen.look()
    seen.decided(5, "D1")
    assert seen.look()[0] == 2
    seen.is_slow = True
    seen.decided(6, "D2")
    kept = (2, "2023-03-01T01:00:00.000000Z", True)
    assert [seen.look(), seen.look()] == [kept, kept] and len(seen.later) == 1
    seen.later.pop()()
    assert seen.look()[::2] == (3, False)


def test_a_calculation_that_fails_leaves_what_was_kept(seen: Seen) -> None:
    seen.fails = True
    with pytest.raises(Exception, match="not_calculated"):
        seen.look()
    seen.fails = False
    assert seen.look()[0] == 2
    seen.fails, seen.seconds = True, 100
    seen.record(5, participation.FindingReported(**finding("5")))
    assert seen.look()[::2] == (2, False)


def test_a_large_district_s_year_is_there_before_anybody_looks(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    seen.candidates.prepare(PLAN, 2022)
    assert seen.runs == 0, "a small one's is calculated when somebody looks"
    monkeypatch.setattr(registry_queries, "LARGE", 0)
    seen.candidates.prepare(PLAN, 2022)
    seen.candidates.prepare(PLAN, 2022)
    assert seen.runs == 1 and seen.look() == (1, "2023-03-01T00:00:00.000000Z", False) and seen.runs == 1
