"""A cache of the candidates of a year's awards with the instant that they are valid for.  New events are taken in by a
calculation in the background; only after a meeting's decision does a request wait for a new result."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog

from chassis.events.canonical_json import instant
from chassis.process import preloaded_workers
from chassis.process.clock import Clock
from chassis.process.greenlets import Promise
from chassis.process.problems import Problem
from chassis.process.subprocesses import ProcessFailed
from chassis.runtime.caught_up import CaughtUp
from chassis.store.database import Store
from chassis.store.row_moment import RowMoment, row_moment
from duties.campaign import Campaign
from services.assessment.commendation import commendation_run
from services.assessment.decisions.projections import decisions
from services.assessment.freezes.queries import FrozenWindow
from services.assessment.tables import registry
from services.registry.queries import is_large
from services.registry.versions import of_campaign

MOST_ANSWERS, MOST_SECONDS = 8, 1.5
REST = 9
"""Pause after a calculation, as a multiple of its duration; meanwhile requests get the cached result."""
_log = structlog.get_logger(__name__)
_Question = tuple[str, int, bool]


class ShownCandidates(NamedTuple):
    """The answer of `commendation_run` (empty: none yet) as known at `known_at`; `is_calculating`: a calculation that
    includes the latest decisions is running."""

    answer: dict[str, Any]
    known_at: str | None
    is_calculating: bool


class _CachedAnswer(NamedTuple):
    """A cached answer: valid for this moment and these decisions; not calculated anew before `rest_until`."""

    answer: dict[str, Any]
    known_at: str
    moment: RowMoment
    decided: tuple[object, ...]
    rest_until: float


class Candidates:
    """The cache; `spawn` runs a function in the background."""

    def __init__(self, store: Store, clock: Clock, caught_up: CaughtUp, spawn: Callable[..., object]) -> None:
        self._store, self._clock, self._caught_up, self._spawn = store, clock, caught_up, spawn
        self._kept: dict[_Question, _CachedAnswer] = {}
        self._running: dict[tuple[object, ...], Promise[dict[str, Any]]] = {}
        self._prepared: set[_Question] = set()

    def look(self, campaign: Campaign, year: int, official: FrozenWindow | None) -> ShownCandidates:
        """The candidates of a year of the campaign; `official`: as known at that freeze.  Problem 503."""
        question = campaign.id, year, bool(official)
        moment = row_moment(self._store)
        if official:  # the list of decisions includes those signed after the freeze
            self._caught_up.wait_until_known(official.known_at)
        decided = self._state_of_decisions(campaign, official, moment.rebuilds)
        kept = self._kept.get(question)
        if kept and kept.decided == decided:
            if kept.moment != moment and time.monotonic() >= kept.rest_until:
                self._begin(question, moment, decided)
            return ShownCandidates(kept.answer, kept.known_at, False)
        answer = self._begin(question, moment, decided).wait(MOST_SECONDS)
        if answer is None:
            return ShownCandidates(kept.answer if kept else {}, kept.known_at if kept else None, True)
        if not answer:
            raise Problem(503, "not_calculated", "评选结果没有算出来，请稍后再试。")
        return ShownCandidates(answer, self._kept[question].known_at, False)

    def prepare(self, campaign: Campaign, year: int) -> None:
        """For a large district, start calculating the year in the background, once, so that the first request after a
        start finds a result.  Does not wait."""
        question = campaign.id, year, False
        if question in self._kept or question in self._prepared:
            return
        with self._store.reading() as connection:
            if not is_large(connection, registry):
                return
        self._prepared.add(question)
        moment = row_moment(self._store)
        self._begin(question, moment, self._state_of_decisions(campaign, None, moment.rebuilds))

    def _state_of_decisions(
        self, campaign: Campaign, official: FrozenWindow | None, rebuilds: int
    ) -> tuple[object, ...]:
        """What a request must never see outdated: the version of the plan, signed decisions, freeze and admissions."""
        of_rows = sa.func.count(), sa.func.max(decisions.c.known_from)
        with self._store.reading() as connection:
            signed = connection.execute(sa.select(*of_rows).where(of_campaign(decisions, campaign.id))).all()
        frozen = (official.known_at, len(official.admitted)) if official else ()
        return campaign.version, *signed[0], *frozen, rebuilds

    def _begin(self, question: _Question, moment: RowMoment, decided: tuple[object, ...]) -> Promise[dict[str, Any]]:
        """Start a calculation, or join the one that is running for the same question and decisions."""
        promise = self._running.get((*question, *decided))
        if promise is None:
            promise = self._running[(*question, *decided)] = Promise()
            self._spawn(self._calculate, question, moment, decided, promise)
        return promise

    def _calculate(
        self, question: _Question, moment: RowMoment, decided: tuple[object, ...], promise: Promise[dict[str, Any]]
    ) -> None:
        campaign, year, official = question
        url = self._store.url.render_as_string(hide_password=False)
        order = {"database_url": url, "campaign": campaign, "year": year, "official": official}
        answer: dict[str, Any] = {}
        began, known_at = time.monotonic(), instant(self._clock())
        try:
            answer = preloaded_workers.run_module(commendation_run.MODULE, given=order)
            now = time.monotonic()
            self._kept.pop(question, None)
            self._kept[question] = _CachedAnswer(answer, known_at, moment, decided, now + REST * (now - began))
            while len(self._kept) > MOST_ANSWERS:
                self._kept.pop(next(iter(self._kept)))
        except ProcessFailed as error:
            _log.warning("candidates were not calculated", error=str(error))
        finally:
            self._running.pop((*question, *decided), None)
            promise.send(answer)
