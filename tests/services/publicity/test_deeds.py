"""Deeds come home by the rules of any row: once, refused aloud, undone by a take-down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from contracts.articles import ArticlePublished, ArticleTakenDown, TakeDownDisproved
from contracts.participation import CampaignLaunched, MembershipStarted, UnitRegistered
from contracts.publicity import AnthologyCompiled, VideoPublished, VideoWithdrawn, WorkDeselected, WorkSelected
from services.participation.batch.handlers import submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import row_of
from services.participation.service import Service
from tests.services.publicity.district import recorded
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

AT, LATER = "2022-12-10T01:00:00.000000Z", "2022-12-20T01:00:00.000000Z"
SELECTED = WorkSelected("W1", "P1", "S01", "2022-autumn", "unit", AT)
PUBLISHED = ArticlePublished("A1", "S01", "district", "选登", "https://x.cn/a", "api", "p", "", AT)
COMPILED = AnthologyCompiled(
    "S01.2022-autumn", "S01", "2022-autumn", 1, 1, "inside", "汇编", ("W1",), ("P1",), "c" * 64, 9,
    "2023-01-20T01:00:00.000000Z",
)  # fmt: skip
VIDEO = VideoPublished("V1", "S01", "微党课", "https://x.cn/v", "a" * 64, AT)


class Book:
    """Participation's frame, told what publicity said."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self.runtime = runtime

    def receive(self, *events: Event) -> None:
        with self.runtime.unit_of_work("service:participation") as work:
            self.runtime.reactions.run(work, [(event, recorded(event, at)) for at, event in enumerate(events, 1)])

    def events_of(self, kind: str) -> list[Any]:
        with self.runtime.store.reading() as connection:
            return [about.event() for about in self._all(connection) if kind in about.type]

    def _all(self, connection: Any) -> list[RecordedEvent]:
        return event_log.read(connection, 0, 0, 10_000)


@pytest.fixture
def book(tmp_path: Path, store_url: str) -> Iterator[Book]:
    service = unstarted(Service, Settings(data=str(tmp_path), database_url=store_url))  # handlers refer to it weakly
    runtime = service.runtime
    runtime.store.install("participation", "district")
    document = document_of((SAMPLES / "campaign.yaml").read_bytes())
    with runtime.unit_of_work("operator:test") as work:
        work.append(
            CampaignLaunched("xue-lun-shu", 1, document),
            UnitRegistered("S01", "一小", "school", (), "", "", "", "2010-09-01", "", "d"),
            UnitRegistered("S02", "二小", "school", (), "", "", "", "2010-09-01", "", "d"),
            MembershipStarted("P1", "S01", "teacher", "2015-09-01", "", "d", "王某"),
        )
    yield Book(runtime)
    runtime.store.close()


def test_each_showing_is_a_record_of_whom_it_is(book: Book) -> None:
    book.receive(SELECTED, PUBLISHED, COMPILED, VIDEO)
    result = {
        item.record_id: (item.kind, item.unit_id, item.person_id, item.period, item.day)
        for item in book.events_of("submitted")
    }
    assert result == {
        "publicity-work-W1-unit": ("selected_unit", "S01", "P1", "", "2022-12-10"),
        "publicity-article-A1": ("wechat_district", "S01", "", "", "2022-12-10"),
        "publicity-anthology-S01.2022-autumn-1": ("anthology", "S01", "", "2022-autumn", "2023-01-20"),
        "publicity-video-V1": ("video", "S01", "", "", "2022-12-10"),
    }


def test_a_video_that_was_read_is_a_deed_as_videos_are(book: Book) -> None:
    book.receive(replace(PUBLISHED, film="f" * 64, link="https://x.cn/v2"))
    (item,) = book.events_of("submitted")
    assert (item.record_id, item.kind, item.content_sha256) == ("publicity-article-A1", "video", "f" * 64)


def test_an_article_of_several_units_works_is_a_deed_of_each_until_it_is_gone(book: Book) -> None:
    book.receive(replace(PUBLISHED, unit_id="B00", units=("S01", "S02")))
    assert {(item.record_id, item.unit_id) for item in book.events_of("submitted")} == {
        ("publicity-article-A1:S01", "S01"), ("publicity-article-A1:S02", "S02")}  # fmt: skip
    book.receive(ArticleTakenDown("A1", "B00", "api", "x", LATER, ("S01", "S02")))
    assert len(book.events_of("withdrawn")) == 2 and not book.events_of("refused")


