"""The scoreboard whose scores a process keeps is, figure for figure, the one calculated whole."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chassis.store.schema import cursors
from duties.days import day_of
from duties.kept_totals import MOST_PARTS, KeptTotals
from services.assessment.scores.projections import records
from services.assessment.scores.scoreboard import MOST_WORKERS
from services.assessment.tables import registry
from tests.services.assessment.both_services import REQUESTS, Cells, District, launch, of_file, opened_district, sample
from tests.support import forks
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES


@pytest.fixture(params=["sqlite", "postgresql"])
def district(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[District]:
    def url(service: str) -> str:
        if request.param == "sqlite":
            return of_file(tmp_path, service)
        return str(request.getfixturevalue("new_database")())

    result = opened_district(tmp_path, url)
    launch(result.participation, document_of((SAMPLES / "campaign.yaml").read_bytes()))
    result.report("unit", *sample("units"))
    result.report("membership", *sample("people"))
    yield result
    result.close()


@pytest.mark.parametrize(
    ("district", "most_parts"),
    [("sqlite", MOST_PARTS), ("postgresql", 60)],
    ids=["everybody's part kept", "few parts kept"],
    indirect=["district"],
)  # how many parts are kept is no matter of the store
def test_after_whatever_comes_it_is_the_one_calculated_whole(
    district: District, most_parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptTotals.__init__, "__defaults__", (most_parts,))
    chance = Random(20)
    records, withdrawals = sample("records"), {row["record_id"]: row for row in sample("withdrawals")}
    chosen = [row for row in records if row["record_id"] in withdrawals] + chance.sample(records, 1500)
    deeds = list({row["record_id"]: row for row in chosen}.values())
    chance.shuffle(deeds)
    district.report("record", *deeds[:1200])
    late = [row | {"rectified_on": ""} for row in sample("findings") if row["rectified_on"]]
    district.report("finding", *late)
    with district.assessment.runtime.store.writing() as connection:
        connection.exec_driver_sql("ANALYZE")  # as autovacuum does after a minute: 1.1 s less of the server
    district.agrees()
    units, people = district.count()
    rest: list[tuple[str, Cells]] = [("record", row) for row in deeds[1200:1240]]
    rest += [("finding", row) for row in sample("findings") if not row["rectified_on"]]
    rest += [("finding_rectified", {"finding_id": row["finding_id"], "rectified_on": "2023-12-30"}) for row in late]
    rest += [("sheet", row) for row in sample("sheets")[:10]]
    rest += [("exemption", row) for row in sample("exemptions")]
    rest += [("decision", row) for row in sample("decisions")]
    rest += [("withdrawal", withdrawals[row["record_id"]]) for row in deeds[:1200] if row["record_id"] in withdrawals]
    rest += [*moves(chance), *corrections(chance, deeds[:1200])]
    chance.shuffle(rest)
    looks, least = 0, 0
    while rest:
        for kind, row in [rest.pop() for _ in range(min(len(rest), chance.choice([1, 4, 12, 20])))]:
            district.report(kind, row)
        for units_read, people_read in district.agrees():
            looks, least = looks + 1, least + (units_read < units / 2 and people_read < people / 2)
    assert least > looks / 2
    assert district.agrees() == [(0, 0), (0, 0)]


def moves(chance: Random) -> list[tuple[str, Cells]]:
    """Some people leave, in the middle of the time that is asked for, and some of them serve elsewhere afterwards."""
    staying = [row for row in sample("people") if not row["to"] and row["from"] < "2022-09-01"]
    result = []
    for row in chance.sample(staying, 8):
        ids = {name: row[name] for name in ("person_id", "unit_id", "from")}
        result.append(("membership_ended", ids | {"to": "2022-12-01"}))
        result.append(("membership", row | {"unit_id": chance.choice(staying)["unit_id"], "from": "2022-12-01"}))
    return result


def corrections(chance: Random, deeds: list[Cells]) -> list[tuple[str, Cells]]:
    """Rows of every kind are corrected, voided and restored; some before they are there, which is refused."""
    result = []
    ids = {"record": ("record_id",), "membership": ("person_id", "unit_id", "from"), "finding": ("finding_id",),
           "exemption": ("exemption_id",), "sheet": ("sheet_id",), "decision": ("decision_id",)}  # fmt: skip
    rows = {"record": chance.sample(deeds, 16), "membership": chance.sample(sample("people"), 8),
            "finding": sample("findings")[:8], "exemption": sample("exemptions"), "sheet": sample("sheets")[:6],
            "decision": sample("decisions")}  # fmt: skip
    changes = {"record": [{"occurred_at": "2022-12-20T09:00:00"}, {"evidence": ""}, {"record": "attendance"}],
               "membership": [{"role": "other"}, {"to": "2023-03-01"}], "finding": [{"points": "0.5"}],
               "exemption": [{"period": "2023-spring"}], "sheet": [{"points": "3"}],
               "decision": [{"year": "2022"}]}  # fmt: skip
    for kind, some in rows.items():
        for row in some:
            named = {name: row[name] for name in ids[kind]} | {"reason": "填写有误"}
            result.append((f"{kind}_corrected", named | chance.choice(changes[kind])))
            result += [(f"{kind}_{what}", named) for what in chance.choice([[], ["voided"], ["voided", "restored"]])]
    return result


def test_an_event_that_names_no_subject_has_all_calculated(district: District) -> None:
    district.agrees()
    assert district.agrees() == [(0, 0), (0, 0)]
    why = {"reason": "填写有误"}
    changes: dict[str, Callable[[], Any]] = {
        "unit": lambda: district.report("unit_closed", {"unit_id": "X007", "closed_on": "2022-12-15"}),
        "correction": lambda: district.report("unit_corrected", why | {"unit_id": "X006", "kind": "office"}),
        "void": lambda: district.report("unit_voided", why | {"unit_id": "X005"}),
        "campaign": lambda: amended(district),
        "epoch": lambda: another_epoch(district),
    }
    for change, happens in changes.items():
        happens()
        assert district.agrees()[0] == district.count(), change
        assert district.agrees() == [(0, 0), (0, 0)], change


def amended(district: District) -> None:
    document = document_of((SAMPLES / "campaign.yaml").read_bytes())
    document["version"] += 1
    document["duties"][0]["weight"] += 5
    assert launch(district.participation, document)["outcome"] == "amended"
    district.consume()


def another_epoch(district: District) -> None:
    with district.assessment.runtime.store.writing() as connection:
        connection.execute(cursors.update().values(epoch="another"))


def test_the_service_keeps_no_scores_across_a_rebuild(district: District) -> None:
    scoreboards = district.assessment.scoreboards
    campaign = district.assessment.score_runner.campaign()
    before = scoreboards.look(campaign, "2023", "2023-12-31", None).lines
    with district.assessment.runtime.store.writing() as connection:
        district.assessment.runtime.store.with_row_schema(connection).execute(records.delete())
        district.assessment.runtime.store.with_row_schema(connection).execute(registry.memberships.delete())
    assert scoreboards.look(campaign, "2023", "2023-12-31", None).lines == before
    district.assessment.runtime.rebuild.run()
    assert scoreboards.look(campaign, "2023", "2023-12-31", None).lines == district.whole(REQUESTS[1]) == before
    scoreboards.stop()


def test_looks_are_answered_by_a_process_that_stays_and_killing_it_changes_no_figure(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", forks.PYTHON)  # one that is killed itself, at once, and not by its stand-in
    scoreboards = district.assessment.scoreboards
    worker = scoreboards.kept("2023", day_of("2023-12-31")).worker
    deeds = list({row["record_id"]: row for row in sample("records")}.values())
    campaign = district.assessment.score_runner.campaign()

    def look(number: int) -> int:
        district.report("record", deeds[number])
        shown = scoreboards.look(campaign, "2023", "2023-12-31", None)
        assert shown.lines == district.whole(REQUESTS[1])
        assert shown.position == f"participation/0/{district.consumed}"
        return int(worker.pid or 0)

    look(0)
    pids = [look(1), look(2)]
    os.kill(pids[1], signal.SIGKILL)
    pids.append(look(3))
    assert pids[0] == pids[1] != pids[2] != 0
    scoreboards.stop()


def test_the_scoreboard_that_nobody_looked_at_for_the_longest_time_gives_way(district: District) -> None:
    scoreboards = district.assessment.scoreboards
    days = [day_of(f"2023-12-{day}") for day in range(10, 10 + MOST_WORKERS)]
    first, *others = [scoreboards.kept("2023", day) for day in days]
    first.shared.get()
    others[0].shared.get()
    assert scoreboards.kept("2023", days[0]) is first
    scoreboards.kept("2023", day_of("2023-12-31"))
    assert first.worker.pid
    assert others[0].worker.pid is None
    scoreboards.stop()
