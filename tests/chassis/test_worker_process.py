"""A worker process: it keeps its state, answers in turn, is started again when it died, and ends with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import eventlet
import pytest

from chassis.process.subprocesses import ProcessFailed
from chassis.process.worker_process import SharedAnswer, WorkerProcess
from tests.support.processes import children_of, wait_until

COUNTER = "tests.chassis.kept_counter"
OWNER = f"""
from chassis.process.worker_process import WorkerProcess
worker = WorkerProcess({COUNTER!r})
print(worker.ask({{}})["pid"], flush=True)
input()
"""


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    result = WorkerProcess(COUNTER)
    yield result
    result.stop()


def test_it_keeps_its_state_between_questions(worker: WorkerProcess) -> None:
    assert [worker.ask({})["asked"] for _ in range(3)] == [1, 2, 3]


def test_a_killed_worker_costs_its_state_and_nothing_else(worker: WorkerProcess) -> None:
    pid = worker.ask({})["pid"]
    os.kill(pid, signal.SIGKILL)
    again = worker.ask({})
    assert (again["asked"], again["pid"] != pid) == (1, True)


def test_a_question_that_met_its_end_is_asked_of_the_next_one(worker: WorkerProcess, tmp_path: Path) -> None:
    worker.ask({})
    assert worker.ask({"die_first": str(tmp_path / "died")})["asked"] == 1


def test_a_question_that_kills_every_worker_fails(worker: WorkerProcess) -> None:
    with pytest.raises(ProcessFailed, match="twice"):
        worker.ask({"die": True})
    assert worker.ask({})["asked"] == 1


def test_a_question_that_takes_too_long_fails_and_its_answer_is_nobody_elses(worker: WorkerProcess) -> None:
    with pytest.raises(ProcessFailed, match="longer than"):
        worker.ask({"seconds": 30}, seconds=1)
    assert worker.ask({"size": 2})["text"] == "案案"


def test_questions_are_answered_in_turn_while_other_greenlets_run(worker: WorkerProcess) -> None:
    worker.ask({})
    turns: list[int] = []
    ticking = eventlet.spawn(_tick, turns)
    asked = [eventlet.spawn(worker.ask, {"seconds": 0.2, "size": 200_000}) for _ in range(3)]
    assert [question.wait()["asked"] for question in asked] == [2, 3, 4]
    ticking.kill()
    assert len(turns) > 10


def test_who_waits_for_a_turn_shares_the_next_answer_and_never_one_asked_before(worker: WorkerProcess) -> None:
    shared = SharedAnswer(lambda: worker.ask({"seconds": 0.1})["asked"])
    waiting = [eventlet.spawn(shared.get) for _ in range(5)]
    assert [greenlet.wait() for greenlet in waiting] == [1, 2, 2, 2, 2]
    assert not shared.is_asked
    assert shared.get() == 3


def test_a_shared_question_that_failed_is_asked_again(worker: WorkerProcess) -> None:
    questions = iter([{"die": True}, {}])
    shared = SharedAnswer(lambda: worker.ask(next(questions))["asked"])
    with pytest.raises(ProcessFailed):
        shared.get()
    assert shared.get() == 1


def _tick(turns: list[int]) -> None:
    while True:
        eventlet.sleep(0.02)
        turns.append(1)


def test_it_ends_when_asked_to_and_with_its_owner_however_that_ends(worker: WorkerProcess) -> None:
    before = set(children_of(os.getpid()))
    worker.ask({})
    worker.stop()
    assert set(children_of(os.getpid())) <= before
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    wait_until(lambda: not _runs(pid), 10, "the worker of a killed owner is gone")


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
