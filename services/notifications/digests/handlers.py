"""Use case of digests: decide a day's digests once, in a subprocess, and record them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.process import preloaded_workers
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from contracts.notifications import DayDecided, DigestDecided
from duties.campaign import Campaign
from duties.days import Day, iso
from services.notifications.digests.decision import DecisionRequest, DecisionResult
from services.notifications.digests.projections import decided_days

DECISION_MODULE = "services.notifications.digests.decision"
DECISION_SECONDS = 1800  # 700,000 people take a third of it
PAGE = 200


def is_decided(store: Store, day: Day) -> bool:
    with store.reading() as connection:
        return connection.execute(sa.select(decided_days.c.day).where(decided_days.c.day == day)).first() is not None


def decide_digests(
    units_of_work: UnitsOfWork,
    folder: Path,
    actor: str,
    campaign: Campaign,
    day: Day,
    on_progress: Callable[[], None],
) -> None:
    """Decide a day once, by way of a file in `folder`; after a crash half-way, what was recorded stays and the rest is
    decided anew."""
    stream = f"day-{iso(day)}"
    file = folder / f"{stream}.jsonl"
    result = run_decision(units_of_work.store, day, file, on_progress)
    for page in _pages(file):
        _record_digests(units_of_work, actor, campaign, day, page)
        on_progress()
    with units_of_work.begin(actor) as work:
        if not work.load([stream]):
            work.append(DayDecided(iso(day), result["digests"], tuple(result["unknown_years"])))
    file.unlink()


def run_decision(store: Store, day: Day, file: Path, on_progress: Callable[[], None] | None = None) -> DecisionResult:
    """Run the decision in a subprocess, which writes the digests to the file.  `on_progress` is called while it runs;
    after DECISION_SECONDS it is killed, and the day is decided anew."""
    file.parent.mkdir(parents=True, exist_ok=True)
    url = store.url.render_as_string(hide_password=False)
    request = DecisionRequest(database_url=url, day=day, file=str(file))
    result: DecisionResult = preloaded_workers.run_module(
        DECISION_MODULE, given=request, seconds=DECISION_SECONDS, heartbeat=on_progress
    )
    return result


def _record_digests(
    units_of_work: UnitsOfWork, actor: str, campaign: Campaign, day: Day, page: list[dict[str, Any]]
) -> None:
    digests = [
        DigestDecided(line["recipient"], iso(day), line["unit_id"], campaign.id, campaign.version,
                      tuple(tuple(item) for item in line["items"]))
        for line in page
    ]  # fmt: skip
    with units_of_work.begin(actor) as work:
        existing = {event.stream for event in work.load(digest.stream for digest in digests)}
        work.append(*(digest for digest in digests if digest.stream not in existing))


def _pages(file: Path) -> Iterator[list[dict[str, Any]]]:
    page: list[dict[str, Any]] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            page.append(json.loads(line))
            if len(page) == PAGE:
                yield page
                page = []
    if page:
        yield page
