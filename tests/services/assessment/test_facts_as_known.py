"""Facts as known at an instant, read from today's store, are those that were read from the store as it was then."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Store
from chassis.store.projections import Rows
from contracts import corrections, participation
from duties.campaign import Campaign
from duties.days import day_of, microseconds
from services.assessment.scores.queries import FactsAsKnown
from services.assessment.service import Service
from services.assessment.subscriptions import PROJECTIONS
from services.assessment.tables import metadata
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

assert Service  # declares every table
DOCUMENT = document_of((SAMPLES / "campaign.yaml").read_bytes())
CAMPAIGN = DOCUMENT["campaign"]
STARTED = microseconds(moment("2023-03-01T16:00:00.000000Z"))  # midnight in Shanghai
DAY = 86_400_000_000


def at(days: int) -> str:
    return instant(datetime.fromtimestamp((STARTED + days * DAY) / 1e6, UTC))


@dataclass
class History:
    """Events as participation records them, each batch on a day of its own."""

    store: Store
    positions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def record(self, days: int, *events: Event) -> None:
        with self.store.writing() as connection:
            rows = Rows(self.store, connection)
            batch = [(event, RecordedEvent(0, next(self.positions), "", "", event.stream, 1, at(days), at(days), "", "",
                                           "", "", "")) for event in events]  # fmt: skip
            PROJECTIONS.apply(rows, batch)
            rows.flush()

    def facts(self, days: int | None = None) -> dict[str, Any]:
        with self.store.reading() as connection:
            facts = FactsAsKnown(connection, CAMPAIGN, None if days is None else STARTED + days * DAY)
            units = facts.units()
            return {"campaign": facts.campaign, "units": units, "names": facts.unit_names(),
                    "decisions": facts.decisions(), "people": list(facts.person_facts()),
                    "of units": list(facts.unit_facts([unit.unit_id for unit in units]))}  # fmt: skip

    def rows(self) -> dict[str, Any]:
        with self.store.reading() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(table.select()))) for table in metadata.sorted_tables
            }


@pytest.fixture(params=["sqlite", "postgresql"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    url = f"sqlite:///{tmp_path}/store.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("new_database")())
    store = Store(url, metadata)
    store.install("assessment", "district")

    def emptied() -> History:
        with store.writing() as connection:
            for table in metadata.sorted_tables:
                store.with_row_schema(connection).execute(table.delete())
        return History(store)

    yield emptied
    store.close()


def launched(version: int = 1) -> Event:
    document = DOCUMENT | {"version": version, "defaults": DOCUMENT.get("defaults", {}) | {"report_days": 3}}
    cls = participation.CampaignLaunched if version == 1 else participation.CampaignAmended
    return cls(CAMPAIGN, version, document)


def unit(name: str, kind: str = "school") -> dict[str, Any]:
    return {"unit_id": "X1", "name": name, "kind": kind, "tags": (), "zone_id": "", "community_id": "",
            "liaison_id": "", "opened_on": "2010-09-01", "closed_on": "", "digest": "", "tags_given": ""}  # fmt: skip


def membership(role: str, until: str = "") -> dict[str, Any]:
    return {"person_id": "P1", "unit_id": "X1", "role": role, "since": "2020-09-01", "until": until, "digest": "",
            "name": "sealed"}  # fmt: skip


def record(period: str, day: str = "2023-03-02") -> dict[str, Any]:
    return {"record_id": "R1", "kind": DOCUMENT["duties"][0]["record"], "unit_id": "X1", "person_id": "P1", "day": day,
            "done_at": f"{day}T02:00:00.000000Z", "period": period, "content": "", "evidence": "", "campaign": CAMPAIGN,
            "campaign_version": 1, "digest": "", "title": "", "occurred_at": day, "unit_given": "X1",
            "content_sha256": "", "late_entry": ""}  # fmt: skip


def finding(points: str, rectified_on: str = "") -> dict[str, Any]:
    return {"finding_id": "F1", "unit_id": "X1", "assessor_id": "O1", "found_on": "2023-03-01", "deadline": "",
            "points": points, "rectified_on": rectified_on, "digest": "", "campaign": CAMPAIGN}  # fmt: skip


def sheet(points: str) -> dict[str, Any]:
    return {"sheet_id": "S1", "unit_id": "X1", "assessor_id": "O1", "period": "2023-Q1", "item": "study",
            "points": points, "assessed_on": "2023-04-01", "digest": "", "campaign": CAMPAIGN}  # fmt: skip


def exemption(period: str) -> dict[str, Any]:
    return {"exemption_id": "E1", "person_id": "P1", "unit_id": "", "duty": DOCUMENT["duties"][0]["id"],
            "period": period, "digest": "", "reason": "", "campaign": CAMPAIGN}  # fmt: skip


def decision(year: str) -> dict[str, Any]:
    return {"decision_id": "D1", "kind": "veto", "year": year, "unit_id": "X1", "person_id": "", "document": "1",
            "decided_on": "2023-12-01", "campaign": CAMPAIGN, "digest": "", "reason": ""}  # fmt: skip


def corrected(cls: Any, values: dict[str, Any], *columns: str, voided: bool = False, **more: Any) -> Event:
    result: Event = cls(**(values | more), voided=voided, columns=columns, correction_id="", correction_reason="x")
    return result


ACCEPTED: list[Event] = [
    launched(), participation.UnitRegistered(**unit("一小")), participation.MembershipStarted(**membership("teacher")),
    participation.RecordSubmitted(**record("2023-03")), participation.FindingReported(**finding("5")),
    participation.SheetReported(**sheet("3")), participation.ExemptionGranted(**exemption("2023-03")),
    participation.DecisionSigned(**decision("2023")),
]  # fmt: skip
CHANGES: list[Event] = [
    launched(2), launched(3), participation.UnitClosed("X1", "2023-06-01"),
    corrected(corrections.UnitCorrected, unit("二小", "kindergarten"), "name", "kind"),
    corrected(corrections.UnitCorrected, unit("一小"), "*", voided=True),
    participation.MembershipEnded("P1", "X1", "2020-09-01", "2023-05-01"),
    corrected(corrections.MembershipCorrected, membership("cadre"), "role"),
    corrected(corrections.MembershipCorrected, membership("teacher"), "*", voided=True),
    participation.RecordWithdrawn("R1", at(0), ""),
    corrected(corrections.RecordCorrected, record("2023-04"), "period"),
    corrected(corrections.RecordCorrected, record("2023-04"), "period", late_entry="停电"),
    corrected(corrections.RecordCorrected, record("2023-03"), "title"),
    corrected(corrections.RecordCorrected, record("2023-03"), "*"),
    corrected(corrections.FindingCorrected, finding("0.5"), "points"),
    participation.RectificationReported("F1", "2023-03-20"),
    corrected(corrections.FindingCorrected, finding("5"), "*", voided=True),
    corrected(corrections.SheetCorrected, sheet("30"), "points"),
    corrected(corrections.ExemptionCorrected, exemption("2023-04"), "period"),
    corrected(corrections.ExemptionCorrected, exemption("2023-03"), "*", voided=True),
    corrected(corrections.DecisionCorrected, decision("2024"), "year"),
    corrected(corrections.DecisionCorrected, decision("2023"), "*", voided=True),
]  # fmt: skip
BATCHES = st.lists(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4), max_size=5)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_what_was_known_is_read_today_as_it_was_read_then(make_store: Any, batches: list[list[Event]]) -> None:
    history, then = make_store(), []
    for days, batch in enumerate([ACCEPTED, *batches]):
        history.record(days, *batch)
        then.append(history.facts())
    assert [history.facts(days) for days in range(len(then))] == then


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_rows_are_the_same_when_events_are_projected_one_by_one(make_store: Any, batches: list[list[Event]]) -> None:
    history = make_store()
    for days, batch in enumerate([ACCEPTED, *batches]):
        history.record(days, *batch)
    live, again = history.rows(), make_store()
    for days, batch in enumerate([ACCEPTED, *batches]):
        for event in batch:
            again.record(days, event)
    assert again.rows() == live


@pytest.mark.parametrize(
    ("columns", "late_entry", "reported"),
    [(("period",), "", "2023-03-05"), (("title",), "", "2023-03-02"), (("*",), "", "2023-03-02"),
     (("unit_id",), "", "2023-03-05"), (("period",), "停电", None), (("title",), "停电", "2023-03-02")],
)  # fmt: skip
def test_a_record_was_recorded_on_the_day_of_the_last_event_that_set_a_cell_that_is_asked(
    make_store: Any, columns: tuple[str, ...], late_entry: str, reported: str | None
) -> None:
    history = make_store()
    campaign = Campaign.from_data(DOCUMENT)
    kind = min(campaign.record_kinds - campaign.person_kinds)
    history.record(0, *ACCEPTED[:2], participation.RecordSubmitted(**record("2023-03") | {"kind": kind}))
    correction = corrected(corrections.RecordCorrected, record("2023-03") | {"kind": kind}, *columns,
                           late_entry=late_entry)  # fmt: skip
    history.record(3, correction)
    (facts,) = history.facts()["of units"]
    assert facts.records[0].reported_on == (reported and day_of(reported))


def test_facts_of_another_campaign_are_not_this_one_s(make_store: Any) -> None:
    history = make_store()
    history.record(0, *ACCEPTED[:3], participation.RecordSubmitted(**record("2023-03") | {"campaign": "another"}))
    assert history.facts()["of units"][0].records == []