def test_a_repeat_is_nothing(book: Book) -> None:
    book.receive(SELECTED, PUBLISHED, PUBLISHED)
    book.receive(SELECTED, PUBLISHED)
    assert len(book.events_of("submitted")) == 2 and not book.events_of("refused")


def test_a_take_down_withdraws_the_record_once(book: Book) -> None:
    book.receive(SELECTED, PUBLISHED, VIDEO)
    undone = [WorkDeselected("W1", "P1", "S01", "unit", "重复", LATER), VideoWithdrawn("V1", "S01", "误登", LATER),
              ArticleTakenDown("A1", "S01", "api", "consent_withdrawn", LATER)]  # fmt: skip
    book.receive(*undone)
    book.receive(*undone)
    assert {item.record_id for item in book.events_of("withdrawn")} == {
        "publicity-work-W1-unit", "publicity-article-A1", "publicity-video-V1"}  # fmt: skip
    assert len(book.events_of("withdrawn")) == 3 and not book.events_of("refused")


def test_what_the_rules_refuse_is_reported_to_operators_and_undoing_it_is_nothing(book: Book) -> None:
    book.receive(ArticlePublished("A9", "S99", "district", "选登", "https://x.cn/a", "api", "p", "", AT))
    (refused,) = book.events_of("reaction_refused")
    assert (refused.code, refused.reaction) == ("unknown_unit", "record_publicity_deeds")
    book.receive(ArticleTakenDown("A9", "S99", "api", "x", LATER))
    assert not book.events_of("withdrawn") and len(book.events_of("refused")) == 1


GONE = ArticleTakenDown("A1", "S01", "hand", "误发", LATER)
SEEN, AGAIN = "2022-12-21T01:00:00.000000Z", "2022-12-22T01:00:00.000000Z"
DISPROVED = TakeDownDisproved("A1", "S01", SEEN)


def test_a_take_down_that_is_disproved_gives_the_deed_back_until_it_is_really_gone(book: Book) -> None:
    book.receive(PUBLISHED, GONE, DISPROVED, DISPROVED)
    (restored,) = book.events_of("record_corrected")
    assert (restored.record_id, restored.voided, restored.day) == ("publicity-article-A1", False, "2022-12-10")
    assert "仍可看到" in restored.correction_reason
    book.receive(replace(GONE, taken_down_at=AGAIN), replace(GONE, taken_down_at=AGAIN))
    assert [item.voided for item in book.events_of("record_corrected")] == [False, True]
    book.receive(replace(DISPROVED, seen_at="2022-12-23T01:00:00.000000Z"))
    assert [item.voided for item in book.events_of("record_corrected")] == [False, True, False]
    assert len(book.events_of("withdrawn")) == 1 and not book.events_of("refused")


def test_it_is_given_back_to_each_unit_whose_deed_it_was(book: Book) -> None:
    units = ("S01", "S02")
    book.receive(replace(PUBLISHED, unit_id="B00", units=units), replace(GONE, unit_id="B00", units=units))
    book.receive(replace(DISPROVED, unit_id="B00", units=units))
    assert {(item.record_id, item.unit_id) for item in book.events_of("record_corrected")} == {
        ("publicity-article-A1:S01", "S01"), ("publicity-article-A1:S02", "S02")}  # fmt: skip


@pytest.mark.parametrize("before", [(), (PUBLISHED,)])
def test_without_a_withdrawn_deed_nothing_is_given_back(book: Book, before: tuple[Event, ...]) -> None:
    book.receive(*before, DISPROVED)
    assert not book.events_of("record_corrected") and not book.events_of("refused")


def test_what_an_office_voided_stays_void(book: Book) -> None:
    book.receive(PUBLISHED, GONE, DISPROVED)
    with book.runtime.unit_of_work("operator:test") as work:
        voided = row_of("correction", {"correction_id": "K1", "table": "records", "row": "publicity-article-A1",
                                       "column": "*", "value": "", "reason": "重复"})  # fmt: skip
        submit_rows(work, [voided], rules_in_force(work))
    book.receive(replace(DISPROVED, seen_at=AGAIN))
    assert [item.voided for item in book.events_of("record_corrected")] == [False, True]
