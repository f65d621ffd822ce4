"""The scoreboard whose scores a process keeps is, figure for figure, the one calculated whole."""

from __future__ import annotations

import csv
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
from chassis.store.schema import cursors
from duties.days import day_of, year_of
from duties.kept_totals import MOST_PARTS, KeptTotals
from duties.progress import ProgressPlan
from duties.report_requests import ScoreRequest
from services.assessment.overview.queries import OverviewFilter
from services.assessment.progress.supervised import SupervisedUnits
from services.assessment.scores import score_run
from services.assessment.scores.kept_scores import KeptScores
from services.assessment.scores.projections import records
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.scores.scoreboard import MOST_WORKERS
from services.assessment.service import Service as Assessment
from services.assessment.tables import registry
from services.participation.campaign.handlers import launch_campaign
from services.participation.domain import ROW_KINDS
from services.participation.service import Service as Participation
from tests.support import forks
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

WHO = Actor("operator", "operator", frozenset({"operator"}))
REQUESTS = [["score", "2022-autumn", day_of("2023-01-20")], ["score", "2023", day_of("2023-12-31")]]
ALL = OverviewFilter(kind="", zone_id="", liaison_id="", duty="", still_days=30)
Cells = dict[str, str]


def launch(participation: Participation, document: dict[str, Any]) -> dict[str, Any]:
    return launch_campaign(participation.runtime.units_of_work, document, WHO, "", participation.pending_loop.wake)


@dataclass
class District:
    """Participation and assessment in this process; what one records, the other consumes at once."""

    participation: Participation
    assessment: Assessment
    kept: dict[str, KeptScores] = field(default_factory=dict)
    consumed: int = 0
    reported: int = 0

    def report(self, kind: str, *rows: Cells) -> None:
        for at in range(0, len(rows), 1000):
            events = []
            for row in rows[at : at + 1000]:
                self.reported += 1
                events.append({"specversion": "1.0", "type": ROW_KINDS[kind].wire, "source": "test",
                               "id": str(self.reported), "data": given(kind, row)})  # fmt: skip
            self.participation.intake.submit_reports(  # the sample has faulty rows
                json.dumps(events).encode(), BATCH, WHO, ""
            )
        self.consume()

    def close(self) -> None:
        for service in (self.participation, self.assessment):
            service.runtime.store.close()

    def consume(self) -> None:
        with self.participation.runtime.store.reading() as connection:
            before = event_log.read(connection, 0, self.consumed - 1, 1) if self.consumed else []
            page = event_log.read(connection, 0, self.consumed, 100_000)
        if page:
            texts = envelope.encode("district", "participation", before[0].hash if before else "", page)
            assert self.assessment.runtime.inbox.receive([body for _, body in envelope.bodies(texts)])
            self.consumed = page[-1].position

    def whole(self, request: list[Any]) -> list[Any]:
        """The lines, everything calculated."""
        url = self.assessment.runtime.store.url.render_as_string(hide_password=False)
        order: Any = {"database_url": url, "requests": [request], "known_at": None, "folder": "", "campaign": None}
        return list(score_run.run(order)["units"])

    def agrees(self) -> list[tuple[int, int]]:
        """How many units and people were read for each request; both ways give the same figures."""
        read = []
        for request in REQUESTS:
            kept = self.kept.setdefault(request[1], KeptScores(ScoreRequest(*request[1:])))
            with self.assessment.runtime.store.reading() as connection:
                look = kept.look(connection)
            assert look.lines == self.whole(request)
            assert look.lines
            self.adds_up(kept)
            read.append((look.units_read, look.people_read))
            self.side_by_side(ScoreRequest(*request[1:]))
        return read

    def side_by_side(self, request: ScoreRequest) -> None:
        """The lines of an office's units that are kept between two looks are those read whole."""
        with self.assessment.runtime.store.reading() as connection:
            facts = FactsAsKnown(connection)
            plan, units = ProgressPlan(facts.campaign, request), [unit.unit_id for unit in facts.units()]
            year = ProgressPlan(facts.campaign, ScoreRequest(str(year_of(plan.window.last)), request.as_of))
            kept = self.assessment.supervised.look(connection, facts, plan, year, units)
            whole = SupervisedUnits(self.assessment.runtime.store).look(connection, facts, plan, year, units)
        assert kept == whole
        assert any(line["duties"] for line in kept["units"])

    def adds_up(self, kept: KeptScores) -> None:
        """The overview's groups come to the whole, and the whole to the completion of the scoreboard's units."""
        with self.assessment.runtime.store.reading() as connection:
            shown = kept.overview(connection, ALL)
        for groups in ("months", "duties", "kinds", "zones", "liaisons"):
            for figure in ("owed", "done", "punctual"):
                assert sum(line[figure] for line in shown[groups]) == shown["whole"][figure], (groups, figure)
        assert shown["whole"]["owed"] >= shown["whole"]["done"] >= shown["whole"]["punctual"]

    def count(self) -> tuple[int, int]:
        """How many units and people there are."""
        with self.assessment.runtime.store.reading() as connection:
            facts = FactsAsKnown(connection)
            return len(facts.units()), sum(1 for _ in facts.person_facts())


def given(kind: str, row: Cells) -> Cells:
    """An empty cell is not given; a correction's clears."""
    return row if kind.endswith("_corrected") else {column: cell for column, cell in row.items() if cell}


def sample(name: str) -> list[Cells]:
    with (SAMPLES / "district" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


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


def of_file(folder: Path, service: str) -> str:
    return f"sqlite:///{folder}/{service}.db"


def opened_district(folder: Path, url: Callable[[str], str]) -> District:
    """On stores that are made, if they are not there."""
    services: list[Any] = []
    for service, service_class in (("participation", Participation), ("assessment", Assessment)):
        created = unstarted(
            service_class, Settings(district="district", data=str(folder / "data"), database_url=url(service))
        )
        created.runtime.store.install(service, "district")
        services.append(created)
    return District(*services)


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
