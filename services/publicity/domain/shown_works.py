"""The conditions under which an article or anthology may show a work."""

from collections.abc import Collection
from dataclasses import dataclass

from services.publicity.domain.refusals import Refused


@dataclass(frozen=True, slots=True)
class ShownWork:
    """`selected`: by its unit; `levels`: the uses that its author consents to now."""

    work_id: str
    author_id: str
    unit_id: str
    semester: str
    selected: bool
    levels: frozenset[str]


def check_shown(work: ShownWork, unit_id: str, level: str, may_show: Collection[str] = ()) -> None:
    """Require that the work is selected, consented to for this use, and of this unit or one whose works it may show by
    the campaign's rules.  Outside the own unit, consent for the unit only does not count.  Raises Refused."""
    is_own = work.unit_id == unit_id
    if not is_own and work.unit_id not in may_show:
        raise Refused("work_of_another_unit", "works", work.work_id)
    if not work.selected:
        raise Refused("not_selected", "works", work.work_id)
    needed = level if is_own or level == "print" else "district"
    if needed not in work.levels:
        raise Refused("no_consent", "works", work.work_id)
