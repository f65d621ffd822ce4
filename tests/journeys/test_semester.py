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
def simulated(build: BuildSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    simulated = Simulated(build, tmp_path_factory.mktemp("simulated"), FIRST, LAST)
    yield simulated
    simulated.stop()


@pytest.fixture(scope="module")
def publicity(simulated: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Publicity:
    return Publicity(simulated, tmp_path_factory.mktemp("publicity"))


def test_the_days_pass(simulated: Simulated, publicity: Publicity) -> None:
    for day in days(FIRST, LAST):
        simulated.at(day, "07:20" if works(day) else "10:00")
        simulated.report(simulated.reports.take(day))
        if not works(day):
            assert simulated.ask_to_send()["code"] == "rest_day"
            continue
        previewed = simulated.previews(day) if day == PREVIEWED else None
        if day == KILLED_WHILE_SENDING:
            simulated.kill_while_sending(day)
        simulated.sends(day)
        assert previewed is None or previewed == simulated.digests(day)
        simulated.at(day, NOON)
        publicity.today(day)
        if day.day == 1:
            simulated.at(day, "19:30")
            assert simulated.ask_to_send()["code"] == "quiet_hours"
    simulated.report(simulated.reports.take(LAST, late=True))
    assert not simulated.reports.coming


def test_everything_is_as_it_should_be(simulated: Simulated, publicity: Publicity, tmp_path: Path) -> None:
    evidence = gathered(simulated, tmp_path)
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


def gathered(simulated: Simulated, folder: Path) -> Evidence:
    simulated.system.qihang("settle")
    windows = folder / "windows.csv"
    windows.write_text("what,id,as_of\n" + "".join(f"{what},{name},{day}\n" for what, name, day in WINDOWS))
    simulated.system.qihang("report", "--windows", windows, "--out", folder / "results")
    results = {file.name: file.read_text(encoding="utf-8") for file in (folder / "results").iterdir()}
    logs, works_by = simulated.logs(), {work: words_of(work) for work in AUTHORS}
    return Evidence(
        book(logs), FIRST, LAST, simulated.letters(), simulated.publications(), logs, works_by, WINDOWS, results
    )


def test_a_rebuild_sends_nothing_and_loses_nothing(simulated: Simulated) -> None:
    before, inboxes = len(simulated.mail.mails), simulated.system.get("notifications", "/api/inboxes")
    simulated.system.qihang("rebuild", "notifications")
    simulated.at(LAST, "10:00")
    simulated.ask_to_send()
    assert simulated.run(LAST)["waiting"] == 0
    assert simulated.system.get("notifications", "/api/inboxes") == inboxes
    assert len(simulated.mail.mails) == before


def test_the_command_shows_it(simulated: Simulated) -> None:
    qihang = simulated.system.qihang
    shown = qihang("notify", "preview", "--day", "2023-02-28", "--limit", "5")
    assert "请在今天完成" in shown and "原因：截止日当天" in shown
    assert "逾期未完成" in qihang("notify", "inbox", "clerk-X007")
    assert "已发送" in qihang("notify", "deliveries", "--day", "2023-01-03")
    assert "2027 年放假安排未导入" in qihang("notify", "calendar", "show", "2027")
