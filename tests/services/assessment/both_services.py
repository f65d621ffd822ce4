"""Participation and assessment in this process, and the sample district's rows for them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.events import envelope
from chassis.intake.cloudevents import BATCH
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.runtime.extensions import unstarted
from chassis.store import event_log
from duties.days import day_of, year_of
from duties.progress import ProgressPlan
from duties.report_requests import ScoreRequest
from services.assessment.overview.queries import OverviewFilter
from services.assessment.progress.supervised import SupervisedUnits
from services.assessment.scores import score_run
from services.assessment.scores.kept_scores import KeptScores
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.service import Service as Assessment
from services.participation.campaign.handlers import launch_campaign
from services.participation.domain import ROW_KINDS
from services.participation.service import Service as Participation
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
