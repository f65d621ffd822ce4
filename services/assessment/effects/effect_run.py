"""Compares a plan with the one in force, in a process of its own: `python -m services.assessment.effects.effect_run`,
with the order as JSON on stdin.  Writes only its progress file."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from chassis.store.database import load_driver
from duties.campaign import Campaign
from duties.days import iso
from services.assessment import subscriptions
from services.assessment.effects.comparison import Comparison
from services.assessment.freezes.queries import frozen_windows
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.scores.score_run import open_store, progress_file

MODULE = "services.assessment.effects.effect_run"
assert subscriptions  # imported to declare the tables of the read models


class Order(TypedDict):
    """`document`: the other plan's data; `closes_on`: the day from which the campaign in force is closed, 0: it is not;
    `today`: the day as of which figures are compared; `folder`: for the progress file."""

    database_url: str
    document: dict[str, Any]
    closes_on: int
    today: int
    folder: str


def prepare(order: Order) -> None:
    load_driver(order["database_url"])


def main() -> int:
    sys.stdout.write(json.dumps(run(json.load(sys.stdin)), ensure_ascii=True))
    return 0


def run(order: Order) -> dict[str, Any]:
    """Returns the effect, figures as they are displayed."""
    after = Campaign.from_data(order["document"])
    with open_store(order["database_url"]).reading() as connection:
        facts = FactsAsKnown(connection, after.id)
        if order["closes_on"]:
            after = closed_by(after, order["closes_on"])
        result = compare(facts, after, order["today"], progress_file(Path(order["folder"]) / "progress"))
        frozen = frozen_windows(connection, after.id)
    for window in result["windows"]:
        window["frozen"] = window["window"] in frozen
    return result | {"as_of": iso(order["today"])}


def closed_by(campaign: Campaign, closes_on: int) -> Campaign:
    """The plan, ending at the earlier of its own end and the day on which the campaign was closed."""
    return replace(campaign, closes_on=min(filter(None, (campaign.closes_on, closes_on))))


def compare(facts: FactsAsKnown, after: Campaign, today: int, progress: Callable[[int], None]) -> dict[str, Any]:
    """One pass over every subject for both plans."""
    other, units = facts.under(after), facts.units()
    comparison = Comparison(facts.campaign, after, units, facts.decisions(), today)
    ids = [unit.unit_id for unit in units]
    done = 0
    for before_unit, after_unit in zip(facts.unit_facts(ids), other.unit_facts(ids), strict=True):
        comparison.add_unit(before_unit, after_unit)
        done += 1
        progress(done)
    for before_person, after_person in zip(facts.person_facts(), other.person_facts(), strict=True):
        comparison.add_person(before_person, after_person)
        done += 1
        progress(done)
    return comparison.result(facts.unit_names())


if __name__ == "__main__":
    sys.exit(main())
