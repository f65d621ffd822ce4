"""The scoreboard: lines of all units for a window, each scoreboard that is looked at by a process of its own."""

from typing import Any, NamedTuple

from chassis.process.problems import Problem
from chassis.process.worker_process import SharedAnswer, WorkerProcess
from chassis.store.database import Store
from chassis.store.row_moment import Positions, RowMoment, row_moment
from duties.campaign import Campaign
from duties.days import Day
from duties.periods import CADENCES
from services.assessment.overview.queries import Wanted
from services.assessment.scores import score_worker
from services.assessment.scores.score_runner import ScoreRunner, checked_request

MOST_LINES = 20_000
MOST_OVERVIEWS = 16
"""Of one scoreboard, kept until something comes."""
MOST_WORKERS = 3
"""Processes of 60 to 300 MiB; the scoreboard not looked at for the longest time gives way."""


class ShownScores(NamedTuple):
    """The lines of the units, and where the log and the inbox stood: `source/partition/position`, by commas."""

    lines: list[dict[str, Any]]
    position: str


class Scoreboard:
    """Answers from memory, else from the process that keeps the scoreboard's scores; what was known at an instant is
    calculated whole."""

    def __init__(self, store: Store, runner: ScoreRunner) -> None:
        self._store, self._runner = store, runner
        self._known_before: dict[tuple[object, ...], list[dict[str, Any]]] = {}
        self._kept: dict[tuple[str, Day], KeptScoreboard] = {}

    def look(self, campaign: Campaign, window: str, as_of: str, known_at: str | None) -> ShownScores:
        """The units' figures; `campaign` is the one launched last.  Problems 409, 422."""
        request = self._request(campaign, window, as_of)
        known = self._runner.known(known_at)
        if known is None:
            return self.kept(window, request[2]).shared.get()
        self._runner.require_campaign(known)
        return self._as_known(request, known)

    def overview(self, campaign: Campaign, window: str, as_of: str, wanted: Wanted) -> dict[str, Any]:
        """The district's figures from the totals of that scoreboard, and their `position`.  Problems 409, 422."""
        return self.kept(window, self._request(campaign, window, as_of)[2]).overview(wanted)

    def _request(self, campaign: Campaign, window: str, as_of: str) -> list[Any]:
        """Problem 422."""
        try:
            return checked_request(campaign, self._runner.today(campaign), "score", window, as_of)
        except ValueError as error:
            raise Problem(422, "bad_window", str(error), column="window") from None

    def kept(self, window: str, as_of: Day) -> "KeptScoreboard":
        """The scoreboard as a process of its own keeps it; too many of them, and one that nobody asks now is ended."""
        key = window, as_of
        result = self._kept.pop(key, None) or KeptScoreboard(self._store, self._runner, window, as_of)
        idle = [name for name, other in self._kept.items() if not other.shared.is_asked]
        for name in idle[: max(0, len(self._kept) + 1 - MOST_WORKERS)]:
            self._kept.pop(name).worker.stop()
        self._kept[key] = result
        return result

    def shown_last(self, window: str, as_of: Day) -> ShownScores | None:
        """What was shown at the last look at that scoreboard, if it is still kept; waits for nothing."""
        kept = self._kept.get((window, as_of))
        return kept.shown_last if kept else None

    def stop(self) -> None:
        """Ends the processes; the next look starts another."""
        for scoreboard in self._kept.values():
            scoreboard.worker.stop()

    def _as_known(self, request: list[Any], known: int) -> ShownScores:
        """The same question on the same facts is calculated once, in a process of its own."""
        moment = row_moment(self._store)
        key = (*request, known, repr(moment))
        if key not in self._known_before:
            lines = list(self._runner.run([request], known)["units"])
            while self._known_before and sum(map(len, self._known_before.values())) + len(lines) > MOST_LINES:
                self._known_before.pop(next(iter(self._known_before)))
            self._known_before[key] = lines
        return ShownScores(self._known_before[key], position_text(moment.positions))

    def positions(self) -> tuple[object, ...]:
        """With them the rows change, and with nothing else."""
        now = row_moment(self._store)
        return repr(now.positions), now.rebuilds


def windows_begun(campaign: Campaign, today: Day) -> list[str]:
    """The windows begun so far, wide ones first, the latest first."""
    return [
        period.id
        for cadence in reversed(CADENCES[1:])
        for period in reversed(campaign.periods_between(cadence, campaign.starts_on, today))
    ]


class KeptScoreboard:
    """One scoreboard, kept by a process of its own."""

    def __init__(self, store: Store, runner: ScoreRunner, window: str, as_of: Day) -> None:
        self.worker = WorkerProcess(score_worker.MODULE)
        self.shared = SharedAnswer(self._look)
        self._store, self._runner, self._window, self._as_of = store, runner, window, as_of
        self._moment: RowMoment | None = None
        self._shown = ShownScores([], "")
        self._overviews: dict[tuple[object, ...], tuple[RowMoment, dict[str, Any]]] = {}

    @property
    def shown_last(self) -> ShownScores | None:
        return None if self._moment is None else self._shown

    def _look(self) -> ShownScores:
        """What is known now; the process is asked only when something came.  ProcessFailed."""
        now = row_moment(self._store)
        if now != self._moment:
            answer = self._runner.look(self.worker, self._window, self._as_of)
            self._shown, self._moment = ShownScores(answer["units"], position_text(answer["positions"])), now
        return self._shown

    def overview(self, wanted: Wanted) -> dict[str, Any]:
        """Of what is known now; the same question is answered once until something comes.  ProcessFailed."""
        now, key = row_moment(self._store), tuple(sorted(wanted.items()))
        moment, answer = self._overviews.pop(key, (None, {}))
        if moment != now:
            answered = self._runner.look(self.worker, self._window, self._as_of, wanted)
            answer = answered["overview"] | {"position": position_text(answered["positions"])}
        self._overviews[key] = now, answer
        while len(self._overviews) > MOST_OVERVIEWS:
            self._overviews.pop(next(iter(self._overviews)))
        return answer


def position_text(at: Positions) -> str:
    """`source/partition/position` of what has come, by commas: the form of the header X-Qihang-After."""
    return ",".join(f"{key}/{position}" for key, (_, position) in sorted(at.items()) if not key.startswith("own/"))
