"""Rosters that several confirm at once on PostgreSQL, of the same and of different previews: each line is applied once,
and what it says is what is so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chassis.process.problems import Problem
from services.participation.roster.domain.lines import CERTAIN
from services.participation.roster.handlers import BATCH, Selection
from services.participation.roster.previews import Preview
from services.participation.undo.handlers import undo_roster
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.test_rosters import begin, serving

DAY = "2023-03-01"
PEOPLE = BATCH * 2 + 7
NAMES = ("一小", "二小")


def rows(shift: int) -> str:
    return "".join(f"N{at:04},教师{at},{('教师', '干部')[at % 2]},{NAMES[(at + shift) % 2]}\n" for at in range(PEOPLE))


def state(shift: int) -> dict[str, tuple[str, str, str]]:
    return {
        f"N{at:04}": (f"教师{at}", ("teacher", "cadre")[at % 2], f"S{(at + shift) % 2 + 1}") for at in range(PEOPLE)
    }


def confirm_all(replica: Replica, preview: Preview, answers: list[dict[str, Any]]) -> None:
    while True:
        answer = replica.service.rosters.confirm(OPERATOR, preview.roster_id, preview.revision, Selection(CERTAIN, {}))
        if not answer["left"]:
            answers.append(answer)
            return


def at_once(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


@pytest.fixture
def replicas(make_replica: Callable[[], Replica]) -> list[Replica]:
    result = [make_replica() for _ in range(3)]
    for unit_id, name in (("S1", "一小"), ("S2", "二小")):
        result[0].submit("unit", unit_id=unit_id, name=name, kind="school", opened_on="2010-09-01")
    return result


def test_the_same_and_another_preview_confirmed_at_once(replicas: list[Replica]) -> None:
    for shift, day in ((0, DAY), (1, "2023-04-01")):
        first, second = (begin(replica, rows(shift), day) for replica in replicas[:2])
        answers: list[dict[str, Any]] = []
        before = Counter(type(recorded.event()).__name__ for recorded in replicas[0].log())
        at_once(*(partial(confirm_all, replica, preview, answers)
                  for replica, preview in zip(replicas, (first, first, second), strict=True)))  # fmt: skip
        assert len(answers) == 3
        assert serving(replicas[0], day) == state(shift)
        events = Counter(type(recorded.event()).__name__ for recorded in replicas[0].log()) - before
        assert events["MembershipStarted"] == PEOPLE and events["MembershipEnded"] == PEOPLE * shift
        outcomes = []
        for preview in (first, second):
            confirm_all(replicas[2], preview, outcomes)
        assert sum(outcome["accepted"] for outcome in outcomes) == PEOPLE
        assert sum(outcome["refused"] for outcome in outcomes) == PEOPLE, "changed since the other's preview"
        again = begin(replicas[1], rows(shift), day)
        assert again.counts["unchanged"] == PEOPLE


def test_a_confirmation_and_an_undo_at_once_end_as_one_after_the_other(replicas: list[Replica]) -> None:
    confirm_all(replicas[0], begin(replicas[0], rows(0)), [])
    preview = begin(replicas[0], rows(1), "2023-04-01")
    refusals: list[str] = []

    def confirm() -> None:
        try:
            confirm_all(replicas[0], preview, [])
        except Problem as error:  # the undo began meanwhile
            refusals.append(str(error))

    def undo() -> None:
        place, replica = None, replicas[1]
        while True:
            outcome = undo_roster(replica.runtime.units_of_work, preview.roster_id, "导错", place, OPERATOR)
            place = outcome.place
            if place is None:
                return

    at_once(confirm, undo)
    undo()
    assert serving(replicas[2], "2023-04-01") in (state(0), state(1))
    assert not refusals or "roster_undone" in refusals[0]
