"""A province's scores: rows of units, people and records made in the database, all calculated, and one more
after another record."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from benchmarks import running  # noqa: E402
from benchmarks.filled_rows import Records, fill  # noqa: E402
from chassis.process import psycopg_wait  # noqa: E402
from chassis.process.settings import Settings  # noqa: E402
from chassis.runtime.extensions import unstarted  # noqa: E402
from chassis.store.row_statements import EVER  # noqa: E402
from duties.days import day_of  # noqa: E402
from services.assessment.service import Service as Assessment  # noqa: E402

psycopg_wait.install()

DAY = day_of("2023-12-31")
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
    with tempfile.TemporaryDirectory() as folder:
        asked = {"database_url": order["database"], "requests": [["score", "2023", DAY]], "known_at": None,
                 "folder": "", "cache": f"{folder}/scores.json", "campaign": None}  # fmt: skip
        whole, result = run_calculation(asked)
        with runtime.store.writing() as connection:
            for statement in MORE.split(";"):
                connection.exec_driver_sql(statement, (json.dumps({"unit_id": "X00000", "person_id": "P0000000"}),)
                                           if "%s" in statement else ())  # fmt: skip
        changed, again = run_calculation(asked)
    assert again["calculated"] == 1, again["calculated"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    running.answer(seconds=whole, changed=changed, peak=peak, units=len(result["units"]))


def run_calculation(asked: dict[str, object]) -> tuple[float, running.Figures]:
    """(seconds, answer) of the process that the service starts for it."""
    began = time.monotonic()
    module = "services.assessment.scores.score_run"
    done = subprocess.run([sys.executable, "-m", module], input=json.dumps(asked), text=True,
                          capture_output=True, check=True, cwd=running.ROOT,
                          env=os.environ | {"EVENTLET_NO_GREENDNS": "yes"})  # fmt: skip
    return time.monotonic() - began, json.loads(done.stdout)


if __name__ == "__main__":
    main()
