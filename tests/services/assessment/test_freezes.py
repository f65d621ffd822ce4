"""Official figures stand still once their window is frozen; only what a decision admits moves them (scoring.md 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts import participation
from contracts.assessment import WindowFrozen
from duties.days import day_of
from services.assessment.freezes.admissible import UnknownRows, find_admissible
from services.assessment.freezes.domain import FREEZES, Admissible, AdmitRows, Freeze, FreezeWindow, NotFrozen
from services.assessment.freezes.queries import frozen_windows
from services.assessment.scores import score_run
from services.registry.versions import instant_of
from tests.services.assessment.test_facts_as_known import CAMPAIGN, STARTED, History, at, finding, launched, unit
from tests.services.assessment.test_facts_as_known import make_store as make_store

F1 = Admissible("findings/F1", "findings/F1", "participation/0/4")
DAY = 86_400_000_000
WINDOW = "2023-Q1"
REQUESTS: list[list[Any]] = [["score", WINDOW, day_of("2023-03-31")], ["score", "2023-03", day_of("2023-03-31")]]


def result_files(history: History, folder: Path, known: int | None = None) -> dict[str, str]:
    folder.mkdir()
    url = history.store.url.render_as_string(hide_password=False)
    order = {"database_url": url, "requests": REQUESTS, "known_at": known, "folder": str(folder)}
    score_run.run({**order, "campaign": None})
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix == ".csv"}


def deductions(files: dict[str, str]) -> dict[str, str]:
    header, *lines = (line.split(",") for line in files["unit_scores.csv"].splitlines())
    return {line[header.index("window")]: line[header.index("deduction")] for line in lines}


def admit(history: History, days: int, *names: str, window: str = WINDOW) -> list[str]:
    """What was admitted, as `TABLE/ID`."""
    with history.store.reading() as connection:
        frozen = frozen_windows(connection, CAMPAIGN)[window]
        before = [item.position for item in frozen.admitted]
        admissible = find_admissible(connection, CAMPAIGN, names, instant_of(frozen.known_at), before)
    (event,) = FREEZES.decide(Freeze(frozen.known_at), AdmitRows(CAMPAIGN, window, tuple(admissible), "5 号"))
    history.record(days, event)
    return sorted(item.name for item in admissible)


@pytest.fixture
def history(make_store: Any) -> History:
    """The quarter is frozen on day 40, and a finding in it is reported on day 50."""
    result: History = make_store()
    result.record(0, launched(), participation.UnitRegistered(**unit("一小")))
    result.record(40, WindowFrozen(CAMPAIGN, WINDOW, at(40)))
    result.record(50, participation.FindingReported(**finding("5")))
    score_run.open_store.cache_clear()
    return result


def test_a_late_row_moves_present_figures_and_no_official_ones(history: History, tmp_path: Path) -> None:
    files = result_files(history, tmp_path / "late")
    assert deductions(files) == {WINDOW: "0.00", "2023-03": "5.00"}
    assert files["official.csv"] == f"window,official,known_at\n2023-03,no,\n{WINDOW},yes,{at(40)}\n"


def test_an_admitted_row_moves_the_official_figures_of_its_window(history: History, tmp_path: Path) -> None:
    admit(history, 60, "F1")
    assert deductions(result_files(history, tmp_path / "admitted")) == {WINDOW: "5.00", "2023-03": "5.00"}
    history.record(70, participation.RectificationReported("F1", "2023-03-20"))
    assert deductions(result_files(history, tmp_path / "mended")) == {WINDOW: "5.00", "2023-03": "0.00"}


def test_a_report_of_an_instant_asks_for_no_freeze(history: History, tmp_path: Path) -> None:
    files = result_files(history, tmp_path / "known", STARTED + 55 * DAY)
    assert deductions(files) == {WINDOW: "5.00", "2023-03": "5.00"}
    assert "yes" not in files["official.csv"]


def test_only_rows_of_the_campaign_are_known_for_admission(history: History) -> None:
    with history.store.reading() as connection:
        with pytest.raises(UnknownRows, match="F2"):
            find_admissible(connection, CAMPAIGN, ["F1", "F2"], None, ())
        with pytest.raises(UnknownRows, match="F1"):
            find_admissible(connection, "another", ["F1"], None, ())
        assert list(frozen_windows(connection, CAMPAIGN)) == [WINDOW]
        assert frozen_windows(connection, "another") == {}


def test_a_window_is_frozen_once_and_rows_are_admitted_once_and_only_then() -> None:
    freeze, admit = FreezeWindow(CAMPAIGN, WINDOW, at(40)), AdmitRows(CAMPAIGN, WINDOW, (F1, F1), "5 号")
    with pytest.raises(NotFrozen):
        FREEZES.decide(Freeze(), admit)
    state = Freeze()
    for command in (freeze, admit):
        (event,) = FREEZES.decide(state, command)
        state = FREEZES.evolve(state, event)
        assert FREEZES.decide(state, command) == []
    assert FREEZES.decide(state, FreezeWindow(CAMPAIGN, WINDOW, at(41))) == []
    assert state == Freeze(at(40), frozenset({F1.position}))
