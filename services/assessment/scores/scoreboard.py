"""The scoreboard: lines of all units for a window.  Each recently requested scoreboard has a process of its own."""

from typing import Any, NamedTuple

from chassis.process.problems import Problem
from chassis.process.worker_process import SharedAnswer, WorkerProcess
from chassis.store.database import Store
from chassis.store.row_moment import Positions, RowMoment, row_moment
from duties.campaign import Campaign
from duties.days import Day
from duties.periods import CADENCES
from services.assessment.overview.queries import OverviewFilter
from services.assessment.scores import score_worker
from services.assessment.scores.score_runner import ScoreRunner, checked_request

MOST_LINES = 20_000
MOST_OVERVIEWS = 16
"""The most cached overviews of one scoreboard; discarded when an event arrives."""
MOST_WORKERS = 3
"""The most processes, of 60 to 300 MiB each; the least recently used is ended first."""


class ShownScores(NamedTuple):
    """The lines of the units, and the position they include: `source/partition/position`, separated by commas."""

    lines: list[dict[str, Any]]
    position: str


class Scoreboard:
    """Answers from memory, else from the scoreboard's process; a request as known at an instant is calculated
    completely."""

    def __init__(self, store: Store, runner: ScoreRunner) -> None:
        self._store, self._runner = store, runner
        self._known_before: dict[tuple[object, ...], list[dict[str, Any]]] = {}
        self._kept: dict[tuple[str, Day], KeptScoreboard] = {}

    def look(self, campaign: Campaign, window: str, as_of: str, known_at: str | None) -> ShownScores:
        """The units' figures; `campaign` is the one launched last.  Problem 409, 422."""
        request = self._request(campaign, window, as_of)
        known = self._runner.known(known_at)
        if known is None:
            return self.kept(window, request[2]).shared.get()
        self._runner.require_campaign(known)
        return self._as_known(request, known)

    def overview(self, campaign: Campaign, window: str, as_of: str, wanted: OverviewFilter) -> dict[str, Any]:
        """The district's figures from the scoreboard's totals, with their `position`.  Problem 409, 422."""
        return self.kept(window, self._request(campaign, window, as_of)[2]).overview(wanted)

    def _request(self, campaign: Campaign, window: str, as_of: str) -> list[Any]:
        """The checked request.  Problem 422."""
        try:
            return checked_request(campaign, self._runner.today(campaign), "score", window, as_of)
        except ValueError as error:
            raise Problem(422, "bad_window", str(error), column="window") from None

    def kept(self, window: str, as_of: Day) -> "KeptScoreboard":
        """The scoreboard's process; ends the least recently used one if there are too many."""
        key = window, as_of
        result = self._kept.pop(key, None) or KeptScoreboard(self._store, self._runner, window, as_of)
        idle = [name for name, other in self._kept.items() if not other.shared.is_asked]
        for name in idle[: max(0, len(self._kept) + 1 - MOST_WORKERS)]:
            self._kept.pop(name).worker.stop()
        self._kept[key] = result
        return result

    def shown_last(self, window: str, as_of: Day) -> ShownScores | None:
        """What the last request of that scoreboard was shown, if it is still kept; does not wait."""
        kept = self._kept.get((window, as_of))
        return kept.shown_last if kept else None

    def stop(self) -> None:
        """End the processes; the next request starts another."""
        for scoreboard in self._kept.values():
            scoreboard.worker.stop()

    def _as_known(self, request: list[Any], known: int) -> ShownScores:
        """A scoreboard as known at an instant, calculated once per question and facts, in a process of its own."""
        moment = row_moment(self._store)
        key = (*request, known, repr(moment))
        if key not in self._known_before:
            lines = list(self._runner.run([request], known)["units"])
            while self._known_before and sum(map(len, self._known_before.values())) + len(lines) > MOST_LINES:
                self._known_before.pop(next(iter(self._known_before)))
            self._known_before[key] = lines
        return ShownScores(self._known_before[key], position_text(moment.positions))

    def positions(self) -> tuple[object, ...]:
        """What the rows depend on: if it is unchanged, so are they."""
        now = row_moment(self._store)
        return repr(now.positions), now.rebuilds


def windows_begun(campaign: Campaign, today: Day) -> list[str]:
    """The windows that have begun, longest first, then the latest first."""
    return [
        period.id
        for cadence in reversed(CADENCES[1:])
        for period in reversed(campaign.periods_between(cadence, campaign.starts_on, today))
    ]


class KeptScoreboard:
    """One scoreboard, kept by a process of its own."""

    def __init__(self, store: Store, runner: ScoreRunner, window: str, as_of: Day) -> None:
        self.worker = WorkerProcess(score_worker.MODULE)
        self.shared = SharedAnswer(self._current_scores)
        self._store, self._runner, self._window, self._as_of = store, runner, window, as_of
        self._moment: RowMoment | None = None
        self._shown = ShownScores([], "")
        self._overviews: dict[tuple[object, ...], tuple[RowMoment, dict[str, Any]]] = {}

    @property
    def shown_last(self) -> ShownScores | None:
        return None if self._moment is None else self._shown

    def _current_scores(self) -> ShownScores:
        """The lines as known now; the process is asked only if events arrived since.  Raises ProcessFailed."""
        now = row_moment(self._store)
        if now != self._moment:
            answer = self._runner.look(self.worker, self._window, self._as_of)
            self._shown, self._moment = ShownScores(answer["units"], position_text(answer["positions"])), now
        return self._shown

    def overview(self, wanted: OverviewFilter) -> dict[str, Any]:
        """The district's figures as known now; cached by question until an event arrives.  Raises ProcessFailed."""
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
    """What is applied, as `source/partition/position` separated by commas: the form of the header X-Qihang-After."""
    return ",".join(f"{key}/{position}" for key, (_, position) in sorted(at.items()) if not key.startswith("own/"))
