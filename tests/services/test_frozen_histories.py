"""Random histories in which windows are frozen on the way and what came later is admitted: official figures are those
of the second program, and what is not frozen is as known now."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.store.unit_of_work import CommandContext
from services.assessment.freezes.handlers import admit_rows, freeze_window
from tests.domain.duties.oracle import Oracle
from tests.domain.duties.oracle_of_files import result_files
from tests.domain.duties.oracle_of_history import Act
from tests.domain.duties.oracle_of_import import Change
from tests.domain.duties.random_histories import RandomHistory
from tests.services.test_random_histories import WINDOWS, Build
from tests.services.test_random_histories import build_on_sqlite as build_on_sqlite
from tests.services.whole_district import WholeDistrict

OVER = {"2022-11": "2022-12-01", "2022-Q4": "2023-01-01", "2022": "2023-01-01", "2022-autumn": "2023-02-01"}
"""The first day after each of these windows."""
OFFICE = CommandContext("operator:operator")


def freeze(district: WholeDistrict, history: RandomHistory, at: datetime, rng: Random) -> None:
    """One more of the windows that are over."""
    day = str(at.astimezone(ZoneInfo("Asia/Shanghai")).date())
    frozen = {name for act in history.history.acts if act.kind == "freeze" for name in act.rows}
    over = [name for name, first in OVER.items() if first <= day and name not in frozen]
    if over:
        name = rng.choice(over)
        outcome = freeze_window(district.services["assessment"].units_of_work, OFFICE, name)["outcome"]
        assert outcome == "frozen"
        history.history.acts.append(Act(at, "freeze", [name]))


def admit(district: WholeDistrict, history: RandomHistory, at: datetime, rng: Random) -> None:
    """To each frozen window some of what was recorded after the freeze."""
    frozen = {name: act.recorded_at for act in history.history.acts if act.kind == "freeze" for name in act.rows}
    for window, instant in frozen.items():
        names = admissible(history.book.changes, instant, rng)
        if names:
            outcome = admit_rows(district.services["assessment"].units_of_work, OFFICE, window, sorted(names), "5 号")[
                "outcome"
            ]
            assert outcome == "admitted"
            admitted = [(window, name.partition("/")[2]) for name in names]
            history.history.acts.append(Act(at, "admission", admitted))


def admissible(changes: list[Change], frozen: datetime, rng: Random) -> set[str]:
    """Rows and corrections, as admissions name them: of a row that the freeze did not know the row first; nothing of a
    record and its withdrawal, which share an id; nothing after a void that is not admitted."""
    known = {(item.table, item.row_id) for item in changes if item.recorded_at <= frozen}
    withdrawn = {
        item.row_id for item in changes if item.table == "records" and item.voided and item.cause == item.row_id
    }
    result, closed = set(), set[tuple[str, str]]()
    for item in (item for item in changes if item.recorded_at > frozen and item.row_id not in withdrawn):
        row = item.table, item.row_id
        accepts = item.cause == item.row_id
        if row not in closed and (row in known or accepts) and rng.random() < 0.4:
            result.add(f"{item.table}/{item.row_id}" if accepts else f"corrections/{item.cause}")
            known.add(row)
        elif "*" in item.columns:
            closed.add(row)
    return result


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_official_figures_are_those_of_the_second_program(build_on_sqlite: Build, seed: int) -> None:
    random_history, rng, district = RandomHistory(seed, phases=4), Random(seed), build_on_sqlite()
    for act, outcomes in zip(list(random_history.history.acts), random_history.outcomes, strict=True):
        district.at(act.recorded_at)
        if act.kind == "campaign":
            district.launch(act.rows[-1])
        else:
            assert district.give_file(act.kind, act.rows, act.late_entry) == outcomes, act
        if act.recorded_at in random_history.ends:
            district.consume()
            freeze(district, random_history, act.recorded_at, rng)
    last = random_history.ends[-1] + timedelta(minutes=1)
    district.at(last)
    admit(district, random_history, last, rng)
    files = district.report(WINDOWS)
    district.close()
    for name, text in official_files(random_history, last).items():
        assert files[name] == text, name


def official_files(random_history: RandomHistory, at: datetime) -> dict[str, str]:
    """Each line of windows.csv by the facts that are official for it; what is outstanding is as known now."""
    result: dict[str, str] = {}
    for line in WINDOWS:
        history = random_history.history
        facts = history.known(at) if line["what"] == "outstanding" else history.official(line["id"], at)
        for name, text in result_files(Oracle(facts), [line]).items():
            result[name] = result[name] + text.partition("\n")[2] if name in result else text
    return result
