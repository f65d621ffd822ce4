"""A roster is compared by a job: begun, left, found again; cut off anywhere it is gone on with, or says why it
ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.subprocesses import ProcessFailed
from services.participation.roster import comparing, job
from services.participation.roster.comparisons import ABANDONED, COMPARING, READING, UNREADABLE, WAITING
from services.participation.roster.domain.lines import CERTAIN
from services.participation.roster.handlers import Rosters, VisibleRoster
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.test_rosters import CLERK, DAY, HEAD, begin, compared_again, confirm, lines

ROWS = "".join(f"N{at:04},教师{at},{('教师', '干部')[at % 2]},一小\n" for at in range(700)) + "P1,许悦,干部,一小\n"


@pytest.fixture
def replica(tmp_path: Path) -> Replica:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    rosters_of(replica).wait_seconds = 0
    return replica


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is compared by a process of its own."""
    monkeypatch.setattr(job, "AT_ONCE", 0)


def rosters_of(replica: Replica) -> Rosters:
    rosters: Rosters = replica.service.rosters
    return rosters


def send(replica: Replica, rows: str = ROWS, **more: Any) -> VisibleRoster:
    """A file sent, not compared yet."""
    given = {"actor": OPERATOR, "unit_id": "", "as_of": DAY, "file": "三月.csv", "older": False, **more}
    return rosters_of(replica).begin(chunks=[(HEAD + rows).encode()], **given)


def look(replica: Replica, seen: VisibleRoster) -> tuple[str, dict[str, int]]:
    now = rosters_of(replica).look(OPERATOR, seen.preview.roster_id)
    counts = {group: count for group, count in now.preview.counts.items() if count}
    return now.comparison.state if now.comparison else "compared", counts


def test_a_process_of_its_own_finds_what_the_service_finds(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    here = begin(replica, ROWS)
    monkeypatch.setattr(job, "AT_ONCE", 0)
    there = begin(replica, ROWS)
    assert here.counts == there.counts == dict.fromkeys(here.counts, 0) | {"joined": 700, "role_changed": 1}
    assert lines(replica, here) == lines(replica, there)
    again = compared_again(replica, there)
    assert (again.revision, again.counts, again.notes) == (2, there.counts, there.notes)
    accepted = [confirm(replica, again, *CERTAIN)]
    while accepted[-1]["left"]:  # each confirms for a limited time
        accepted.append(confirm(replica, again, *CERTAIN))
    assert accepted[-1]["accepted"] == 701


def test_what_a_killed_service_left_the_next_goes_on_with(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, rosters = send(replica), rosters_of(replica)
    assert look(replica, seen) == (WAITING, {})
    with pytest.raises(Problem, match="not_compared"):
        rosters.confirm(OPERATOR, seen.preview.roster_id, 1, None)  # type: ignore[arg-type]  # it comes not so far
    assert [each.preview.roster_id for each in rosters.listed(OPERATOR)] == [seen.preview.roster_id]
    assert rosters.listed(CLERK) == [], "the district's is none of a school's clerk"

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing, "compare", cut_off)
    with pytest.raises(KeyboardInterrupt):
        rosters.job.compare_all()
    monkeypatch.undo()
    assert look(replica, seen) == (READING, {})
    replica.runtime.store.close()
    restarted = cluster.make_replica(tmp_path, "")
    rosters_of(restarted).job.compare_all()
    assert look(restarted, seen) == ("compared", {"joined": 700, "role_changed": 1})
    assert not list(rosters.previews.folder.glob("*.comparison")), "the file that was sent is gone"


def test_the_comparing_process_killed_is_begun_again_and_given_up_with_a_remedy(
    replica: Replica, elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise ProcessFailed(f"ended with {-signal.SIGKILL}")

    first, second = send(replica), send(replica)
    monkeypatch.setattr(job.subprocesses, "run_module", killed)
    rosters_of(replica).job.compare_all()
    assert look(replica, first)[0] == READING
    for _ in range(job.MOST_ATTEMPTS):
        rosters_of(replica).job.compare_all()
    now = rosters_of(replica).look(OPERATOR, first.preview.roster_id)
    assert now.comparison and (now.comparison.state, now.comparison.fault) == (ABANDONED, job.GAVE_UP)
    monkeypatch.undo()
    rosters_of(replica).job.compare_all()
    assert [look(replica, each)[0] for each in (first, second)] == [ABANDONED] * 2, "not for ever"


def test_how_far_it_is_stands_where_every_replica_sees_it(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "NOTED_SECONDS", 0.0)
    seen, other, noted = send(replica), cluster.make_replica(tmp_path, ""), []

    def between() -> None:
        now = rosters_of(other).look(OPERATOR, seen.preview.roster_id).comparison
        noted.append((now.state, now.done, now.total) if now else None)

    monkeypatch.setattr(job, "yield_control", between)
    rosters_of(replica).job.compare_all()
    assert noted == [*((COMPARING, done, 701) for done in (1, 201, 401, 601)), None]


def test_a_file_that_cannot_be_read_says_so_at_once_or_where_it_is_found_again(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosters = rosters_of(replica)
    seen = rosters.begin(OPERATOR, "", DAY, "三月.xlsx", False, [b"PK\x03\x04" + os.urandom(99)])
    rosters.job.compare_all()
    now = rosters.look(OPERATOR, seen.preview.roster_id)
    assert now.comparison and now.comparison.state == UNREADABLE and now.comparison.fault
    assert not (rosters.previews.folder / f"{seen.preview.roster_id}.comparison" / "raw").exists()
    monkeypatch.setattr(rosters.job.moved, "wait", lambda _: rosters.job.compare_all())
    rosters.wait_seconds = 1
    with pytest.raises(Problem, match="unreadable"):
        rosters.begin(OPERATOR, "", DAY, "三月.xlsx", False, [b"PK\x03\x04"])
    assert [each.preview.roster_id for each in rosters.listed(OPERATOR)] == [seen.preview.roster_id]
    monkeypatch.setattr("services.participation.roster.previews.KEPT_SECONDS", -1)
    rosters.previews.sweep()
    assert rosters.listed(OPERATOR) == []


@pytest.mark.parametrize("when", ["waiting", "comparing"])
def test_an_erasure_leaves_nothing_of_a_comparison_that_waits_or_runs(
    replica: Replica, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    seen, rosters = send(replica), rosters_of(replica)
    make: Callable[..., Any] = type(rosters.previews).make

    def erased_meanwhile(*words: Any) -> Any:
        rosters.erase("P1")
        return make(*words)

    if when == "waiting":
        rosters.erase("P1")
    else:
        monkeypatch.setattr(type(rosters.previews), "make", erased_meanwhile)
    rosters.job.compare_all()
    assert [path.name for path in rosters.previews.folder.glob("*")] == ["erased"]
    with pytest.raises(Problem, match="unknown_roster"):
        rosters.look(OPERATOR, seen.preview.roster_id)
