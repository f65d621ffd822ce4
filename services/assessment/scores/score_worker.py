"""The process that stays for one scoreboard: a look then costs what changed since the last, not the whole district.

`python -m services.assessment.scores.score_worker`; its scores are in memory alone, so a killed one costs a start and
a calculation of everything."""

import functools
from typing import Any, TypedDict

from chassis.process.worker_process import serve
from duties.report_requests import ScoreRequest
from services.assessment.overview.queries import Wanted
from services.assessment.scores.kept_scores import KeptScores
from services.assessment.scores.score_run import open_store

MODULE = "services.assessment.scores.score_worker"


class ScoreboardOrder(TypedDict):
    """Which scoreboard, of which store; `rebuilds`: what was kept of the rows before another rebuild is of no use.
    `overview`: which figures of the whole district are asked in place of the lines; null: none."""

    database_url: str
    window: str
    as_of: int
    rebuilds: int
    overview: Wanted | None


def look(order: ScoreboardOrder) -> dict[str, Any]:
    """The lines or the overview, the positions that they are of, and how many units and people were read."""
    kept = _kept(order["rebuilds"], ScoreRequest(order["window"], order["as_of"]))
    with open_store(order["database_url"]).reading() as connection:
        result = kept.look(connection)
        wanted = order["overview"]
        overview = kept.overview(connection, wanted) if wanted else None
    lines = [] if wanted else result.lines
    return {"units": lines, "overview": overview, "positions": result.positions, "units_read": result.units_read,
            "people_read": result.people_read}  # fmt: skip


@functools.lru_cache(maxsize=1)
def _kept(_rebuilds: int, request: ScoreRequest) -> KeptScores:
    return KeptScores(request)


if __name__ == "__main__":
    serve(look)
