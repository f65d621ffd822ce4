"""A unit's rank and band, taken from the scoreboard; the most requested scoreboard is renewed in the background."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from chassis.process.greenlets import Promise
from chassis.process.problems import Problem
from chassis.process.subprocesses import ProcessFailed
from duties.campaign import Campaign
from duties.days import iso
from duties.report_requests import ScoreRequest, find_window
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard, ShownScores

LOOP = "rankings"
RENEW_SECONDS = 2.0
REST = 9
"""Pause after a renewal, as a multiple of its duration: a province's renewals take at most a tenth of a processor."""
AHEAD = timedelta(hours=1)
"""How long before midnight the next day's scoreboard is prepared (docs/decisions/0054)."""
MOST_SECONDS = 10.0
"""The longest a request waits for a scoreboard that was not calculated yet; the calculation goes on for the next
request."""
_log = structlog.get_logger(__name__)


class KeptRankings:
    """Rank and band, which depend on all units; `spawn` runs a function in the background."""

    def __init__(
        self,
        scoreboards: Scoreboard,
        runner: ScoreRunner,
        clock: Callable[[], datetime],
        spawn: Callable[..., object],
    ) -> None:
        self._scoreboards, self._runner, self._clock, self._spawn = scoreboards, runner, clock, spawn
        self._renewing, self._rest_until = False, 0.0

    def of_unit(
        self, campaign: Campaign, request: ScoreRequest, known_at: str | None, unit_id: str
    ) -> dict[str, Any] | None:
        """The unit's line as it was last shown, and the position that it includes; None if the unit has no score, or
        the scoreboard is still being calculated for the first time."""
        shown = self._scoreboards.shown_last(request.window, request.as_of) if known_at is None else None
        if shown is None:
            shown = self._within_limit(
                lambda: self._scoreboards.look(campaign, request.window, iso(request.as_of), known_at)
            )
        line = next((line for line in shown.lines if line["unit_id"] == unit_id), None) if shown else None
        if shown is None or line is None:
            return None
        return {"rank": line["rank"], "band": line["band"], "score": line["score"], "position": shown.position}

    def keep_ready(self) -> None:
        """Renew the scoreboard of this year as of today in the background, and shortly before midnight tomorrow's, so
        that hardly any request waits after midnight or an amendment.  Does not wait."""
        if self._renewing or time.monotonic() < self._rest_until:
            return
        try:
            campaign = self._runner.campaign()
        except Problem:  # no campaign is launched yet
            return
        now = self._clock().astimezone(campaign.zone)
        days = dict.fromkeys((now.date(), (now + AHEAD).date()))
        requests = [ScoreRequest(f"{day.year:04}", day.toordinal()) for day in days]
        self._renewing = True
        self._spawn(self._renew, [item for item in requests if find_window(campaign, item.window)])

    def _renew(self, requests: list[ScoreRequest]) -> None:
        began = time.monotonic()
        try:
            for request in requests:
                self._scoreboards.kept(request.window, request.as_of).shared.get()
        except ProcessFailed as error:
            _log.warning("scoreboard was not renewed", error=str(error))
        finally:
            now = time.monotonic()
            self._renewing, self._rest_until = False, now + REST * (now - began)

    def _within_limit(self, ask: Callable[[], ShownScores]) -> ShownScores | None:
        answer = Promise[ShownScores | None]()
        self._spawn(_send_answer, ask, answer)
        return answer.wait(MOST_SECONDS)


def _send_answer(ask: Callable[[], ShownScores], answer: Promise[ShownScores | None]) -> None:
    try:
        answer.send(ask())
    except ProcessFailed as error:
        _log.warning("scoreboard was not calculated", error=str(error))
        answer.send(None)
