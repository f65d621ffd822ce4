"""Large imports are decided by a process of its own: as the service itself does it, and its faults are told."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.http import operator_routes
from chassis.http.routes import ROUTES
from chassis.process.latest_requests import LatestRequests
from chassis.process.problems import Problem
from chassis.process.worker_process import WorkerProcess
from chassis.store.database import Store, is_transient
from chassis.store.write_health import LOCKED, NO_CONNECTION, NotWritten, write_fault
from services.participation import service
from services.participation.imports import deciding_worker, job
from services.participation.imports import routes as imports_routes
from services.participation.imports.deciding_worker import DecidingWorker
from services.participation.imports.spool import BATCH, BATCH_ALONE
from services.participation.records.projections import records
from services.participation.registry import routes as registry_routes
from services.participation.tables import METADATA
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, campaign, district
from tests.services.participation.importing import imported, uploaded, worked
from tests.support import forks

HEADER = "record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence\n"
MIXED = [*(f"R{n},attendance,S1,P1,2022-09-10T14:00:00,,读书,,a.pdf" for n in range(120)), "R120,attendance,S1,,,,,,"]
BATCHES = -(-len(MIXED) // BATCH)


def body(rows: list[str]) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


@pytest.fixture(params=["sqlite", "postgresql"])
def replica(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """A launched campaign, a unit and its teacher."""
    if request.param == "sqlite":
        result = cluster.make_replica(tmp_path, "")
        campaign(result)
    else:
        result = request.getfixturevalue("make_replica")()
    assert set(district(result)) == {"accepted"}
    yield result
    result.service.imports.job._worker.stop()
    result.runtime.store.close()


@pytest.fixture(params=[0, 10**9], ids=["process", "service"])
def anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, replica: Replica) -> Replica:
    """Where imports of any size are decided by the process, or none."""
    monkeypatch.setattr(job, "AT_ONCE", request.param)
    return replica


@pytest.fixture
def by_process(monkeypatch: pytest.MonkeyPatch, replica: Replica) -> Replica:
    """While others ask too."""
    monkeypatch.setattr(job, "AT_ONCE", 0)
    monkeypatch.setattr(service, "LATELY_SECONDS", 3600.0)
    replica.runtime.latest_requests.note(registry_routes.__name__)
    return replica


def test_rows_become_the_same_wherever_they_are_decided(anywhere: Replica) -> None:
    (file,) = imported(anywhere, {"records.csv": body(MIXED)})["files"]
    assert (file["accepted"], file["refused"], file["rows"]) == (120, 1, 121)
    assert len(anywhere.rows(records)) == 120
    shown = imported(anywhere, {"records.csv": body([*MIXED, ""])})
    assert shown["files"][0]["unchanged"] == 120
    (row,) = anywhere.service.imports.refused_rows(shown["import_id"], 0, 10)
    assert (row["line"], row["column"]) == (122, "person_id")


def test_the_process_ends_with_the_work(by_process: Replica) -> None:
    worker = by_process.service.imports.job._worker._worker
    imported(by_process, {"records.csv": body(MIXED)})
    assert (worker.asked, worker.pid) == (1 + BATCHES, None)  # its start, and the batches


def test_a_process_killed_between_batches_is_followed_by_another(
    by_process: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", forks.PYTHON)  # one that is killed itself, at once, and not by its stand-in
    plain, killed, deciding = WorkerProcess.ask, list[int](), by_process.service.imports.job._worker._worker

    def ask(worker: WorkerProcess, question: object, *limits: Any) -> object:
        answer = plain(worker, question, *limits)
        if not killed and worker is deciding and worker.pid is not None:
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)
            os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
        return answer

    monkeypatch.setattr(WorkerProcess, "ask", ask)
    (file,) = imported(by_process, {"records.csv": body(MIXED)})["files"]
    assert killed and (file["accepted"], file["refused"]) == (120, 1)


def test_rows_that_are_gone_are_reported_as_by_the_service(
    by_process: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = uploaded(by_process, {"records.csv": body(MIXED)})
    imports = by_process.service.imports
    imports.job.read_all()
    worker = imports.job._worker
    plain = worker.decide_batch

    def without_rows(import_id: str, actor: str, most: int) -> object:
        imports._spool.rows(import_id, 0).unlink()
        return plain(import_id, actor, most)

    monkeypatch.setattr(worker, "decide_batch", without_rows)
    imports.job.decide_all()
    fault = imports.job.faults[import_id]
    assert isinstance(fault, Problem) and (fault.status, fault.code) == (409, "file_needed")
    assert fault.more == {"column": "records.csv"}


@pytest.mark.parametrize("replica", ["sqlite"], indirect=True)  # one file, one writer
def test_a_store_that_takes_nothing_is_known_as_such(by_process: Replica) -> None:
    store = by_process.runtime.store
    import_id = uploaded(by_process, {"records.csv": body(MIXED)})
    imports = by_process.service.imports
    imports.job.read_all()
    with store.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(NotWritten) as raised:
            imports.job._worker.decide_batch(import_id, "operator:operator", BATCH)
    assert write_fault(raised.value) == LOCKED and is_transient(raised.value)
    assert store.write_health.fault is not None and store.write_health.fault.word == LOCKED
    worked(by_process)
    assert imports.show_import(import_id)["finished"]


@pytest.mark.parametrize("replica", ["sqlite"], indirect=True)  # it gives the clock only
def test_a_store_that_is_away_at_its_start_is_known_as_such(replica: Replica, tmp_path: Path) -> None:
    away = Store("postgresql+psycopg://nobody@127.0.0.1:1/none", METADATA)
    worker = DecidingWorker(away, replica.service.imports.job._worker._units_of_work, tmp_path, lambda: None)
    with pytest.raises(NotWritten) as raised:
        worker.decide_batch("20220901-0123456789", "operator:operator", BATCH)
    worker.stop()
    assert write_fault(raised.value) == NO_CONNECTION and is_transient(raised.value)


def test_while_the_process_writes_the_service_answers_readers(by_process: Replica) -> None:
    """And who writes waits without holding up the others."""
    store, happened = by_process.runtime.store, list[str]()

    def write() -> None:
        with store.writing():
            happened.append("written")

    with store.lent():
        writer = eventlet.spawn(write)
        eventlet.sleep(0)
        with store.reading() as connection:
            happened.append(f"read {connection.exec_driver_sql('SELECT 1').scalar()}")
        if not store.postgresql:
            assert happened == ["read 1"]
    writer.wait()
    assert sorted(happened) == ["read 1", "written"]


def test_nobody_who_writes_waits_for_its_start(by_process: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, lent, ran = by_process.service.imports.job._worker._worker, by_process.runtime.store.lent, []

    def seen() -> Any:
        ran.append(worker.is_running)
        return lent()

    monkeypatch.setattr(by_process.runtime.store, "lent", seen)
    imported(by_process, {"records.csv": body(MIXED)})
    assert ran == [True] * BATCHES


def test_after_each_batch_but_the_last_it_rests_in_proportion(
    by_process: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(deciding_worker, "sleep", rests.append)
    monkeypatch.setattr(deciding_worker, "MOST_REST_SECONDS", 60.0)
    monkeypatch.setattr(deciding_worker, "REST", 2.0)
    imported(by_process, {"records.csv": body(MIXED)})
    taken = by_process.service.imports.job._worker._batch_seconds
    assert len(rests) == BATCHES - 1
    assert min(rests) > 0
    by_process.service.imports.job._worker.rest()
    assert rests[-1] == 2 * taken


@pytest.mark.parametrize("replica", ["sqlite"], indirect=True)
def test_where_nobody_else_asks_it_takes_larger_batches_and_does_not_rest(
    by_process: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever imports, other services and who looks after the service ask all the time."""
    requests, rests, worker = LatestRequests(), list[float](), by_process.service.imports.job._worker
    monkeypatch.setattr(by_process.runtime, "latest_requests", requests)
    monkeypatch.setattr(deciding_worker, "sleep", rests.append)
    for module in (imports_routes, operator_routes):
        requests.note(module.__name__)
    imported(by_process, {"records.csv": body([*MIXED, *MIXED])})
    assert (worker._worker.asked, rests) == (1 + -(-2 * len(MIXED) // BATCH_ALONE), [])


@pytest.mark.parametrize("replica", ["sqlite"], indirect=True)
def test_a_request_and_a_report_by_the_broker_are_somebody_who_asks(
    by_process: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, bearer = by_process.runtime, EnvironBuilder(headers={"Authorization": "Bearer one"}).get_environ()
    monkeypatch.setattr(runtime.verifier, "actor", lambda _: OPERATOR)
    (units,) = (
        each for each in ROUTES if each.url == "/api/units" and each.module.endswith("participation.registry.routes")
    )
    for ask in (lambda: getattr(by_process.service, units.name)(Request(bearer)),
                lambda: by_process.service.consume_reports([])):  # fmt: skip
        requests = LatestRequests()
        monkeypatch.setattr(runtime, "latest_requests", requests)
        assert requests.seconds_since_last(()) == float("inf")
        ask()
        assert requests.seconds_since_last((imports_routes.__name__, operator_routes.__name__)) < float("inf")
