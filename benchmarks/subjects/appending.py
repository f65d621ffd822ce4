"""Ours: events appended in batches to participation's log, with its rows or (`rows` false) the log alone."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
import eventlet

eventlet.monkey_patch()

import tempfile  # noqa: E402
import time  # noqa: E402

from benchmarks import material, running  # noqa: E402
from chassis import hub_wait  # noqa: E402
from chassis.projecting import Projections  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from contracts.participation import RecordSubmitted  # noqa: E402
from services.participation.service import Participation  # noqa: E402

hub_wait.install()


def main() -> None:
    order = running.order()
    events = [RecordSubmitted(**one) for one in material.impersonal(0, order["events"])]
    with tempfile.TemporaryDirectory() as folder:
        frame = Participation(Settings(data=folder, database_url=order["database"]))
        if not order["rows"]:
            frame.projections = Projections()
        frame.store.install("participation", "district")
        size = order["batch"]
        began = time.monotonic()
        for at in range(0, len(events), size):
            with frame.working("bench") as work:
                work.append(*events[at : at + size])
        running.answer(events=len(events), seconds=time.monotonic() - began)


if __name__ == "__main__":
    main()
