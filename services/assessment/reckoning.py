"""Reckons figures in a plain process of its own, since a district takes seconds of arithmetic: rows in, files out.

`python -m services.assessment.reckoning`, the order as JSON on stdin; never part of the service's own process."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import Connection

from chassis.store.database import Store
from duties import result_files
from duties.campaign import Campaign
from duties.report_requests import AwardRequest, OutstandingRequest, ReportRequest, ScoreRequest, window_of_request
from duties.score_calculation import ScoreCalculation
from duties.scores import UnitScore, ranked
from services.assessment import queries, standings
from services.assessment.projections import metadata, registry
from services.assessment.standings import Standing
from services.registry.queries import campaign_in_force
from services.registry.queries import units as registered_units

FILES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")


class Order(TypedDict):
    """What to reckon: asks as [what, id, day], `known_at` in microseconds or null, and where the files go.

    Without a folder the first ask is a scoreboard's; `kept` is then where its standing is kept, if it is."""

    database_url: str
    requests: list[list[Any]]
    known_at: int | None
    folder: str
    kept: str


def request_of(what: str, name: str, day: int) -> ReportRequest:
    match what:
        case "score":
            return ScoreRequest(name, day)
        case "award":
            return AwardRequest(int(name))
        case _:
            return OutstandingRequest(day)


def reckon(
    connection: Connection, requests: Sequence[ReportRequest], known_at: int | None, told: Any
) -> ScoreCalculation:
    """One pass over every subject answers all the asks."""
    campaign = campaign_in_force(connection, registry)
    if campaign is None:
        raise LookupError("no campaign")
    units = registered_units(connection, registry)
    calculation = ScoreCalculation(campaign, units, requests, known_at)
    by_id = {unit.unit_id: unit for unit in units}
    for done, unit_file in enumerate(queries.unit_files(connection, list(by_id)), 1):
        calculation.add_unit(
            by_id[unit_file.unit_id], unit_file.records, unit_file.exemptions, unit_file.findings, unit_file.sheet_rows
        )
        told(done)
    for done, person in enumerate(queries.people(connection), len(by_id) + 1):
        calculation.add_person(person.person_id, person.memberships, person.records, person.exemptions)
        told(done)
    return calculation


def write(calculation: ScoreCalculation, requests: Sequence[ReportRequest], folder: Path) -> None:
    """The four files of scoring.md 9."""
    scores = [request for request in requests if isinstance(request, ScoreRequest)]
    awards = sorted(
        {request for request in requests if isinstance(request, AwardRequest)}, key=lambda request: request.year
    )
    owed = sorted(
        {request for request in requests if isinstance(request, OutstandingRequest)}, key=lambda request: request.as_of
    )
    score_rows = (result_files.score_rows(item, calculation.scores(item)) for item in scores)
    unit_rows = (result_files.commended_rows(calculation.commended(item)) for item in awards)
    individual_rows = (result_files.individual_rows(item, calculation.individuals(item)) for item in awards)
    outstanding_rows = (result_files.outstanding_rows(item, calculation.outstanding(item)) for item in owed)
    _file(folder / FILES[0], result_files.UNIT_SCORES, chain.from_iterable(score_rows))
    _file(folder / FILES[1], result_files.UNITS_AWARDED, chain.from_iterable(unit_rows))
    _file(folder / FILES[2], result_files.INDIVIDUALS, chain.from_iterable(individual_rows))
    _file(folder / FILES[3], result_files.OUTSTANDING, chain.from_iterable(outstanding_rows))


def _file(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def standing(connection: Connection, request: ScoreRequest, path: Path) -> tuple[Campaign, list[UnitScore], int]:
    """The scores of all units now, ranked; how many units were reckoned for it: those touched since `path` was kept."""
    campaign = campaign_in_force(connection, registry)
    if campaign is None:
        raise LookupError("no campaign")
    units = {unit.unit_id: unit for unit in registered_units(connection, registry)}
    before = standings.kept(path)
    touched = standings.touched(connection, before.places) if before else None
    if before is None or touched is None or len(touched) > len(units) * 3 // 4:
        result, stale = reckon(connection, [request], None, lambda _: None), frozenset(units)
        scores = {score.unit_id: score for score in result.scores(request)}
    else:
        result, stale = ScoreCalculation(campaign, units.values(), [request]), touched & units.keys()
        for unit_file in queries.unit_files(connection, sorted(stale), every=False):
            result.add_unit(
                units[unit_file.unit_id],
                unit_file.records,
                unit_file.exemptions,
                unit_file.findings,
                unit_file.sheet_rows,
            )
        for person in queries.people(connection, sorted(stale)):
            result.add_person(person.person_id, person.memberships, person.records, person.exemptions)
        scores = {name: item for name, item in before.scores.items() if name not in stale}
        scores |= {score.unit_id: score for score in result.scores(request) if score.unit_id in stale}
    standings.keep(path, Standing(standings.places(connection), scores))
    return (
        campaign,
        ranked(campaign, window_of_request(campaign, request), request.as_of, units, scores.values()),
        len(stale),
    )


def board(
    connection: Connection, campaign: Campaign, request: ScoreRequest, scores: list[UnitScore]
) -> list[dict[str, Any]]:
    """The scoreboard's lines, figures as they are shown; `band` says only who is in front (docs/domain)."""
    known, awards = queries.names(connection), campaign.unit_awards
    ranked = sum(score.rank is not None for score in scores)
    front = (awards.percent * ranked + 99) // 100 if awards else 0
    lines = []
    for score, row in zip(scores, result_files.score_rows(request, scores), strict=True):
        cells = dict(zip(result_files.UNIT_SCORES, row, strict=True))
        name, kind = known[score.unit_id]
        band = "" if score.rank is None else "front" if score.rank <= front else "middle"
        figures: dict[str, Any] = {k: v for k, v in cells.items() if k not in ("window", "as_of", "rank", "sheet")}
        figures |= {"name": name, "kind": kind, "rank": score.rank, "band": band, "sheet": cells["sheet"] or None}
        lines.append(figures)
    return lines


def main() -> int:
    sys.stdout.write(json.dumps(answered(json.load(sys.stdin)), ensure_ascii=True))
    return 0


def answered(order: Order) -> dict[str, Any]:
    """The files' names, or the scoreboard's lines and how many units were reckoned for them."""
    store = Store(order["database_url"], metadata)
    requests = [request_of(*item) for item in order["requests"]]
    progress = Path(order["folder"]) / "progress" if order["folder"] else None

    def told(done: int) -> None:
        if progress is not None and done % 500 == 0:
            fresh = progress.with_suffix(".new")
            fresh.write_text(str(done))
            fresh.replace(progress)

    with store.reading() as connection:
        if order["folder"]:
            write(reckon(connection, requests, order["known_at"], told), requests, Path(order["folder"]))
            return {"files": list(FILES)}
        first = requests[0]
        assert isinstance(first, ScoreRequest)
        if not order["kept"]:
            result = reckon(connection, requests, order["known_at"], told)
            return {
                "units": board(connection, result.campaign, first, result.scores(first)),
                "reckoned": len(result.units),
            }
        campaign, scores, reckoned = standing(connection, first, Path(order["kept"]))
        return {"units": board(connection, campaign, first, scores), "reckoned": reckoned}


if __name__ == "__main__":
    sys.exit(main())
