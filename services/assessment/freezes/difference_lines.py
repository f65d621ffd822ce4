"""Differences between official and current figures, as they are displayed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from chassis.events.canonical_json import moment
from duties import result_files
from duties.report_requests import AwardRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from services.assessment.freezes.change_events import ChangeEvent
from services.assessment.reports.result_files import write_file

FILE = "differences.csv"
COLUMNS = ("what", "window", "as_of", "unit_id", "person_id", "official", "present", "figures", "table", "id", "event",
           "position", "recorded_at", "actor", "reason")  # fmt: skip
SCORE, AWARD, INDIVIDUAL = "score", "award", "individual"
_CELLS_OF_EVENT = 7
Figures = dict[str, dict[str, str]]
"""Displayed figures, by id of the unit or person, then by name of the figure."""


@dataclass
class Difference:
    """A unit whose official and current figures differ, or a person put forward in only one of the two.  `official` and
    `present`: the score, or the award status; `figures`: all that differ, by name, as displayed.  No events: the change
    came through other subjects."""

    what: str
    window: str
    as_of: str
    unit_id: str
    person_id: str
    official: str
    present: str
    figures: dict[str, tuple[str, str]]
    events: list[ChangeEvent] = field(default_factory=list)


def local_minute(recorded_at: str, zone: tzinfo) -> str:
    """An instant of the log in local time with its offset, to the minute."""
    return moment(recorded_at).astimezone(zone).isoformat(timespec="minutes")


def write_differences(differences: Iterable[Difference], folder: Path) -> None:
    """Write one line per event; a difference without events has one line."""
    blank = ("",) * _CELLS_OF_EVENT
    rows = (
        [item.what, item.window, item.as_of, item.unit_id, item.person_id, item.official, item.present,
         ";".join(item.figures), *cells]
        for item in differences
        for cells in [event[:_CELLS_OF_EVENT] for event in item.events] or [blank]
    )  # fmt: skip
    write_file(folder / FILE, COLUMNS, rows)


def score_figures(request: ScoreRequest, calculation: ScoreCalculation) -> Figures:
    rows = result_files.score_rows(request, calculation.scores(request))
    return _figures(result_files.UNIT_SCORES, rows, ("window", "as_of"))


def award_figures(request: AwardRequest, calculation: ScoreCalculation) -> Figures:
    rows = result_files.commended_rows(calculation.commended(request))
    return _figures(result_files.UNITS_AWARDED, rows, ("year",))


def individual_figures(request: AwardRequest, calculation: ScoreCalculation) -> Figures:
    """The displayed figures by person; the person's unit is one of them."""
    rows = result_files.individual_rows(request, calculation.individuals(request))
    return _figures(result_files.INDIVIDUALS, rows, ("year",), "person_id")


def _figures(
    header: Sequence[str], rows: Iterable[Sequence[str]], without: Sequence[str], key: str = "unit_id"
) -> Figures:
    result = {}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        result[cells[key]] = {name: cell for name, cell in cells.items() if name not in (key, *without)}
    return result


def different(official: Figures, present: Figures) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """The units or persons whose figures differ, with those figures; an empty text stands for a missing one."""
    for subject in sorted(official.keys() | present.keys()):
        before, after = official.get(subject, {}), present.get(subject, {})
        pairs = {name: (before.get(name, ""), after.get(name, "")) for name in before | after}
        if figures := {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}:
            yield subject, figures
