"""Six months of a personnel office's exports, unedited, bring the book to each month's state by preview and
confirmation: the same as a plain model of the office says, with and without days of service in the files."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.participation.roster.domain.lines import CERTAIN, Book, Line
from services.participation.roster.handlers import Selection
from services.participation.roster.queries import read_book
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.roster_months import CALLED, MONTHS, ROLES, UNITS, Office, export
from tests.services.participation.test_rosters import compared, compared_again


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    for unit_id, name in UNITS.items():
        replica.submit("unit", unit_id=unit_id, name=name, kind="school", opened_on="2010-09-01")
    yield replica
    replica.runtime.store.close()


def book(replica: Replica) -> Book:
    with replica.runtime.store.reading() as connection:
        return read_book(connection)


def state(replica: Replica, day: date) -> dict[str, tuple[str, str, str]]:
    known, text = book(replica), day.isoformat()
    return {name: (now.name, now.role, now.unit_id) for name in known.people if (now := known.serving(name, text))}


def explain(replica: Replica) -> None:
    """Once, of the first file: what its words mean."""
    words = [("unit_id", word, unit_id) for unit_id, word in CALLED.items()]
    words += [("role", word, role) for role, (_, word) in ROLES.items()]
    replica.service.rosters.explain_words(
        [{"column": column, "word": word, "value": value} for column, word, value in words], OPERATOR, "")  # fmt: skip


def decide(lines: list[Line], office: Office, asked: set[str]) -> dict[str, str]:
    """What the office answers: who is missing has left but for those on leave, a number under a wholly other name was
    given to somebody new, and of two rows that of the unit where the person serves counts; of each person that is asked
    once."""
    chosen = {}
    for line in lines:
        if line.group == "missing":
            chosen |= {line.key: "end"} if line.person_id not in office.on_leave else {}
        elif line.reason == "other_name":
            assert line.person_id in office.reused, line
            chosen[line.key] = "follow"
            asked.add(line.person_id)
        elif line.group == "unsure":
            assert (line.reason, line.person_id in office.twice) == ("two_rows", True), line
            assert line.person_id not in asked, line
            asked.add(line.person_id)
            unit = office.people[line.person_id][-1].unit
            chosen[line.key] = next(option.key for option in line.options if option.after.unit_id == unit)  # type: ignore[union-attr]
    return chosen


@pytest.mark.parametrize("dates", [False, True], ids=["without days", "with days"])
@pytest.mark.parametrize("seed", [1, 2])
def test_six_exports_bring_the_book_to_the_state_of_each_month(replica: Replica, dates: bool, seed: int) -> None:
    office, rosters, groups = Office(dates, random.Random(seed)), replica.service.rosters, Counter[str]()
    office.begin(MONTHS[0])
    asked: set[str] = set()
    for month, day in enumerate(MONTHS):
        if month:
            office.month(day)
        content = export(office, day)
        preview = compared(replica, content, day.isoformat(), "花名册.xlsx")
        if not month:
            explain(replica)
            preview = compared_again(replica, preview)
        selection = Selection(CERTAIN, decide(rosters.previews.lines(preview.roster_id), office, asked))
        while (answer := rosters.confirm(OPERATOR, preview.roster_id, preview.revision, selection))["left"]:
            pass
        assert answer["refused"] == 0
        groups.update(preview.counts)
        assert state(replica, day) == office.state(day)
        again = compared(replica, content, day.isoformat(), "花名册.xlsx")
        assert again.counts["missing"] == len(office.on_leave)
        assert {group for group, count in again.counts.items() if count} <= {"unchanged", "missing"}
    assert not dates or states_of_all_months(replica) == [len(office.state(day)) for day in MONTHS]
    assert len(office.reused) > 1 and office.reused <= asked
    assert min(groups[group] for group in ("joined", "moved", "role_changed", "renamed", "missing", "unsure")) > 9


def states_of_all_months(replica: Replica) -> list[int]:
    """How many served on each day, asked at the end: what was so then is what is said of then."""
    return [len(state(replica, day)) for day in MONTHS]
