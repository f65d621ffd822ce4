"""Reckons figures in a plain process of its own, since a district takes seconds of arithmetic: rows in, files out.

`python -m services.assessment.reckoning`, the order as JSON on stdin; never part of the service's own process."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import Connection

from chassis.store import Store
from duties import shown
from duties.asks import Ask, AwardAsk, OutstandingAsk, ScoreAsk
from duties.reckoning import Reckoning
from services.assessment import queries
from services.assessment.projections import metadata

FILES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")


class Order(TypedDict):
    """What to reckon: asks as [what, id, day], `known_at` in microseconds or null, and where the files go."""

    database_url: str
    asks: list[list[Any]]
    known_at: int | None
    folder: str


def ask_of(what: str, name: str, day: int) -> Ask:
    match what:
        case "score":
            return ScoreAsk(name, day)
        case "award":
            return AwardAsk(int(name))
        case _:
            return OutstandingAsk(day)


def reckon(connection: Connection, asks: Sequence[Ask], known_at: int | None, told: Any) -> Reckoning:
    """One pass over every subject answers all the asks."""
    campaign = queries.campaign(connection)
    if campaign is None:
        raise LookupError("no campaign")
    units = queries.units(connection)
    made = Reckoning(campaign, units, asks, known_at)
    by_id = {unit.unit_id: unit for unit in units}
    for done, one in enumerate(queries.unit_files(connection, list(by_id)), 1):
        made.unit(by_id[one.unit_id], one.records, one.exemptions, one.findings, one.sheet_rows)
        told(done)
    for done, person in enumerate(queries.people(connection), len(by_id) + 1):
        made.person(person.person_id, person.memberships, person.records, person.exemptions)
        told(done)
    return made


def write(made: Reckoning, asks: Sequence[Ask], folder: Path) -> None:
    """The four files of scoring.md 9."""
    scores = [ask for ask in asks if isinstance(ask, ScoreAsk)]
    awards = sorted({ask for ask in asks if isinstance(ask, AwardAsk)}, key=lambda ask: ask.year)
    owed = sorted({ask for ask in asks if isinstance(ask, OutstandingAsk)}, key=lambda ask: ask.as_of)
    _file(folder / FILES[0], shown.UNIT_SCORES,
          (row for ask in scores for row in shown.score_rows(ask, made.scores(ask))))  # fmt: skip
    _file(folder / FILES[1], shown.UNITS_AWARDED,
          (row for ask in awards for row in shown.commended_rows(made.commended(ask))))  # fmt: skip
    _file(folder / FILES[2], shown.INDIVIDUALS,
          (row for ask in awards for row in shown.individual_rows(ask, made.individuals(ask))))  # fmt: skip
    _file(folder / FILES[3], shown.OUTSTANDING,
          (row for ask in owed for row in shown.outstanding_rows(ask, made.outstanding(ask))))  # fmt: skip


def _file(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def board(connection: Connection, made: Reckoning, ask: ScoreAsk) -> list[dict[str, Any]]:
    """The scoreboard's lines, figures as they are shown; `band` says only who is in front (docs/domain)."""
    known, awards = queries.names(connection), made.campaign.unit_awards
    scores = made.scores(ask)
    ranked = sum(one.rank is not None for one in scores)
    front = (awards.percent * ranked + 99) // 100 if awards else 0
    lines = []
    for one, row in zip(scores, shown.score_rows(ask, scores), strict=True):
        cells = dict(zip(shown.UNIT_SCORES, row, strict=True))
        name, kind = known[one.unit_id]
        band = "" if one.rank is None else "front" if one.rank <= front else "middle"
        figures: dict[str, Any] = {k: v for k, v in cells.items() if k not in ("window", "as_of", "rank", "sheet")}
        figures |= {"name": name, "kind": kind, "rank": one.rank, "band": band, "sheet": cells["sheet"] or None}
        lines.append(figures)
    return lines


def main() -> int:
    order: Order = json.load(sys.stdin)
    store = Store(order["database_url"], metadata)
    asks = [ask_of(*one) for one in order["asks"]]
    progress = Path(order["folder"]) / "progress" if order["folder"] else None

    def told(done: int) -> None:
        if progress is not None and done % 500 == 0:
            fresh = progress.with_suffix(".new")
            fresh.write_text(str(done))
            fresh.replace(progress)

    with store.reading() as connection:
        made = reckon(connection, asks, order["known_at"], told)
        if order["folder"]:
            write(made, asks, Path(order["folder"]))
            answer: Any = {"files": list(FILES)}
        else:
            first = asks[0]
            assert isinstance(first, ScoreAsk)
            answer = {"units": board(connection, made, first)}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
