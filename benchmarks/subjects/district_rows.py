"""Not measured: writes the bodies that participation would publish for so many records, one message a line."""

import eventlet

eventlet.monkey_patch()

import dataclasses  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from benchmarks import district_rows, running  # noqa: E402
from chassis.events import envelope  # noqa: E402
from chassis.process.settings import Settings  # noqa: E402
from chassis.runtime.extensions import unstarted  # noqa: E402
from chassis.store import event_log  # noqa: E402
from chassis.store.projections import Projections  # noqa: E402
from contracts.participation import RecordSubmitted  # noqa: E402
from services.participation.service import Service as Participation  # noqa: E402

PAGE = 2000


def main() -> None:
    order = running.order()
    with tempfile.TemporaryDirectory() as folder, Path(order["path"]).open("wb") as out:
        runtime = unstarted(Participation, Settings(data=folder)).runtime
        runtime.units_of_work = dataclasses.replace(runtime.units_of_work, projections=Projections())
        runtime.store.install("participation", "district")
        previous, result = "", 0
        for first in range(0, order["events"], PAGE):
            with runtime.unit_of_work("bench") as work:
                count = min(PAGE, order["events"] - first)
                events = [RecordSubmitted(**item) for item in district_rows.submitted(first, count)]
                work.keys.load({event.person_id for event in events})
                work.append(*events)
            with runtime.store.reading() as connection:
                page = event_log.read(connection, 0, first, PAGE)
            for _, body in envelope.bodies(envelope.encode("district", "participation", previous, page)):
                result += out.write(body + b"\n")
            previous = page[-1].hash
    running.answer(events=order["events"], bytes=result)


if __name__ == "__main__":
    main()
