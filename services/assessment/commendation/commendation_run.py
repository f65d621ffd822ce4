"""Calculates the candidates of a year's awards in a process of its own, since a district takes seconds.

`python -m services.assessment.commendation.commendation_run`, with the order as JSON on stdin; never imported by the
service for running."""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import load_driver
from duties.campaign import Campaign
from duties.commended_units import PoolResult
from duties.report_requests import AwardRequest
from duties.result_files import points, share
from duties.score_calculation import ScoreCalculation
from duties.scores import UnitScore
from duties.seats import PlacedCandidate
from services.assessment import subscriptions
from services.assessment.decisions.projections import decisions
from services.assessment.freezes.queries import frozen_windows, official_facts
from services.assessment.scores.calculation import calculate
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.scores.score_run import open_store
from services.registry.versions import facts_known, of_campaign

MODULE = "services.assessment.commendation.commendation_run"
assert subscriptions  # imported to declare the tables of the read models


class Order(TypedDict):
    """The campaign and year; `official`: as known when the year was frozen, with what was admitted since."""

    database_url: str
    campaign: str
    year: int
    official: bool


def prepare(order: Order) -> None:
    load_driver(order["database_url"])


def main() -> int:
    sys.stdout.write(json.dumps(run(json.load(sys.stdin)), ensure_ascii=True))
    return 0


def run(order: Order) -> dict[str, Any]:
    """Returns `pools`, `people` (null: the campaign has no awards for persons) and `decisions`, as the route answers
    them."""
    request = AwardRequest(order["year"])
    with open_store(order["database_url"]).reading() as connection:
        facts = FactsAsKnown(connection, order["campaign"])
        if order["official"]:
            frozen = frozen_windows(connection, order["campaign"])[f"{order['year']:04}"]
            facts = official_facts(connection, order["campaign"], frozen)
        calculation = calculate(facts, [request])
        names = facts.unit_names()
        binding = frozenset(item.decision_id for item in calculation.decisions)
        return {
            "pools": [_pool(facts.campaign, calculation, pool, names) for pool in calculation.commended(request)],
            "people": _people(calculation, request, names),
            "decisions": _decisions(connection, order, names, binding),
        }  # fmt: skip


def _pool(
    campaign: Campaign, calculation: ScoreCalculation, pool: PoolResult, names: Mapping[str, str]
) -> dict[str, Any]:
    awards = campaign.unit_awards
    assert awards is not None
    kinds = sorted((awards.pools or (awards.kinds,))[pool.pool - 1])
    placed = sorted(pool.placed, key=lambda item: (item.position, item.candidate.unit_id))
    return {"pool": pool.pool, "kinds": kinds, "members": pool.members, "seats": pool.seats,
            "lines": [_unit(calculation, item, names) for item in placed]}  # fmt: skip


def _unit(calculation: ScoreCalculation, item: PlacedCandidate[UnitScore], names: Mapping[str, str]) -> dict[str, Any]:
    score, kind = item.candidate, calculation.units[item.candidate.unit_id].kind
    return {"unit_id": score.unit_id, "name": names.get(score.unit_id, ""), "kind": kind,
            "status": item.status, "position": item.position, "score": points(score.score),
            "score_exact": str(score.score), "completion": share(score.completion),
            "on_time": share(score.on_time)}  # fmt: skip


def _people(calculation: ScoreCalculation, request: AwardRequest, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Persons awarded or tied, by unit; none below the last seat."""
    awards = calculation.campaign.individual_awards
    if awards is None:
        return None
    eligible, quotas = calculation.eligible(request), calculation.quotas(request)
    lines: dict[str, list[dict[str, str]]] = defaultdict(list)
    for person in calculation.individuals(request):
        if person.status != "reserve":
            lines[person.unit_id].append({"person_id": person.person_id, "points": points(person.points),
                                          "status": person.status})  # fmt: skip
    units = [{"unit_id": unit_id, "name": names.get(unit_id, ""), "eligible": eligible[unit_id],
              "quota": quotas.get(unit_id), "lines": lines.get(unit_id, [])}
             for unit_id in sorted(eligible)]  # fmt: skip
    return {"seats": awards.seats, "allocation": awards.allocation, "eligible": sum(eligible.values()), "units": units}


def _decisions(
    connection: Connection, order: Order, names: Mapping[str, str], binding: frozenset[str]
) -> list[dict[str, Any]]:
    """The year's decisions as known now; `binds`: these candidates take the decision into account."""
    column = decisions.c
    query = sa.select(decisions).where(facts_known(decisions, None), of_campaign(decisions, order["campaign"]),
                                       column.year == order["year"])  # fmt: skip
    return [{"decision_id": row.decision_id, "kind": row.kind, "unit_id": row.unit_id,
             "name": names.get(row.unit_id, ""), "person_id": row.person_id, "document": row.document,
             "binds": row.decision_id in binding}
            for row in connection.execute(query.order_by(column.decision_id))]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
