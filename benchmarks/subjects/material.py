"""Not measured: writes the bodies that participation would publish for so many records, one message a line."""

import eventlet

eventlet.monkey_patch()

import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from benchmarks import material, running  # noqa: E402
from chassis import log, wire  # noqa: E402
from chassis.projecting import Projections  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from contracts.participation import RecordSubmitted  # noqa: E402
from services.participation.service import Participation  # noqa: E402

PAGE = 2000


def main() -> None:
    order = running.order()
    with tempfile.TemporaryDirectory() as folder, Path(order["path"]).open("wb") as out:
        frame = Participation(Settings(data=folder))
        frame.projections = Projections()
        frame.store.install("participation", "district")
        previous, made = "", 0
        for first in range(0, order["events"], PAGE):
            with frame.working("bench") as work:
                count = min(PAGE, order["events"] - first)
                events = [RecordSubmitted(**one) for one in material.submitted(first, count)]
                work.keys.load({one.person_id for one in events})
                work.append(*events)
            with frame.store.reading() as connection:
                page = log.read(connection, 0, first, PAGE)
            for _, body in wire.bodies(wire.encode("district", "participation", previous, page)):
                made += out.write(body + b"\n")
            previous = page[-1].hash
    running.answer(events=order["events"], bytes=made)


if __name__ == "__main__":
    main()
