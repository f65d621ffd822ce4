"""The official scores of frozen windows, and their differences from the current ones."""

from typing import Any

from chassis.process import preloaded_workers
from chassis.process.problems import Problem
from chassis.runtime.caught_up import CaughtUp
from chassis.store.database import Store
from services.assessment.freezes import difference_run
from services.assessment.freezes.queries import FrozenWindow, frozen_windows
from services.assessment.scores.score_runner import ScoreRunner, checked_request
from services.assessment.scores.scoreboard import Scoreboard

MOST_ANSWERS = 16


class FrozenScores:
    """A cache: official figures stay valid until something is admitted, differences until any event arrives."""

    def __init__(self, store: Store, caught_up: CaughtUp, runner: ScoreRunner, scoreboard: Scoreboard) -> None:
        self._store, self._caught_up, self._runner, self._scoreboard = store, caught_up, runner, scoreboard
        self._answers: dict[tuple[object, ...], dict[str, Any]] = {}

    def freeze_of(self, campaign: str, window: str) -> FrozenWindow | None:
        """The freeze of a window; None if it is not frozen."""
        with self._store.reading() as connection:
            return frozen_windows(connection, campaign).get(window)

    def lines(self, campaign: str, frozen: FrozenWindow, as_of: str) -> list[dict[str, Any]]:
        """The scoreboard's lines with the official figures of every unit.  Problem 409, 422."""
        lines: list[dict[str, Any]] = self._answer(campaign, frozen, as_of, differences=False)["units"]
        return lines

    def differences(self, campaign: str, window: str, as_of: str) -> tuple[FrozenWindow, dict[str, Any]]:
        """The freeze, and the differences as `difference_run` answers them.  Problem 404, 409, 422."""
        frozen = self.freeze_of(campaign, window)
        if frozen is None:
            raise Problem(404, "not_frozen", f"“{window}”尚未锁定，没有正式数据。", column="window")
        return frozen, self._answer(campaign, frozen, as_of, differences=True)

    def _answer(self, campaign: str, frozen: FrozenWindow, as_of: str, differences: bool) -> dict[str, Any]:
        rules = self._runner.campaign(campaign)
        try:
            _, window, day = checked_request(rules, self._runner.today(rules), "score", frozen.window, as_of)
        except ValueError as error:
            raise Problem(422, "bad_window", str(error), column="as_of") from None
        changing = self._scoreboard.positions() if differences else (len(frozen.admitted), self._store.rebuilds)
        key = (campaign, window, day, frozen.known_at, differences, *changing)
        if key not in self._answers:
            self._caught_up.wait_until_known(frozen.known_at)
            order = {"database_url": self._store.url.render_as_string(hide_password=False),
                     "campaign": campaign, "window": window, "as_of": day, "differences": differences}  # fmt: skip
            answer = preloaded_workers.run_module(difference_run.MODULE, given=order)
            while len(self._answers) >= MOST_ANSWERS:
                self._answers.pop(next(iter(self._answers)))
            self._answers[key] = answer
        return self._answers[key]
