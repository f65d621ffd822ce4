"""The long-lived process of one scoreboard: a request costs what changed since the last one, not the whole district.

`python -m services.assessment.scores.score_worker`.  Its scores are only in memory: after a crash everything is
calculated again."""

import functools
from typing import Any, TypedDict

from chassis.process.worker_process import serve
from duties.report_requests import ScoreRequest
from services.assessment.overview.queries import OverviewFilter
from services.assessment.scores.kept_scores import KeptScores
from services.assessment.scores.score_run import open_store

MODULE = "services.assessment.scores.score_worker"


class ScoreboardOrder(TypedDict):
    """The scoreboard and its store; after another rebuild (`rebuilds`) what was kept is discarded.  `overview`: the
    filter of the district's figures to return instead of lines; null: none."""

    database_url: str
    window: str
    as_of: int
    rebuilds: int
    overview: OverviewFilter | None


def look(order: ScoreboardOrder) -> dict[str, Any]:
    """Returns the lines or the overview, the positions they are valid for, and the numbers of units and people read."""
    kept = _kept_scores_of(order["rebuilds"], ScoreRequest(order["window"], order["as_of"]))
    with open_store(order["database_url"]).reading() as connection:
        result = kept.look(connection)
        wanted = order["overview"]
        overview = kept.overview(connection, wanted) if wanted else None
    lines = [] if wanted else result.lines
    return {"units": lines, "overview": overview, "positions": result.positions, "units_read": result.units_read,
            "people_read": result.people_read}  # fmt: skip


@functools.lru_cache(maxsize=1)
def _kept_scores_of(_rebuilds: int, request: ScoreRequest) -> KeptScores:
    return KeptScores(request)


if __name__ == "__main__":
    serve(look)
