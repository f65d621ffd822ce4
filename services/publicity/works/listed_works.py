"""Works with their status, read with few columns: for filtering, counting and paging lists, without texts, names and
files."""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from duties.publicity import Publicity
from services.publicity.reviews.domain import passes
from services.publicity.reviews.projections import reviews
from services.publicity.works.domain.progress import USES_OF_DISTRICT, WorkStages, progress_of
from services.publicity.works.projections import consents, returned_works, selections, works

NONE_YET: Final = ""


class ListedWork(NamedTuple):
    """A work in a list: author, unit, status, and whether a review of it is overdue."""

    work_id: str
    author_id: str
    unit_id: str
    nominated_on: str
    stages: WorkStages
    progress: str
    late: bool

    @property
    def place(self) -> str:
        """The sort key; greater is later."""
        return f"{self.nominated_on}/{self.work_id}"


def placed_works(connection: Connection, rules: Publicity, today: str, **criteria: str) -> list[ListedWork]:
    """Works (by unit_id, semester, author_id, work_id or reviewer_id), latest first."""
    result = []
    for row in connection.execute(_stage_rows(criteria)):
        totals = row.totals or NONE_YET
        stages = WorkStages(
            bool(row.agreed), row.agreed == 2, bool(row.by_unit), bool(row.by_district), bool(row.undone),
            bool(row.returned), bool(row.put_forward_on), row.asked or 0, totals.count(",") + 1 if totals else 0,
            _has_passed(totals, rules.reviewers, rules.pass_mark),
        )  # fmt: skip
        progress = progress_of(stages, rules)
        late = stages.awaits_marks(rules) and bool(row.due) and row.due < today
        result.append(ListedWork(row.work_id, row.author_id, row.unit_id, row.nominated_on, stages, progress, late))
    return result


def page_of(placed: Iterable[ListedWork], after: str, limit: int) -> tuple[list[ListedWork], str]:
    """Those after the cursor, and the next cursor; all without a limit."""
    rows = [each for each in placed if not after or each.place < after]
    if not limit:
        return rows, ""
    return rows[:limit], rows[limit - 1].place if len(rows) > limit else ""


@lru_cache(maxsize=4096)
def _has_passed(totals: str, reviewers: int, pass_mark: Fraction) -> bool:
    return bool(totals) and passes([Fraction(each) for each in totals.split(",")], reviewers, pass_mark)


def _stage_rows(criteria: dict[str, str]) -> sa.Select[Any]:
    """One row per work; data in other tables is aggregated for the selected works only."""
    wanted = _selected_work_ids(criteria)
    agreed, asked, chosen = _consents_of(wanted), _reviews_of(wanted), _selections_of(wanted)
    back = returned_works
    w = works.c
    query = sa.select(
        w.work_id, w.author_id, w.unit_id, w.nominated_on, w.put_forward_on, agreed.c.agreed, asked.c.asked,
        asked.c.totals, asked.c.due, chosen.c.by_unit, chosen.c.by_district, chosen.c.undone,
        back.c.work_id.label("returned"),
    ).select_from(
        works.outerjoin(agreed, agreed.c.work_id == w.work_id)
        .outerjoin(asked, asked.c.work_id == w.work_id)
        .outerjoin(chosen, chosen.c.work_id == w.work_id)
        .outerjoin(back, sa.and_(back.c.work_id == w.work_id, back.c.revised_on == ""))
    )  # fmt: skip
    query = query.where(w.work_id.in_(wanted)) if wanted is not None else query
    return query.order_by(w.nominated_on.desc(), w.work_id.desc())


def _selected_work_ids(criteria: dict[str, str]) -> sa.Select[Any] | None:
    """The ids of the selected works; None: all."""
    conditions = [works.c[name] == value for name, value in criteria.items() if value and name != "reviewer_id"]
    if reviewer := criteria.get("reviewer_id"):
        mine = sa.select(reviews.c.work_id).where(reviews.c.reviewer_id == reviewer, reviews.c.released_on == "")
        conditions.append(works.c.work_id.in_(mine))
    return sa.select(works.c.work_id).where(*conditions) if conditions else None


def _consents_of(wanted: sa.Select[Any] | None) -> sa.Subquery:
    """2: to a use of the district."""
    level = sa.case((consents.c.level.in_(sorted(USES_OF_DISTRICT)), 2), else_=1)
    query = sa.select(consents.c.work_id, sa.func.max(level).label("agreed")).where(consents.c.withdrawn_on == "")
    return _one_row_a_work(query, consents.c.work_id, wanted, "agreed_to")


def _reviews_of(wanted: sa.Select[Any] | None) -> sa.Subquery:
    """`due`: the earliest last day of a review that is not marked."""
    r = reviews.c
    open_due = sa.case((sa.and_(r.marked_on == "", r.due_on != ""), r.due_on))
    totals = sa.func.aggregate_strings(sa.case((r.marked_on != "", r.total)), ",")
    query = sa.select(r.work_id, sa.func.count().label("asked"), totals.label("totals"),
                      sa.func.min(open_due).label("due")).where(r.released_on == "")  # fmt: skip
    return _one_row_a_work(query, r.work_id, wanted, "asked_for")


def _selections_of(wanted: sa.Select[Any] | None) -> sa.Subquery:
    s = selections.c

    def has(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.max(sa.case((sa.and_(*conditions), 1), else_=0))

    stands = s.deselected_at == ""
    query = sa.select(s.work_id, has(stands, s.level == "unit").label("by_unit"),
                      has(stands, s.level == "district").label("by_district"),
                      has(s.deselected_at != "").label("undone"))  # fmt: skip
    return _one_row_a_work(query, s.work_id, wanted, "chosen_by")


def _one_row_a_work(query: sa.Select[Any], column: Any, wanted: sa.Select[Any] | None, name: str) -> sa.Subquery:
    query = query.where(column.in_(wanted)) if wanted is not None else query
    return query.group_by(column).subquery(name)
