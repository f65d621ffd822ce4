"""The sample district from 1 November 2022 to 15 February 2023: deeds to scores, works to print and home again as
deeds, duties to reminders; then everything that came of it is held against the files by a check that shares no code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.journeys.conftest import BuildSystem
from tests.journeys.publicity_of_a_semester import ARTICLES, AUTHORS, WITHDRAWN, Publicity, words_of
from tests.journeys.simulated import NOON, Simulated
from tests.semester.book import book
from tests.semester.calendar import days, works
from tests.semester.check import problems
from tests.semester.evidence import Evidence
from tests.semester.figures import by_the_page

FIRST, LAST = date(2022, 11, 1), date(2023, 2, 15)
KILLED_WHILE_SENDING = date(2023, 1, 3)
PREVIEWED = date(2022, 11, 30)
WINDOWS = [
    ("score", "2022-11", date(2022, 11, 30)), ("score", "2022-12", date(2023, 1, 5)),
    ("score", "2022-autumn", date(2023, 1, 31)), ("score", "2022", date(2022, 12, 31)),
    ("score", "2023-01", date(2023, 2, 15)), ("award", "2022", date(2022, 12, 31)),
    ("outstanding", "", date(2022, 12, 31)), ("outstanding", "", date(2023, 2, 15)),
]  # fmt: skip


@pytest.fixture(scope="module")
def town(build: BuildSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    simulated = Simulated(build, tmp_path_factory.mktemp("town"), FIRST, LAST)
    yield simulated
    simulated.stop()


@pytest.fixture(scope="module")
def publicity(town: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Publicity:
    return Publicity(town, tmp_path_factory.mktemp("publicity"))


def test_the_days_pass(town: Simulated, publicity: Publicity) -> None:
    for day in days(FIRST, LAST):
        town.at(day, "07:20" if works(day) else "10:00")
        town.report(town.reports.take(day))
        if not works(day):
            assert town.ask_to_send()["code"] == "rest_day"
            continue
        previewed = town.previews(day) if day == PREVIEWED else None
        if day == KILLED_WHILE_SENDING:
            town.kill_while_sending(day)
        town.sends(day)
        assert previewed is None or previewed == town.digests(day)
        town.at(day, NOON)
        publicity.today(day)
        if day.day == 1:
            town.at(day, "19:30")
            assert town.ask_to_send()["code"] == "quiet_hours"
    town.report(town.reports.take(LAST, late=True))
    assert not town.reports.coming


def test_everything_is_as_it_should_be(town: Simulated, publicity: Publicity, tmp_path: Path) -> None:
    evidence = gathered(town, tmp_path)
    assert problems(evidence) == []
    assert publicity.statuses() == {
        **{name: "taken_down" if name == WITHDRAWN else "published" for name in ARTICLES}, "H1": "published",
    }  # fmt: skip
    assert len(evidence.mails) > 500
    assert_the_deeds_count(evidence)


def assert_the_deeds_count(evidence: Evidence) -> None:
    """Without what publicity made of them, two units would owe an anthology at the year's end."""
    typed = [record for record in evidence.facts.records if not record["record_id"].startswith("publicity-")]
    without = by_the_page(replace(evidence, facts=replace(evidence.facts, records=typed)))
    for unit in ("X004", "X007"):
        line = f"2022-12-31,anthology,2022-autumn,{unit},"
        assert line in without["outstanding.csv"] and line not in evidence.results["outstanding.csv"]
    assert without["unit_scores.csv"] != evidence.results["unit_scores.csv"]


def gathered(town: Simulated, folder: Path) -> Evidence:
    town.system.qihang("settle")
    windows = folder / "windows.csv"
    windows.write_text("what,id,as_of\n" + "".join(f"{what},{name},{day}\n" for what, name, day in WINDOWS))
    town.system.qihang("report", "--windows", windows, "--out", folder / "results")
    results = {file.name: file.read_text(encoding="utf-8") for file in (folder / "results").iterdir()}
    logs, works_by = town.logs(), {work: words_of(work) for work in AUTHORS}
    return Evidence(book(logs), FIRST, LAST, town.letters(), town.publications(), logs, works_by, WINDOWS, results)


def test_a_rebuild_sends_nothing_and_loses_nothing(town: Simulated) -> None:
    before, inboxes = len(town.mail.mails), town.system.get("notifications", "/api/inboxes")
    town.system.qihang("rebuild", "notifications")
    town.at(LAST, "10:00")
    town.ask_to_send()
    assert town.run(LAST)["waiting"] == 0
    assert town.system.get("notifications", "/api/inboxes") == inboxes
    assert len(town.mail.mails) == before


def test_the_command_shows_it(town: Simulated) -> None:
    qihang = town.system.qihang
    shown = qihang("notify", "preview", "--day", "2023-02-28", "--limit", "5")
    assert "请在今天完成" in shown and "原因：截止日当天" in shown
    assert "逾期未完成" in qihang("notify", "inbox", "clerk-X007")
    assert "已发送" in qihang("notify", "deliveries", "--day", "2023-01-03")
    assert "2027 年放假安排未导入" in qihang("notify", "calendar", "show", "2027")
