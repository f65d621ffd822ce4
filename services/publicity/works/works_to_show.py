"""Reads the works for an anthology or article in the form that its decision needs."""

from collections.abc import Iterable

from duties.days import day_of
from services.publicity.compiling import units_it_may_show
from services.publicity.domain.shown_works import ShownWork
from services.publicity.transaction import PublicityTransaction
from services.publicity.works.domain.decisions import WORKS


def works_to_show(transaction: PublicityTransaction, work_ids: Iterable[str]) -> tuple[ShownWork, ...]:
    """In the given order, by one query.  Raises Refused."""
    names = list(dict.fromkeys(work_ids))
    states = transaction.unit_of_work.states(WORKS, [f"work-{name}" for name in names])
    shown = []
    for name in names:
        state = states[f"work-{name}"]
        known = state.known
        shown.append(
            ShownWork(name, known.author_id, known.unit_id, known.semester, "unit" in state.selected, state.levels)
        )
    return tuple(shown)


def units_shown(transaction: PublicityTransaction, unit_id: str, works: Iterable[ShownWork]) -> frozenset[str]:
    """Those of the works' units whose works this unit may show besides its own."""
    units = {work.unit_id for work in works}
    today = day_of(transaction.today)
    return units_it_may_show(transaction.connection, transaction.campaign, unit_id, units, today)
