"""What is asked of a work before an article or anthology shows it."""

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


def check_shown(work: ShownWork, unit_id: str, level: str) -> None:
    """Nothing is shown that was not selected, is another unit's, or lacks its author's consent.  Refused."""
    if work.unit_id != unit_id:
        raise Refused("work_of_another_unit", "works", work.work_id)
    if not work.selected:
        raise Refused("not_selected", "works", work.work_id)
    if level not in work.levels:
        raise Refused("no_consent", "works", work.work_id)
