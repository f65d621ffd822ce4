"""Calculates the official figures of a frozen window, or their differences from the current ones, in a process of its
own.

`python -m services.assessment.freezes.difference_run`, with the order as JSON on stdin; never imported by the service
for running."""

import json
import sys
from datetime import tzinfo
from typing import Any, TypedDict

from chassis.store.database import load_driver
from duties.report_requests import AwardRequest, ReportRequest, ScoreRequest
from services.assessment import subscriptions
from services.assessment.freezes.difference_lines import AWARD, INDIVIDUAL, SCORE, Difference, local_minute
from services.assessment.freezes.differences import Differences
from services.assessment.freezes.queries import frozen_windows, official_facts
from services.assessment.scores.calculation import calculate, scoreboard_lines
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.scores.score_run import open_store

MODULE = "services.assessment.freezes.difference_run"
assert subscriptions  # imported to declare the tables of the read models


class Order(TypedDict):
    """A frozen window of a campaign, as of a day; `differences`: compare with the current figures."""

    database_url: str
    campaign: str
    window: str
    as_of: int
    differences: bool


def prepare(order: Order) -> None:
    load_driver(order["database_url"])


def main() -> int:
    sys.stdout.write(json.dumps(run(json.load(sys.stdin)), ensure_ascii=True))
    return 0


def run(order: Order) -> dict[str, Any]:
    """Returns `units`, the official lines of the scoreboard; or the differences: `units` by score and, for a year,
    `awards` and `people`."""
    request = ScoreRequest(order["window"], order["as_of"])
    with open_store(order["database_url"]).reading() as connection:
        frozen = frozen_windows(connection, order["campaign"])[order["window"]]
        facts = official_facts(connection, order["campaign"], frozen)
        requests: list[ReportRequest] = [request]
        if order["differences"] and request.window.isdigit():
            requests.append(AwardRequest(int(request.window)))
        official = calculate(facts, requests)
        if not order["differences"]:
            return {"units": scoreboard_lines(request, official.scores(request), official.units, facts.unit_names())}
        present_facts = FactsAsKnown(connection, order["campaign"])
        present = calculate(present_facts, requests)
        names = facts.unit_names() | present_facts.unit_names()
        between = Differences(connection, frozen, facts, present_facts)
        lines = [line for item in requests for line in between.of_request(item, official, present)]
        zone = present_facts.campaign.zone
        return {kind: [_line(item, names.get(item.unit_id, ""), zone) for item in lines if item.what == what]
                for kind, what in (("units", SCORE), ("awards", AWARD), ("people", INDIVIDUAL))}  # fmt: skip


def _line(item: Difference, name: str, zone: tzinfo) -> dict[str, Any]:
    figures = [{"figure": figure, "official": official, "present": present}
               for figure, (official, present) in item.figures.items()]  # fmt: skip
    events = [event._asdict() | {"at": local_minute(event.recorded_at, zone)} for event in item.events]
    person = {"person_id": item.person_id} if item.what == INDIVIDUAL else {}
    return {"unit_id": item.unit_id, "name": name, **person, "official": item.official, "present": item.present,
            "figures": figures, "events": events}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
