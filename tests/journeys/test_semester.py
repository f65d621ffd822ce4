"""The sample district on a clock that is moved: deeds to scores, works to print and home again as deeds, duties to
reminders; then everything that came of it is held against the files by a check that shares no code.

All in one process goes the whole semester, a process each a stretch with every kind of day (decision 0103)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.journeys.conftest import BuildSystem
from tests.journeys.publicity_of_a_semester import ARTICLES, AUTHORS, WITHDRAWN, Publicity, words_of
from tests.journeys.semester_plans import PLANS, Plan
from tests.journeys.simulated import NOON, OPENS, Simulated
from tests.semester.book import book
from tests.semester.calendar import days, works
from tests.semester.check import problems
from tests.semester.evidence import Evidence
from tests.semester.figures import by_the_page

pytestmark = pytest.mark.endurance


@pytest.fixture(scope="module")
def plan(way: str) -> Plan:
    return PLANS[way]


@pytest.fixture(scope="module")
def simulated(build: BuildSystem, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    simulated = Simulated(build, tmp_path_factory.mktemp("simulated"), plan.first, plan.last)
    yield simulated
    simulated.stop()


@pytest.fixture(scope="module")
def publicity(simulated: Simulated, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Publicity:
    return Publicity(simulated, tmp_path_factory.mktemp("publicity"), plan.publicity)


def test_the_days_pass(simulated: Simulated, publicity: Publicity, plan: Plan) -> None:
    for day in days(plan.first, plan.last):
        simulated.at(day, "07:20" if works(day) else "10:00")
        simulated.report(simulated.reports.take(day))
        if not works(day):
            assert simulated.ask_to_send()["code"] == "rest_day"
            continue
        previewed = simulated.previews(day) if day == plan.previewed else None
        if day == plan.killed_while_sending:
            simulated.kill_while_sending(day)
        simulated.sends(day, plan.mail_faults.get(day, ""))
        assert previewed is None or previewed == simulated.digests(day)
        simulated.at(day, NOON)
        publicity.today(day)
        if day.day == 1:
            simulated.at(day, "19:30")
            assert simulated.ask_to_send()["code"] == "quiet_hours"
    simulated.report(simulated.reports.take(plan.last, late=True))
    assert not simulated.reports.coming


def test_everything_is_as_it_should_be(simulated: Simulated, publicity: Publicity, plan: Plan, tmp_path: Path) -> None:
    evidence = gathered(simulated, plan, tmp_path)
    assert problems(evidence) == []
    assert publicity.statuses() == {
        **{name: "taken_down" if name == WITHDRAWN else "published" for name in ARTICLES}, "H1": "published",
    }  # fmt: skip
    assert len(evidence.mails) > plan.least_mails
    opened = {data["code"] for _, data in evidence.events("notifications.channel_opened")}
    assert {OPENS[fault] for fault in plan.mail_faults.values() if fault in OPENS} <= opened
    assert_the_deeds_count(evidence, plan)


def assert_the_deeds_count(evidence: Evidence, plan: Plan) -> None:
    """Without what publicity made of them, two units would owe an anthology."""
    typed = [record for record in evidence.facts.records if not record["record_id"].startswith("publicity-")]
    without = by_the_page(replace(evidence, facts=replace(evidence.facts, records=typed)))
    for unit in ("X004", "X007"):
        line = f"{plan.deeds_count_on},anthology,2022-autumn,{unit},"
        assert line in without["outstanding.csv"] and line not in evidence.results["outstanding.csv"]
    assert without["unit_scores.csv"] != evidence.results["unit_scores.csv"]


def gathered(simulated: Simulated, plan: Plan, folder: Path) -> Evidence:
    simulated.system.qihang("settle")
    windows = folder / "windows.csv"
    windows.write_text("what,id,as_of\n" + "".join(f"{what},{name},{day}\n" for what, name, day in plan.windows))
    simulated.system.qihang("report", "--windows", windows, "--out", folder / "results")
    results = {file.name: file.read_text(encoding="utf-8") for file in (folder / "results").iterdir()}
    logs, works_by = simulated.logs(), {work: words_of(work) for work in AUTHORS}
    return Evidence(
        book(logs),
        plan.first,
        plan.last,
        simulated.letters(),
        simulated.publications(),
        logs,
        works_by,
        plan.windows,
        results,
    )


def test_a_rebuild_sends_nothing_and_loses_nothing(simulated: Simulated, plan: Plan) -> None:
    before, inboxes = len(simulated.mail.mails), simulated.system.get("notifications", "/api/inboxes")
    simulated.system.qihang("rebuild", "notifications")
    simulated.at(plan.last, "10:00")
    simulated.ask_to_send()
    assert simulated.run(plan.last)["waiting"] == 0
    assert simulated.system.get("notifications", "/api/inboxes") == inboxes
    assert len(simulated.mail.mails) == before


def test_the_command_shows_it(simulated: Simulated, plan: Plan) -> None:
    qihang = simulated.system.qihang
    shown = qihang("notify", "preview", "--day", "2023-02-28", "--limit", "5")
    assert "请在今天完成" in shown and "原因：截止日当天" in shown
    assert "逾期未完成" in qihang("notify", "inbox", "clerk-X007")
    assert "已发送" in qihang("notify", "deliveries", "--day", str(plan.killed_while_sending))
    assert "2027 年放假安排未导入" in qihang("notify", "calendar", "show", "2027")
