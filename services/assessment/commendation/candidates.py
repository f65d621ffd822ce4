"""The candidates of a year, calculated once until something comes; whoever asks waits a little, then is told that they
are being calculated."""

from collections.abc import Callable
from typing import Any, NamedTuple

import structlog

from chassis.process import preloaded
from chassis.process.greenlets import Promise
from chassis.process.problems import Problem
from chassis.process.subprocesses import ProcessFailed
from chassis.runtime.caught_up import CaughtUp
from chassis.store.database import Store
from services.assessment.commendation import commendation_run
from services.assessment.freezes.queries import FrozenWindow
from services.assessment.scores.scoreboard import Scoreboard

MOST_ANSWERS, MOST_SECONDS = 8, 1.5
_log = structlog.get_logger(__name__)


class ShownCandidates(NamedTuple):
    """What `commendation_run` answers, empty: nothing yet; `is_calculating`: newer ones are on their way."""

    answer: dict[str, Any]
    is_calculating: bool


class Candidates:
    """`spawn` runs a function beside the request."""

    def __init__(self, store: Store, caught_up: CaughtUp, scoreboard: Scoreboard, spawn: Callable[..., object]) -> None:
        self._store, self._caught_up, self._scoreboard, self._spawn = store, caught_up, scoreboard, spawn
        self._answers: dict[tuple[object, ...], tuple[tuple[object, ...], dict[str, Any]]] = {}
        self._running: dict[tuple[object, ...], Promise[dict[str, Any]]] = {}

    def look(self, campaign: str, year: int, official: FrozenWindow | None) -> ShownCandidates:
        """Of the campaign's year; `official`: as known at that freeze.  Problem 503."""
        question = campaign, year, bool(official)
        moment: tuple[object, ...] = self._scoreboard.positions()
        if official:  # decisions that came since are listed with the others
            self._caught_up.wait_until_known(official.known_at)
        known = self._answers.get(question)
        if known and known[0] == moment:
            return ShownCandidates(known[1], False)
        promise = self._running.get((*question, *moment))
        if promise is None:
            promise = self._running[(*question, *moment)] = Promise()
            self._spawn(self._calculate, question, moment, promise)
        answer = promise.wait(MOST_SECONDS)
        if answer is None:
            return ShownCandidates(known[1] if known else {}, True)
        if not answer:
            raise Problem(503, "not_calculated", "评选结果没有算出来，请稍后再试。")
        return ShownCandidates(answer, False)

    def _calculate(
        self, question: tuple[str, int, bool], moment: tuple[object, ...], promise: Promise[dict[str, Any]]
    ) -> None:
        campaign, year, official = question
        url = self._store.url.render_as_string(hide_password=False)
        order = {"database_url": url, "campaign": campaign, "year": year, "official": official}
        answer: dict[str, Any] = {}
        try:
            answer = preloaded.run_module(commendation_run.MODULE, given=order)
            self._answers.pop(question, None)
            self._answers[question] = moment, answer
            while len(self._answers) > MOST_ANSWERS:
                self._answers.pop(next(iter(self._answers)))
        except ProcessFailed as error:
            _log.warning("candidates were not calculated", error=str(error))
        finally:
            self._running.pop((*question, *moment), None)
            promise.send(answer)
