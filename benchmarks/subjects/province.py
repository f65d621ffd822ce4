"""A province's scores: rows of units, people and records made in the database, all calculated, and one more
after another record."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from benchmarks import running  # noqa: E402
from benchmarks.filled_rows import Records, fill  # noqa: E402
from chassis.process import psycopg_wait  # noqa: E402
from chassis.process.settings import Settings  # noqa: E402
from chassis.process.worker_process import WorkerProcess  # noqa: E402
from chassis.runtime.extensions import unstarted  # noqa: E402
from chassis.store.row_statements import EVER  # noqa: E402
from duties.days import day_of  # noqa: E402
from services.assessment.scores import score_worker  # noqa: E402
from services.assessment.service import Service as Assessment  # noqa: E402

psycopg_wait.install()

DAY = day_of("2023-12-31")
RECORD = json.dumps({"record_id": "C1", "kind": "attendance", "unit_id": "X00000", "person_id": "P0000000"})
MORE = f"""
INSERT INTO rows.records (record_id, campaign, kind, unit_id, person_id, day, done_at, period, content, evidence,
    reported_at, unit_reported_at, position, known_from, known_until, voided, changed, correction_id)
    SELECT 'C1', campaign, kind, unit_id, person_id, day, done_at, period, content, evidence, reported_at,
    unit_reported_at, {EVER}, 2, {EVER}, 0, '', '' FROM rows.records
    WHERE record_id = 'B000000000' AND known_until = {EVER};
INSERT INTO inbox_events VALUES ('participation', 0, 1, 'e-0-1', 'participation.record_submitted.v1', 'record-C1', 1,
    '', '', '', '', '', %s, '');
UPDATE inbox_cursors SET position = 1
"""


def main() -> None:
    order = running.order()
    with tempfile.TemporaryDirectory() as folder:
        runtime = unstarted(Assessment, Settings(data=folder, database_url=order["database"])).runtime
        runtime.store.install("assessment", "district")
    numbers = order["numbers"]
    with runtime.store.writing() as connection:
        fill(connection, numbers["units"], numbers["people"], DAY, Records(numbers["records"], ["attendance"], True))
    asked = {"database_url": order["database"], "window": "2023", "as_of": DAY, "rebuilds": 0}
    worker = WorkerProcess(score_worker.MODULE)
    whole, result = timed(worker, asked)
    with runtime.store.writing() as connection:
        for statement in MORE.split(";"):
            connection.exec_driver_sql(statement, (RECORD,) if "%s" in statement else ())
    changed, again = timed(worker, asked)
    assert (again["units_read"], again["people_read"]) <= (1, 100), again["people_read"]
    peak = running.peak_of(int(worker.pid or 0))
    worker.stop()
    running.answer(seconds=whole, changed=changed, peak=peak, units=len(result["units"]))


def timed(worker: WorkerProcess, asked: dict[str, object]) -> tuple[float, running.Figures]:
    """(seconds, answer) of the process that keeps the scoreboard."""
    began = time.monotonic()
    result: running.Figures = worker.ask(asked, running.LONG_LIMIT)
    return time.monotonic() - began, result


if __name__ == "__main__":
    main()
