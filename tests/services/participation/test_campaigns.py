"""One campaign after the other in participation: each row is judged by the campaign in force when it comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from contracts.participation import RecordSubmitted
from duties.campaign import Campaign
from duties.days import day_of
from services.participation.campaign.handlers import close_campaign, launch_campaign
from services.participation.campaign.preview import campaign_preview
from services.participation.campaign.queries import campaign_in_force, campaign_list, campaign_named
from services.participation.entries.handlers import enter_row
from services.participation.service import Service
from tests.services.participation.cluster import DOCUMENT, OPERATOR, Replica, district

NEXT: dict[str, Any] = {
    "campaign": "yue-du", "version": 1, "title": "书香校园", "timezone": "Asia/Shanghai", "starts_on": "2023-09-01",
    "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"},
    "duties": [{"id": "reading", "title": "共读一本书", "who": {"roles": ["teacher"]}, "every": "month", "count": 1,
                "record": "reading_group"}],
}  # fmt: skip

PRINTED = {"id": "printed", "title": "教育专刊", "who": {"tags": ["research_office"]}, "every": "month", "count": 1,
           "record": "printed"}  # fmt: skip


class OnAClock(Replica):
    """Participation in an SQLite store, at a time that the test sets."""

    def __init__(self, folder: Path) -> None:
        self.clock = folder / "clock"
        self.at("2023-06-01T09:00")
        settings = Settings(data=str(folder), rehearsal_clock=str(self.clock))
        super().__init__(unstarted(Service, settings))
        self.runtime.store.install("participation", "district")

    def at(self, local: str) -> OnAClock:
        self.clock.write_text(f"{local}+08:00")
        return self

    def launch(self, document: dict[str, Any]) -> str:
        wake = self.service.pending_loop.wake
        outcome: str = launch_campaign(self.runtime.units_of_work, document, OPERATOR, "", wake)["outcome"]
        return outcome

    def close(self, on: str = "") -> dict[str, Any]:
        return close_campaign(self.runtime.units_of_work, day_of(on) if on else None, OPERATOR, "")

    def reports(self, record_id: str, kind: str, occurred_at: str) -> str:
        receipt = self.submit("record", record_id=record_id, record=kind, unit_id="S1", person_id="P1",
                              occurred_at=occurred_at)  # fmt: skip
        return receipt.code or receipt.outcome


@pytest.fixture
def participation(tmp_path: Path) -> Iterator[OnAClock]:
    result = OnAClock(tmp_path)
    assert result.launch(DOCUMENT) == "launched"
    assert district(result) == ["accepted", "accepted"]
    yield result
    result.runtime.store.close()


def test_rows_are_judged_by_the_open_campaign_and_after_its_end_by_the_last_one(participation: OnAClock) -> None:
    assert participation.reports("R1", "attendance", "2023-06-01") == "accepted"
    participation.close("2023-08-31")
    participation.at("2023-09-02T09:00")
    assert participation.reports("R2", "attendance", "2023-06-02") == "accepted"  # ended, nothing else launched yet
    assert participation.reports("R3", "reading_group", "2023-09-02") == "unknown_record_kind"
    assert participation.launch(NEXT) == "launched"
    assert participation.reports("R4", "reading_group", "2023-09-02") == "accepted"
    assert participation.reports("R5", "attendance", "2023-06-03") == "unknown_record_kind"
    accepted = {item.event().record_id: item.event().campaign for item in participation.log()
                if isinstance(item.event(), RecordSubmitted)}  # fmt: skip
    assert accepted == {"R1": "xue-lun-shu", "R2": "xue-lun-shu", "R4": "yue-du"}


def test_a_late_row_of_an_earlier_campaign_names_it_and_is_judged_by_its_rules(participation: OnAClock) -> None:
    participation.close("2023-06-30")
    participation.at("2023-09-02T09:00").launch(NEXT)

    def entered(record_id: str, campaign: str, **more: str) -> str:
        cells = {"record_id": record_id, "record": "attendance", "unit_id": "S1", "person_id": "P1"}
        cells |= {"occurred_at": "2023-06-02", **more}
        units_of_work, wake = participation.runtime.units_of_work, participation.service.pending_loop.wake
        try:
            return enter_row(units_of_work, "records", cells, "", OPERATOR, "", wake, campaign)[0]
        except Problem as problem:
            return problem.code

    assert entered("R1", "") == "unknown_record_kind"
    assert entered("R1", "never") == "unknown_campaign"
    assert entered("R1", "xue-lun-shu") == "accepted"
    late = {"record": "study_session", "person_id": ""}
    assert entered("R2", "xue-lun-shu", **late, period="2023-07") == "unknown_period"
    assert entered("R2", "xue-lun-shu", **late, period="2023-06") == "accepted"
    accepted = {item.event().record_id: item.event().campaign for item in participation.log()
                if isinstance(item.event(), RecordSubmitted)}  # fmt: skip
    assert accepted == {"R1": "xue-lun-shu", "R2": "xue-lun-shu"}


def test_a_period_after_the_end_does_not_exist(participation: OnAClock) -> None:
    def note(record_id: str, period: str) -> str:
        return participation.submit("record", record_id=record_id, record="study_session", unit_id="S1",
                                    occurred_at="2023-06-01", period=period).outcome  # fmt: skip

    assert note("R1", "2023-10") == "accepted"
    participation.close("2023-09-01")
    assert note("R2", "2023-10") == "refused"
    assert note("R3", "2023-08") == "accepted"


def test_the_next_is_launched_only_after_the_end_and_the_ended_one_stays_readable(participation: OnAClock) -> None:
    with pytest.raises(Problem) as raised:
        participation.launch(NEXT)
    assert raised.value.code == "already_launched"
    assert DOCUMENT["title"] in raised.value.detail and "qihang campaign close" in raised.value.detail
    assert participation.close("2023-09-01") == {
        "campaign": "xue-lun-shu", "closed_on": "2023-09-01", "outcome": "closed", "positions": ["participation/0/4"],
    }  # fmt: skip
    assert participation.close("2023-09-01")["outcome"] == "unchanged"
    with pytest.raises(Problem):
        participation.launch(NEXT)
    participation.at("2023-09-01T00:00").launch(NEXT)
    with participation.runtime.store.reading() as connection:
        in_force, ended = campaign_in_force(connection), campaign_named(connection, "xue-lun-shu")
        listed = campaign_list(connection, participation.runtime.now())
    assert in_force is not None and in_force.shown_document == NEXT
    assert ended is not None and ended.shown_document == {**DOCUMENT, "closes_on": "2023-09-01"}
    assert [(row["campaign"], row["open"], row["in_force"], row["closes_on"]) for row in listed] == [
        ("yue-du", True, True, ""), ("xue-lun-shu", False, False, "2023-09-01"),
    ]  # fmt: skip


def test_the_preview_shows_each_period_of_the_year_ahead_and_what_nobody_bears(participation: OnAClock) -> None:
    rules = Campaign.from_data({**NEXT, "duties": [*NEXT["duties"], PRINTED]})
    with participation.runtime.store.reading() as connection:
        preview = campaign_preview(connection, rules, participation.runtime.now())
    assert preview["since"] == "2023-09-01"
    reading = preview["duties"][0]["periods"]
    assert len(reading) == 12
    assert reading[0] == {"period": "2023-09", "start": "2023-09-01", "due": "2023-09-30", "late_limit": "2023-10-10"}
    assert [(warning["code"], warning["duty"]) for warning in preview["warnings"]] == [("unknown_tags", "printed")]


def test_a_rebuild_leaves_the_campaigns_as_they_are(participation: OnAClock) -> None:
    participation.close("2023-07-01")
    participation.at("2023-07-01T08:00").launch(NEXT)
    before = _campaigns(participation)
    participation.runtime.rebuild.run()
    assert _campaigns(participation) == before
    assert len(before) == 2


def _campaigns(participation: OnAClock) -> list[dict[str, Any]]:
    with participation.runtime.store.reading() as connection:
        return campaign_list(connection, participation.runtime.now())
