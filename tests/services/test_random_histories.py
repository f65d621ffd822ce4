"""Random histories through participation's handlers into every service's read models, on a clock that moves.

The report made at K is the one made today as known at K and the one of the second program, byte for byte, whatever was
corrected and amended since; and a rebuild leaves every row as it is."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.duties.oracle_of_files import result_files
from tests.domain.duties.oracle_of_history import oracle_as_known
from tests.domain.duties.random_histories import RandomHistory
from tests.services.whole_district import SERVICES, Row, WholeDistrict
from tests.support.history_events import can_be_reported, reports_of

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

NAMES = ["2022-11", "2022-Q4", "2023-Q1", "2022-autumn", "2023-spring", "2022", "2023"]
WINDOWS: list[Row] = [
    *({"what": "score", "id": name, "as_of": day} for name in NAMES for day in ("2023-01-20", "2024-02-05")),
    *({"what": "award", "id": year, "as_of": ""} for year in ("2022", "2023")),
    *({"what": "outstanding", "id": "", "as_of": day} for day in ("2022-12-31", "2023-07-12")),
]  # fmt: skip
Build = Callable[[], WholeDistrict]


@pytest.fixture(scope="module")
def build_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Districts whose empty stores are copies of one that was installed."""
    empty = tmp_path_factory.mktemp("empty")
    WholeDistrict(empty, lambda service: f"sqlite:///{empty}/{service}.db").close()

    def build() -> WholeDistrict:
        folder = tmp_path_factory.mktemp("district")
        shutil.copytree(empty, folder, dirs_exist_ok=True)
        return WholeDistrict(folder, lambda service: f"sqlite:///{folder}/{service}.db")

    return build


@pytest.fixture
def postgres_district(postgres: Postgres, tmp_path: Path) -> Iterator[Build]:
    databases = {service: postgres.promise_database() for service in SERVICES}
    yield lambda: WholeDistrict(tmp_path, databases.__getitem__)
    for url in databases.values():
        postgres.drop_database(url)


def check(seed: int, district: WholeDistrict) -> None:
    random_history = RandomHistory(seed, phases=3)
    then = play(district, random_history, Random(seed))
    for instant, files in then.items():
        assert district.report(WINDOWS, instant) == files, instant
        second = result_files(oracle_as_known(random_history.history, instant), WINDOWS)
        assert {name: files[name] for name in second} == second, instant
    rows = district.rows()
    district.rebuild()
    assert district.rows() == rows
    district.close()


def play(district: WholeDistrict, random_history: RandomHistory, rng: Random) -> dict[datetime, dict[str, str]]:
    """Every act by file or by events, each with the outcomes of the second program; the reports made on the way."""
    named = Counter(
        row["correction_id"] for act in random_history.history.acts if act.kind == "corrections" for row in act.rows
    )
    spent_again = {name for name, times in named.items() if times > 1}
    then = {}
    for act, outcomes in zip(random_history.history.acts, random_history.outcomes, strict=True):
        district.at(act.recorded_at)
        if act.kind == "campaign":
            assert district.launch(act.rows[-1]) in ("launched", "amended")
        elif can_be_reported(act, outcomes, spent_again) and rng.random() < 0.6:
            receipts = district.give_events(
                *reports_of(act, {name for name in random_history.fills if rng.random() < 0.5})
            )
            assert receipts == outcomes, act
        else:
            assert district.give_file(act.kind, act.rows, act.late_entry) == outcomes, act
        if act.recorded_at in random_history.ends:
            then[act.recorded_at] = district.report(WINDOWS)
    return then


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_a_report_as_known_at_an_instant_is_the_one_made_then(build_on_sqlite: Build, seed: int) -> None:
    check(seed, build_on_sqlite())


@pytest.mark.parametrize("seed", [11])
def test_the_same_on_postgresql(postgres_district: Build, seed: int) -> None:
    check(seed, postgres_district())
