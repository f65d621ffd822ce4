"""The scoreboard calculated from cached scores is, figure for figure, the one calculated whole."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chassis.events import envelope
from chassis.intake.cloudevents import BATCH
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.runtime.extensions import unstarted
from chassis.store import event_log
from duties.days import day_of
from services.assessment.scores import score_cache, score_run
from services.assessment.service import Service as Assessment
from services.participation.campaign.file import load
from services.participation.campaign.handlers import launch_campaign
from services.participation.domain import ROW_KINDS
from services.participation.service import Service as Participation
from tests.support.system import SAMPLES

WHO = Actor("operator", "operator", frozenset({"operator"}))
REQUESTS = [["score", "2022-autumn", day_of("2023-01-20")], ["score", "2023", day_of("2023-12-31")]]
Cells = dict[str, str]


def launch(participation: Participation, document: dict[str, Any]) -> dict[str, Any]:
    return launch_campaign(participation.runtime.units_of_work, document, WHO, "", participation.pending_loop.wake)


@dataclass
class District:
    """Participation and assessment in this process; what one records, the other consumes at once."""

    participation: Participation
    assessment: Assessment
    cache: Path
    consumed: int = 0
    reported: int = 0

    def report(self, kind: str, *rows: Cells) -> None:
        for at in range(0, len(rows), 1000):
            events = []
            for row in rows[at : at + 1000]:
                self.reported += 1
                events.append({"specversion": "1.0", "type": ROW_KINDS[kind].wire, "source": "test",
                               "id": str(self.reported), "data": {k: v for k, v in row.items() if v}})  # fmt: skip
            self.participation.intake.submit_reports(  # the sample has faulty rows
                json.dumps(events).encode(), BATCH, WHO, ""
            )
        self.consume()

    def consume(self) -> None:
        with self.participation.runtime.store.reading() as connection:
            before = event_log.read(connection, 0, self.consumed - 1, 1) if self.consumed else []
            page = event_log.read(connection, 0, self.consumed, 100_000)
        if page:
            texts = envelope.encode("district", "participation", before[0].hash if before else "", page)
            assert self.assessment.runtime.inbox.receive([body for _, body in envelope.bodies(texts)])
            self.consumed = page[-1].position

    def board(self, request: list[Any], cached: bool) -> dict[str, Any]:
        path = str(self.cache / f"{request[1]}.json") if cached else ""
        url = self.assessment.runtime.store.url.render_as_string(hide_password=False)
        return score_run.run(
            {
                "database_url": url,
                "requests": [request],
                "known_at": None,
                "folder": "",
                "cache": path,
                "campaign": None,
            }
        )

    def agrees(self) -> list[int]:
        """How many units were calculated for each request; both ways give the same figures."""
        calculated = []
        for request in REQUESTS:
            cached, whole = self.board(request, cached=True), self.board(request, cached=False)
            assert cached["units"] == whole["units"]
            assert whole["units"]
            calculated.append(cached["calculated"])
        return calculated


def sample(name: str) -> list[Cells]:
    with (SAMPLES / "district" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(params=["sqlite", "postgresql"])
def district(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[District]:
    def url(service: str) -> str:
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path}/{service}.db"
        return str(request.getfixturevalue("postgres").create_database())

    services: list[Any] = []
    for service, service_class in (("participation", Participation), ("assessment", Assessment)):
        created = unstarted(
            service_class, Settings(district="district", data=str(tmp_path / "data"), database_url=url(service))
        )
        created.runtime.store.install(service, "district")
        services.append(created)
    launch(services[0], load((SAMPLES / "campaign.yaml").read_bytes()))
    result = District(*services, tmp_path / "cache")
    result.report("unit", *sample("units"))
    result.report("membership", *sample("people"))
    yield result
    for item in services:
        item.runtime.store.close()


def test_after_whatever_comes_it_is_the_one_calculated_whole(district: District) -> None:
    chance = Random(20)
    records, withdrawals = sample("records"), {row["record_id"]: row for row in sample("withdrawals")}
    chosen = [row for row in records if row["record_id"] in withdrawals] + chance.sample(records, 1500)
    deeds = list({row["record_id"]: row for row in chosen}.values())
    chance.shuffle(deeds)
    district.report("record", *deeds[:1200])
    late = [row | {"rectified_on": ""} for row in sample("findings") if row["rectified_on"]]
    district.report("finding", *late)
    units = district.agrees()[0]
    rest: list[tuple[str, Cells]] = [("record", row) for row in deeds[1200:1240]]
    rest += [("finding", row) for row in sample("findings") if not row["rectified_on"]]
    rest += [("finding_rectified", {"finding_id": row["finding_id"], "rectified_on": "2023-12-30"}) for row in late]
    rest += [("sheet", row) for row in sample("sheets")[:10]]
    rest += [("exemption", row) for row in sample("exemptions")]
    rest += [("withdrawal", withdrawals[row["record_id"]]) for row in deeds[:1200] if row["record_id"] in withdrawals]
    rest += moves(chance)
    chance.shuffle(rest)
    partial = 0
    while rest:
        for kind, row in [rest.pop() for _ in range(min(len(rest), chance.choice([1, 4, 12, 20])))]:
            district.report(kind, row)
        partial += sum(calculated < units for calculated in district.agrees())
    assert partial > 15
    assert district.agrees() == [0, 0]


def moves(chance: Random) -> list[tuple[str, Cells]]:
    """Some people leave, in the middle of the time that is asked for."""
    staying = [row for row in sample("people") if not row["to"] and row["from"] < "2022-09-01"]
    return [("membership_ended", {"person_id": row["person_id"], "unit_id": row["unit_id"], "from": row["from"],
                                  "to": "2022-12-01"}) for row in chance.sample(staying, 6)]  # fmt: skip


@pytest.mark.parametrize("change", ["unit", "campaign", "epoch", "file", "version"])
def test_an_event_that_names_no_subject_has_all_calculated(district: District, change: str) -> None:
    units, _ = district.agrees()
    assert district.agrees() == [0, 0]
    changes: dict[str, Callable[[], Any]] = {
        "unit": lambda: district.report("unit_closed", {"unit_id": "X007", "closed_on": "2022-12-15"}),
        "campaign": lambda: amended(district),
        "epoch": lambda: edit(
            district, lambda result: result["positions"]["participation/0"].__setitem__(0, "another")
        ),
        "file": lambda: [path.write_text("{") for path in district.cache.iterdir()],
        "version": lambda: edit(district, lambda result: result.update(version=score_cache.VERSION - 1)),
    }
    changes[change]()
    assert district.agrees()[0] == units
    assert district.agrees() == [0, 0]


def amended(district: District) -> None:
    document = load((SAMPLES / "campaign.yaml").read_bytes())
    document["version"] += 1
    document["duties"][0]["weight"] += 5
    assert launch(district.participation, document)["outcome"] == "amended"
    district.consume()


def edit(district: District, change: Callable[[dict[str, Any]], object]) -> None:
    for path in district.cache.iterdir():
        result = json.loads(path.read_text())
        change(result)
        path.write_text(json.dumps(result))


def test_the_service_uses_no_cached_scores_across_a_rebuild(district: District) -> None:
    scoreboard = district.assessment.scoreboards
    before = scoreboard.cache_file("2023", "2023-12-31")
    district.assessment.runtime.rebuild.run()
    assert scoreboard.cache_file("2023", "2023-12-31") != before
    assert scoreboard.lines("2023", "2023-12-31", None) == district.board(REQUESTS[1], cached=False)["units"]


def test_looks_are_answered_by_a_process_that_stays_and_killing_it_changes_no_figure(district: District) -> None:
    scoreboard, worker = district.assessment.scoreboards, district.assessment.score_runner.worker
    deeds = list({row["record_id"]: row for row in sample("records")}.values())

    def look(number: int) -> int:
        district.report("record", deeds[number])
        lines = scoreboard.lines("2023", "2023-12-31", None)
        assert lines == district.board(REQUESTS[1], cached=False)["units"]
        return int(worker.pid or 0)

    look(0)
    pids = [look(1), look(2)]
    os.kill(pids[1], signal.SIGKILL)
    pids.append(look(3))
    worker.stop()
    assert pids[0] == pids[1] != pids[2] != 0


def test_so_many_files_are_kept_and_no_more(tmp_path: Path) -> None:
    for number in range(score_cache.MOST_FILES + 3):
        score_cache.write(tmp_path / f"{number:02}.json", score_cache.CachedScores({}, {}))
    assert len(list(tmp_path.glob("*.json"))) == score_cache.MOST_FILES
    assert score_cache.read(tmp_path / "34.json") == score_cache.CachedScores({}, {})
