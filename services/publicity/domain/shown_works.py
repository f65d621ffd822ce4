"""What is asked of a work before an article or anthology shows it."""

from collections.abc import Collection
from dataclasses import dataclass

from services.publicity.domain.refusals import Refused


@dataclass(frozen=True, slots=True)
class ShownWork:
    """`selected`: by its unit; `levels`: the uses that its author agrees to now."""

    work_id: str
    author_id: str
    unit_id: str
    semester: str
    selected: bool
    levels: frozenset[str]


def check_shown(work: ShownWork, unit_id: str, level: str, may_show: Collection[str] = ()) -> None:
    """Nothing is shown that was not selected, lacks its author's consent, or is another unit's that the campaign does
    not let this one show.  Outside the own unit, consent for the unit alone is none.  Refused."""
    is_own = work.unit_id == unit_id
    if not is_own and work.unit_id not in may_show:
        raise Refused("work_of_another_unit", "works", work.work_id)
    if not work.selected:
        raise Refused("not_selected", "works", work.work_id)
    needed = level if is_own or level == "print" else "district"
    if needed not in work.levels:
        raise Refused("no_consent", "works", work.work_id)
