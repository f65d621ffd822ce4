"""Where a unit stands among all, as the kept scoreboard showed it last; a look waits for no calculation of others."""

from collections.abc import Callable
from typing import Any

import structlog

from chassis.process.subprocesses import ProcessFailed
from duties.report_requests import ScoreRequest
from services.assessment.scores.scoreboard import KeptScoreboard, Scoreboard

_log = structlog.get_logger(__name__)


class KeptRankings:
    """Rank and band, which ask for all units; `spawn` runs a function beside the request."""

    def __init__(self, scoreboards: Scoreboard, spawn: Callable[..., object]) -> None:
        self._scoreboards, self._spawn = scoreboards, spawn

    def of_unit(self, request: ScoreRequest, unit_id: str, renew: bool) -> dict[str, Any] | None:
        """The unit's line, and up to where it counts; None: nobody has looked at that scoreboard yet, or the unit has
        no score.  `renew`: have the scoreboard renewed beside, so that the next look sees it."""
        if renew:
            kept = self._scoreboards.kept(request.window, request.as_of)
            if not kept.shared.is_asked:
                self._spawn(_renew, kept)
        shown = self._scoreboards.shown_last(request.window, request.as_of)
        line = next((line for line in shown.lines if line["unit_id"] == unit_id), None) if shown else None
        if shown is None or line is None:
            return None
        return {"rank": line["rank"], "band": line["band"], "score": line["score"], "position": shown.position}


def _renew(kept: KeptScoreboard) -> None:
    try:
        kept.shared.get()
    except ProcessFailed as error:
        _log.warning("scoreboard was not renewed", error=str(error))
