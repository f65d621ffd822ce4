"""Another bureau with another campaign, cadences, pools, rounding, pauses: nothing in the system knows the sample's."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.domain.duties.small_districts import some_facts
from tests.journeys.conftest import BuildSystem
from tests.support.written_district import accepted, assessed, expected, write_files

DAYS = [date(2022, 12, 31), date(2023, 7, 12), date(2024, 2, 5)]
NAMES = ["2022-11", "2022-Q4", "2023-Q1", "2022-autumn", "2023-spring", "2022", "2023"]
WINDOWS = [
    *(("score", name, day) for name in NAMES for day in DAYS),
    *(("award", year, date(int(year), 12, 31)) for year in ("2022", "2023")),
    *(("outstanding", "", day) for day in DAYS),
]
DISTRICTS = [("embedded", 23), ("embedded", 45), ("embedded", 54), ("district", 30)]
"""One campaign an installation, so a system each; a fourth one is calculated on the other kind of store."""


@pytest.mark.parametrize(("way", "seed"), DISTRICTS, indirect=["way"], scope="package")
def test_its_figures_are_the_oracle_s(build: BuildSystem, seed: int, tmp_path: Path) -> None:
    facts = assessed(some_facts(seed))
    write_files(facts, tmp_path)
    system = build()
    system.start()
    system.qihang("campaign", "launch", tmp_path / "campaign.yaml")
    system.qihang("import", tmp_path / "district", "--results", tmp_path)
    system.qihang("settle")
    with (tmp_path / "windows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("what", "id", "as_of"), *WINDOWS])
    system.qihang("report", "--windows", tmp_path / "windows.csv", "--out", tmp_path)
    for name, rows in expected(accepted(facts, tmp_path / "refused.csv"), WINDOWS).items():
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            result = list(csv.reader(file))[1:]
        assert result == rows, name
    system.stop()
