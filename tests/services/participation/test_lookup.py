"""Looking up units, persons, records and imports: by id, name, pinyin and initials, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from contracts.imports import ImportStarted
from services.participation.lookup.queries import find
from services.participation.registry.handlers import erase_person
from services.registry.name_match import Match, NameSearch, is_spelt
from services.registry.syllables import syllables_of
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica

CLERK = Actor("console", "clerk", frozenset({"clerk"}), frozenset({"S2"}))
TEACHER = Actor("console", "P1", frozenset({"person"}))


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Two schools, five persons of whom one moved from one to the other, three records, an import."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    for unit, name in (("S1", "第一小学"), ("S2", "第二小学")):
        assert (
            replica.submit("unit", unit_id=unit, name=name, kind="school", opened_on="2000-09-01").outcome == "accepted"
        )
    people = (("P1", "张三", "S1", "2010-09-01", "2022-09-01"), ("P1", "张三", "S2", "2022-09-01", ""),
              ("P2", "章山", "S1", "2010-09-01", ""), ("P3", "曾仕强", "S1", "2010-09-01", ""),
              ("P4", "吕布", "S2", "2010-09-01", ""), ("P30", "买买提·艾力", "S2", "2010-09-01", ""))  # fmt: skip
    for person, name, unit, since, until in people:
        cells = {"person_id": person, "name": name, "role": "teacher", "unit_id": unit, "from": since, "to": until}
        assert replica.submit("membership", **cells).outcome == "accepted"
    for record, kind, unit, person in (("R-1", "discussion_day", "S1", ""), ("R-2", "discussion_day", "S2", ""),
                                       ("R-3", "note", "", "P1")):  # fmt: skip
        cells = {"record_id": record, "record": kind, "unit_id": unit, "person_id": person, "title": "教育强国 100%",
                 "occurred_at": "2022-11-09", "evidence": "e"}  # fmt: skip
        assert replica.submit("record", **cells).outcome == "accepted"
    with replica.runtime.unit_of_work(OPERATOR) as unit_of_work:
        unit_of_work.append(ImportStarted("20221109-abcdef0123", ()))
    yield replica
    replica.runtime.store.close()


def matches(replica: Replica, text: str, actor: Actor = OPERATOR, most: int = 20) -> dict[str, Any]:
    with replica.runtime.store.reading() as connection:
        answer = find(connection, actor, text, most)
    ids = {"units": "unit_id", "people": "person_id", "records": "record_id", "imports": "import_id"}
    return {sort: [row[ids[sort]] for row in answer[sort]] for sort in ids if answer[sort]} | (
        {"more": answer["more"]} if answer["more"] else {}
    )


@pytest.mark.parametrize(("text", "expected"), [
    ("P3", {"people": ["P3", "P30"]}), ("ｐ３０", {"people": ["P30"]}), ("张三", {"people": ["P1"]}),
    ("三", {"people": ["P1"]}), ("zhangsan", {"people": ["P1"]}), ("Zhang San", {"people": ["P1"]}),
    ("zs", {"people": ["P1", "P2", "P3"]}), ("zhangs", {"people": ["P1", "P2"]}), ("zsq", {"people": ["P3"]}),
    ("cengshiqiang", {"people": ["P3"]}), ("lvbu", {"people": ["P4"]}), ("lubu", {"people": ["P4"]}),
    ("艾力", {"people": ["P30"]}), ("第二", {"units": ["S2"]}), ("dexx", {"units": ["S2"]}),
    ("s1", {"units": ["S1"]}), ("xiaoxue", {"units": ["S1", "S2"]}), ("R-3", {"records": ["R-3"]}),
    ("教育强国", {"records": ["R-1", "R-2"]}), ("0%", {"records": ["R-1", "R-2"]}), ("%", {"records": ["R-1", "R-2"]}),
    ("20221109", {"imports": ["20221109-abcdef0123"]}), ("没有", {}), ("zz", {}), ("P1\0", {}), ("P1\ud800", {}),
])  # fmt: skip
def test_things_are_found_by_id_name_pinyin_and_initials(
    replica: Replica, text: str, expected: dict[str, list[str]]
) -> None:
    assert matches(replica, text) == expected


def test_better_matches_come_first_and_others_are_announced(replica: Replica) -> None:
    assert matches(replica, "p", most=2) == {"people": ["P1", "P2"], "more": ["people"]}
    assert matches(replica, "r-", most=2) == {}  # ids are told apart by case
    assert matches(replica, "R-", most=2) == {"records": ["R-1", "R-2"], "more": ["records"]}


def test_a_clerk_finds_what_is_of_the_own_unit(replica: Replica) -> None:
    assert matches(replica, "zs", CLERK) == {"people": ["P1"]}
    assert matches(replica, "章山", CLERK) == {}
    assert matches(replica, "R-", CLERK) == {"records": ["R-2", "R-3"]}
    assert matches(replica, "S2", CLERK) == {"units": ["S2"]}
    assert matches(replica, "2022", CLERK) == {}
    with pytest.raises(Problem) as refused:
        matches(replica, "z", TEACHER)
    assert refused.value.status == 403


def test_nobody_learns_a_person_s_title_and_an_erased_name_is_not_found(replica: Replica) -> None:
    with replica.runtime.store.reading() as connection:
        rows = find(connection, OPERATOR, "R-", 9)["records"]
    titles = {row["record_id"]: row["title"] for row in rows}
    assert all(row["kind_title"] and row["kind_title"] != row["kind"] for row in rows), "by the plan"
    assert titles == {"R-1": "教育强国 100%", "R-2": "教育强国 100%", "R-3": ""}
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert matches(replica, "张三") == {}
    assert matches(replica, "P1") == {"people": ["P1"]}


@given(st.text(st.sampled_from("张三曾单吕阿a·1 "), min_size=1, max_size=6), st.data())
def test_every_way_to_spell_a_name_finds_it(name: str, data: st.DataObject) -> None:
    syllables = [syllables_of(sign) for sign in name if sign.strip() and sign not in "·1 "]
    runs = [spelt or ("a",) for spelt in syllables]
    if len(runs) != len(name):
        return  # a blank, a dot or a digit parts the name: no letters run over it
    letters = "".join(
        text[: data.draw(st.integers(1, len(text)))] for texts in runs for text in [data.draw(st.sampled_from(texts))]
    )
    assert is_spelt(letters, name)
    assert NameSearch(letters.upper()).match("x", name) is not Match.NONE


def test_a_long_text_of_one_letter_costs_nothing() -> None:
    assert not is_spelt("a" * 79 + "b", "阿" * 60)
