"""The scoreboard: lines of all units for a window, kept for as long as no event came."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from duties.days import day_of
from duties.periods import CADENCES
from services.assessment.scores.score_runner import ScoreRunner, checked_request

MOST_LINES = 20_000


class Scoreboard:
    """Answers from memory, else from the score cache, else by a calculation of the whole district."""

    def __init__(self, runtime: ServiceRuntime, runner: ScoreRunner) -> None:
        self._runtime, self._runner = runtime, runner
        self._answers: dict[tuple[object, ...], list[dict[str, Any]]] = {}
        self._cache_folder = Path(runtime.settings.data) / "assessment" / "score_cache"
        shutil.rmtree(self._cache_folder, ignore_errors=True)  # another release may project otherwise

    def lines(self, window: str, as_of: str, known_at: str | None) -> list[dict[str, Any]]:
        """The units' figures; the same question on the same facts is calculated once.  Problems 409, 422."""
        try:
            request = checked_request(self._runner.campaign(), self._runner.today(), "score", window, as_of)
        except ValueError as error:
            raise Problem(422, "bad_window", str(error), column="window") from None
        known = self._runner.known(known_at)
        key = (*request, known, *self.positions())
        if key not in self._answers:
            lines = self._calculate(request, known, self.cache_file(window, as_of) if known is None else "")
            while self._answers and sum(map(len, self._answers.values())) + len(lines) > MOST_LINES:
                self._answers.pop(next(iter(self._answers)))
            self._answers[key] = lines
        return self._answers[key]

    def _calculate(self, request: list[Any], known: int | None, cache: str) -> list[dict[str, Any]]:
        """A whole district is calculated in a process of its own, so that it holds up no look that is cheap."""
        if cache and Path(cache).exists():
            answer = self._runner.renew(request, cache)
        else:
            answer = self._runner.run([request], known, cache=cache)
        return list(answer["units"])

    def cache_file(self, window: str, as_of: str) -> str:
        """Where that scoreboard's scores are cached: by this process only, and not across a rebuild of the rows."""
        name = hashlib.sha256(f"{window} {as_of} {self._runtime.store.rebuilds}".encode()).hexdigest()[:32]
        return str(self._cache_folder / f"{name}.json")

    def positions(self) -> tuple[object, ...]:
        """The positions of the log and the inbox: with them the rows change, and with nothing else but a rebuild."""
        with self._runtime.store.reading() as connection:
            own = [head.position for head in event_log.read_heads(connection)]
            consumed = self._runtime.inbox.positions(connection)
        return (*own, *consumed, self._runtime.store.rebuilds)

    def windows(self) -> list[str]:
        """The windows begun so far, wide ones first, the latest first."""
        campaign = self._runner.campaign()
        today = day_of(self._runner.today())
        return [
            period.id
            for cadence in reversed(CADENCES[1:])
            for period in reversed(campaign.periods_between(cadence, campaign.starts_on, today))
        ]  # fmt: skip
