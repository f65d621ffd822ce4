"""A person's own record has every event about them in plain, and nothing of anybody else."""

from __future__ import annotations

import importlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from chassis.events.definition import Event, text_of
from chassis.events.recorded_event import RecordedEvent
from chassis.process.settings import SERVICES
from chassis.store import event_log, subject_keys
from chassis.store.database import Store
from chassis.store.event_log import Head
from contracts import articles, notifications, participation, publicity
from services.registry.person_record import record_of_person

KEYS = {name: name.encode().ljust(32, b".") for name in ("P1", "P2", "person-P1", "person-P2")}
CONTENT = "0" * 64


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.service")
    on_server = request.param == "postgresql"
    url = request.getfixturevalue("new_database")() if on_server else f"sqlite:///{tmp_path / 'store.db'}"
    result = Store(url, MetaData())
    result.install("participation", "district")
    yield result
    result.close()


def keep(store: Store, *given: tuple[Event, str]) -> None:
    """The events, each with its actor, at the end of partition 0."""
    now = "2022-12-01T08:00:00.000000Z"
    fresh = []
    for at, (event, actor) in enumerate(given, 1):
        data = text_of(subject_keys.seal(event, lambda subject: KEYS[subject]))
        fresh.append(
            RecordedEvent(0, at, f"e{at}", event.wire, event.stream, at, now, now, actor, "", "", data, str(at))
        )
    with store.writing() as connection:
        event_log.append(connection, store, fresh, [Head(0, len(fresh), "h", now)])


def keys_of(subjects: Collection[str]) -> Mapping[str, bytes]:
    return {subject: KEYS[subject] for subject in subjects if subject in KEYS}


def work(work_id: str, author_id: str, title: str) -> publicity.WorkNominated:
    return publicity.WorkNominated(work_id, author_id, "S1", "2022-autumn", "text", CONTENT, 9, "2022-12-01", "unit",
                                   title)  # fmt: skip


def test_rows_works_readings_and_messages_of_the_person_are_there_in_plain(store: Store) -> None:
    keep(
        store,
        (participation.MembershipStarted("P1", "S1", "teacher", "2015-09-01", "", "d", "王小明"), "operator:operator"),
        (work("W1", "P1", "我的作品"), "clerk:P2@S1"),
        (publicity.ReviewerAssigned("W1", "P2", "2022-12-02"), "operator:operator"),
        (publicity.WorkMarked("W1", "P2", {"writing": "9"}, "9", "2022-12-02"), "person:P2"),
        (articles.ReadingPassed("article", "A1", "first", "P1", CONTENT, "2022-12-03"), "person:P1"),
        (notifications.ContactRegistered("person-P1", "王小明", "wang@example.cn", ""), "operator:operator"),
    )
    record = record_of_person(store, "participation", "P1", keys_of)
    shown = {entry["event"].split(".")[1]: entry for entry in record["entries"]}
    assert list(shown) == ["membership_started", "work_nominated", "reviewer_assigned", "work_marked",
                           "reading_passed", "contact_registered"]  # fmt: skip
    assert shown["membership_started"]["data"]["name"] == "王小明"
    assert shown["work_nominated"]["data"]["title"] == "我的作品"
    assert shown["work_marked"]["data"]["marks"] == {"writing": "9"}
    assert shown["contact_registered"]["data"]["email"] == "wang@example.cn"
    assert shown["reading_passed"]["actor"] == "person:P1"


def test_who_reviewed_or_entered_and_what_is_of_others_is_not_handed_out(store: Store) -> None:
    item = ["due", "notes", "2022-12", "", "S1", "", "2022-12-31", "1", "", ""]
    items = tuple(tuple(cell if at != 5 else person for at, cell in enumerate(item)) for person in ("P1", "P2"))
    keep(
        store,
        (participation.MembershipStarted("P2", "S1", "teacher", "2015-09-01", "", "d", "李四"), "person:P1"),
        (work("W1", "P1", "我的作品"), "clerk:P2@S1"),
        (publicity.ReviewerAssigned("W1", "P2", "2022-12-02"), "clerk:P2@S1"),
        (publicity.WorkReturned("W2", "P2", "S1", "reviewer", "P1", "2022-12-03", "李四的原因"), "person:P1"),
        (articles.ArticleDrafted("A1", "S1", "unit", "推文", ("W1",), ("P1", "P2"), CONTENT, 9, 0, "2022-12-02"),
         "clerk:P2@S1"),
        (notifications.DigestDecided("clerk-S1", "2022-12-05", "S1", "c", 1, items), "service:notifications"),
    )  # fmt: skip
    record = record_of_person(store, "participation", "P1", keys_of)
    text = json.dumps(record, ensure_ascii=False)
    assert "P2" not in text and "李四" not in text
    assert {entry["actor"] for entry in record["entries"]} == {"clerk", "person:P1", "service:notifications"}
    assert [(act["label"], act["count"]) for act in record["acts"]] == [("任职开始", 1)]


def test_a_person_whose_id_begins_like_anothers_is_not_that_person(store: Store) -> None:
    keep(store, (participation.PersonErased("P12"), "operator:P1"), (work("W1", "P2", "P1"), "person:P12"))
    assert record_of_person(store, "participation", "P1", keys_of) == {"person_id": "P1", "entries": [], "acts": []}


def test_who_reviews_learns_neither_the_work_s_own_id_nor_its_unit_and_its_author_no_review_id(store: Store) -> None:
    keep(
        store,
        (work("S1-wang-1", "P1", "我的作品"), "clerk:P3@S1"),
        (publicity.ReviewerAssigned("S1-wang-1", "P2", "2022-12-02", "R0a1b2c"), "operator:operator"),
        (publicity.WorkMarked("S1-wang-1", "P2", {"writing": "9"}, "9", "2022-12-02"), "person:P2"),
        (publicity.WorkReturned("S1-wang-1", "P1", "S1", "reviewer", "P2", "2022-12-03", "请补充"), "person:P2"),
    )
    record = record_of_person(store, "publicity", "P2", keys_of)
    text = json.dumps(record, ensure_ascii=False)
    assert "wang" not in text and "S1" not in text and "P1" not in text and "请补充" not in text
    assert [entry["data"]["work_id"] for entry in record["entries"]] == ["R0a1b2c"] * 3
    record = record_of_person(store, "publicity", "P1", keys_of)
    text = json.dumps(record, ensure_ascii=False)
    assert len(record["entries"]) == 4 and "R0a1b2c" not in text and "P2" not in text and "请补充" in text
