"""All services in this process on a clock that a test moves: files and events in, result files out.

The others consume what participation recorded when they are asked for something."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from chassis.events import envelope
from chassis.events.canonical_json import moment
from chassis.intake.cloudevents import BATCH
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.runtime.extensions import unstarted
from chassis.store import event_log
from duties.campaign import campaign_data
from duties.days import day_of, microseconds
from services.assessment.scores import score_run
from services.assessment.service import Service as Assessment
from services.notifications.service import Service as Notifications
from services.participation.batch.domain import accepted_events
from services.participation.batch.handlers import release_pending_reports, submit_rows
from services.participation.campaign.handlers import launch_campaign
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import KIND_OF_TABLE, Accepted, Decision, Refused, row_of
from services.participation.service import Service as Participation
from services.publicity.service import Service as Publicity
from tests.support.history_events import Report, cloud_event
from tests.support.reported import Event
from tests.support.services import metadata_of

OPERATOR = Actor("operator", "operator", frozenset({"operator"}))
SERVICES: dict[str, Any] = {
    "participation": Participation, "assessment": Assessment, "publicity": Publicity, "notifications": Notifications,
}  # fmt: skip
Row = dict[str, str]
Outcome = str | tuple[str, str]
"""`accepted`, `unchanged`, `waiting`, or (code, column) of a refusal."""


class WholeDistrict:
    """`url`: the address of a service's store."""

    def __init__(self, folder: Path, url: Callable[[str], str]) -> None:
        self.folder, self._clock = folder, folder / "clock"
        self.at(datetime.fromisoformat("2022-10-01T09:00:00+08:00"))
        self.services: dict[str, Any] = {}
        for name, service_class in SERVICES.items():
            settings = Settings(district="district", data=str(folder / "data"), database_url=url(name),
                                rehearsal_clock=str(self._clock))  # fmt: skip
            self.services[name] = unstarted(service_class, settings)
            self.services[name].runtime.store.install(name, "district")
        self._consumed = self._reports = 0
        self._ids = itertools.count()

    def close(self) -> None:
        score_run.open_store.cache_clear()
        for service in self.services.values():
            service.runtime.store.close()

    def at(self, instant: datetime) -> None:
        self._clock.write_text(instant.isoformat())

    def launch(self, document: dict[str, Any]) -> str:
        """The outcome: launched, amended or unchanged."""
        participation = self.services["participation"]
        wake, units_of_work = participation.pending_loop.wake, participation.runtime.units_of_work
        outcome = launch_campaign(units_of_work, campaign_data(document), OPERATOR, "", wake)["outcome"]
        return str(outcome)

    def give_file(self, table: str, rows: Sequence[Row], late_entry: str = "") -> list[Outcome]:
        """The rows of a file, decided as an import decides them: in one transaction, and none of them waits."""
        kind, participation = KIND_OF_TABLE[table], self.services["participation"]
        with participation.runtime.units_of_work.begin(OPERATOR) as unit_of_work:
            given = [row_of(kind, row) for row in rows]
            decisions = submit_rows(unit_of_work, given, rules_in_force(unit_of_work), late_entry=late_entry)
            release_pending_reports(unit_of_work, accepted_events(decisions))
        self._settle()
        return [_outcome(decision) for decision in decisions]

    def give_events(self, *reports: Report) -> list[Outcome]:
        """New reports of one source; each the type in short (`record.reported`) and the data."""
        return self.submit([cloud_event(report, str(next(self._ids))) for report in reports])

    def submit(self, events: Sequence[Event]) -> list[Outcome]:
        """CloudEvents in one body; what awaited them is decided."""
        participation = self.services["participation"]
        receipts, _ = participation.intake.submit_reports(json.dumps(events).encode(), BATCH, OPERATOR, "")
        self._settle()
        return [(item.code, item.column) if item.outcome == "refused" else item.outcome for item in receipts]

    def _settle(self) -> None:
        while self.services["participation"].pending_loop.decide_ready_reports():
            pass

    def consume(self) -> None:
        """Hand on to the others what participation has recorded since the last time."""
        with self.services["participation"].runtime.store.reading() as connection:
            before = event_log.read(connection, 0, self._consumed - 1, 1) if self._consumed else []
            page = event_log.read(connection, 0, self._consumed, 100_000)
        if not page:
            return
        texts = envelope.encode("district", "participation", before[0].hash if before else "", page)
        bodies = [body for _, body in envelope.bodies(texts)]
        for name in ("assessment", "publicity", "notifications"):
            assert self.services[name].runtime.inbox.receive(bodies), name
        self._consumed = page[-1].position

    def report(self, windows: Sequence[Row], known_at: datetime | None = None, campaign: str | None = None,
               ) -> dict[str, str]:  # fmt: skip
        """The four result files of these lines of windows.csv, as known now or at an instant."""
        self.consume()
        self._reports += 1
        folder = self.folder / f"report-{self._reports}"
        folder.mkdir()
        requests = [[row["what"], row["id"], day_of(row["as_of"]) if row["as_of"] else 0] for row in windows]
        store = self.services["assessment"].runtime.store
        known = None if known_at is None else microseconds(moment(known_at.isoformat()))
        score_run.run({"database_url": store.url.render_as_string(hide_password=False), "requests": requests,
                       "known_at": known, "folder": str(folder), "campaign": campaign})  # fmt: skip
        return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of every read model of every service, in an order of their own."""
        self.consume()
        result = {}
        for name, service in self.services.items():
            store = service.runtime.store
            with store.reading() as connection:
                for table in metadata_of(name).sorted_tables:
                    result[f"{name}.{table.name}"] = sorted(map(tuple, connection.execute(table.select())), key=repr)
        return result

    def rebuild(self) -> None:
        for service in self.services.values():
            service.runtime.rebuild.run()


def _outcome(decision: Decision) -> Outcome:
    match decision:
        case Refused(column, code):
            return code, column
        case Accepted():
            return "accepted"
    return "unchanged"
