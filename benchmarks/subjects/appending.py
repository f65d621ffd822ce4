"""Ours: events appended in batches to participation's log, with its rows or (`rows` false) the log alone."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
import eventlet

eventlet.monkey_patch()

import dataclasses  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from benchmarks import district_rows, running  # noqa: E402
from chassis.process import psycopg_wait  # noqa: E402
from chassis.process.settings import Settings  # noqa: E402
from chassis.runtime.extensions import unstarted  # noqa: E402
from chassis.store.projections import Projections  # noqa: E402
from contracts.participation import RecordSubmitted  # noqa: E402
from services.participation.service import Service as Participation  # noqa: E402

psycopg_wait.install()


def main() -> None:
    order = running.order()
    events = [RecordSubmitted(**item) for item in district_rows.impersonal(0, order["events"])]
    with tempfile.TemporaryDirectory() as folder:
        runtime = unstarted(Participation, Settings(data=folder, database_url=order["database"])).runtime
        if not order["rows"]:
            runtime.units_of_work = dataclasses.replace(runtime.units_of_work, projections=Projections())
        runtime.store.install("participation", "district")
        size = order["batch"]
        began = time.monotonic()
        for at in range(0, len(events), size):
            with runtime.unit_of_work("bench") as work:
                work.append(*events[at : at + size])
        running.answer(events=len(events), seconds=time.monotonic() - began)


if __name__ == "__main__":
    main()
