"""A calculation in a process of its own, since a district takes seconds: reads rows, returns lines or writes files.

`python -m services.assessment.scores.score_run`, with the order as JSON on stdin; never run in the service
process."""

import functools
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import Connection

from chassis.store.database import Store, load_driver
from duties.report_requests import AwardRequest, OutstandingRequest, ReportRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from services.assessment import subscriptions
from services.assessment.freezes.difference_lines import Difference, write_differences
from services.assessment.freezes.differences import Differences
from services.assessment.freezes.queries import FrozenWindow, frozen_for, frozen_windows, official_facts
from services.assessment.reports import result_files
from services.assessment.scores.calculation import calculate, scoreboard_lines
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.tables import metadata

MODULE = "services.assessment.scores.score_run"
PROGRESS_STEP = 500
assert subscriptions  # imported to declare the tables of the read models


class Order(TypedDict):
    """What to calculate: requests as [what, id, day], `known_at` in microseconds or null, and the folder for the files;
    `campaign` null: the one launched last.

    Without a folder the first request is a scoreboard's."""

    database_url: str
    requests: list[list[Any]]
    known_at: int | None
    folder: str
    campaign: str | None


def prepare(order: Order) -> None:
    load_driver(order["database_url"])


def main() -> int:
    sys.stdout.write(json.dumps(run(json.load(sys.stdin)), ensure_ascii=True))
    return 0


def run(order: Order) -> dict[str, Any]:
    """Returns the names of the files, or the scoreboard's lines."""
    store = open_store(order["database_url"])
    requests = [_request(*item) for item in order["requests"]]
    with store.reading() as connection:
        if not order["folder"]:
            return _scoreboard(connection, requests[0], order)
        folder = Path(order["folder"])
        facts = FactsAsKnown(connection, order["campaign"], order["known_at"])
        windows = {} if order["known_at"] is not None else frozen_windows(connection, facts.campaign.id)
        frozen = {request: frozen_for(windows, request) for request in requests}
        calculations, differences = _calculations(connection, facts, frozen, progress_file(folder / "progress"))
        result_files.write(calculations, requests, folder)
        result_files.write_official(
            {request: item.known_at if item else "" for request, item in frozen.items()}, folder
        )
        write_differences(differences, folder)
        return {"files": list(result_files.FILES)}


def _calculations(
    connection: Connection,
    facts: FactsAsKnown,
    frozen: Mapping[ReportRequest, FrozenWindow | None],
    progress: Callable[[int], None],
) -> tuple[dict[ReportRequest, ScoreCalculation], list[Difference]]:
    """For each request the calculation that answers it (as known now or at the instant asked, or at a freeze), and the
    differences between those of the freezes and the first."""
    present = calculate(facts, list(frozen), progress)
    result, differences = dict.fromkeys(frozen, present), list[Difference]()
    for window in {item.window: item for item in frozen.values() if item}.values():
        requests = [request for request, item in frozen.items() if item and item.window == window.window]
        known = official_facts(connection, facts.campaign.id, window)
        official = calculate(known, requests, progress)
        result |= dict.fromkeys(requests, official)
        between = Differences(connection, window, known, facts)
        differences += [line for request in requests for line in between.of_request(request, official, present)]
    return result, differences


@functools.lru_cache(maxsize=1)
def open_store(url: str) -> Store:
    """Opens the store; kept open where the process answers more than one order."""
    return Store(url, metadata)


def _scoreboard(connection: Connection, request: ReportRequest, order: Order) -> dict[str, Any]:
    assert isinstance(request, ScoreRequest)
    facts = FactsAsKnown(connection, known_at=order["known_at"])
    result = calculate(facts, [request])
    return {"units": scoreboard_lines(request, result.scores(request), result.units, facts.unit_names())}


def _request(what: str, name: str, day: int) -> ReportRequest:
    match what:
        case "score":
            return ScoreRequest(name, day)
        case "award":
            return AwardRequest(int(name))
        case _:
            return OutstandingRequest(day)


def progress_file(path: Path) -> Callable[[int], None]:
    """A function that writes the number of subjects done into a file."""

    def write(done: int) -> None:
        if done % PROGRESS_STEP == 0:
            fresh = path.with_suffix(".new")
            fresh.write_text(str(done))
            fresh.replace(path)

    return write


if __name__ == "__main__":
    sys.exit(main())
