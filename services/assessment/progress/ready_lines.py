"""The lines of today's month, read ahead of their readers; so the first look of an office after a start, or on a new
day, does not wait until a year of all its units is read."""

from chassis.process.problems import Problem
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import day_of, year_of
from duties.report_requests import ScoreRequest, find_window
from services.assessment.progress.queries import ProgressPlans
from services.assessment.progress.supervised import MOST_LINES, SupervisedUnits
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.scores.score_runner import ScoreRunner

LOOP = "supervised"
SECONDS = 1.0
AT_ONCE = 50
"""Units in one step: at a millisecond each nobody else waits long."""


class ReadyLines:
    """Once for each campaign, day and rebuild; what changes later, the looks themselves read again."""

    def __init__(self, store: Store, runner: ScoreRunner, plans: ProgressPlans, supervised: SupervisedUnits) -> None:
        self._store, self._runner, self._plans, self._supervised = store, runner, plans, supervised
        self._of: tuple[Campaign, str, int] | None = None
        self._pending: list[str] = []

    def keep_ready(self) -> None:
        """Reads some units more, if any is left."""
        try:
            campaign = self._runner.campaign()
        except Problem:  # none is launched yet
            return
        today = self._runner.today(campaign)
        if find_window(campaign, today[:7]) is None:
            return
        is_begun = self._of == (campaign, today, self._store.rebuilds)
        if not is_begun or self._pending:
            self._read_more(campaign, today, is_begun)

    def _read_more(self, campaign: Campaign, today: str, is_begun: bool) -> None:
        rebuilds, as_of = self._store.rebuilds, day_of(today)
        plan, year = (
            self._plans.of_unit(campaign, ScoreRequest(window, as_of)) for window in (today[:7], str(year_of(as_of)))
        )
        with self._store.reading() as connection:
            facts = FactsAsKnown(connection, campaign.id)
            pending = self._pending if is_begun else [unit.unit_id for unit in facts.units()][:MOST_LINES]
            self._supervised.look(connection, facts, plan, year, pending[:AT_ONCE])
        self._of, self._pending = (campaign, today, rebuilds), pending[AT_ONCE:]
