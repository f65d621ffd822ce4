"""Two districts in one process, grown to `events` and to `small`: then what the next events cost each, in turn."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
import eventlet

eventlet.monkey_patch()

import statistics  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from benchmarks import district_rows, running  # noqa: E402
from chassis.events import envelope  # noqa: E402
from chassis.process import psycopg_wait  # noqa: E402
from chassis.process.settings import Settings  # noqa: E402
from chassis.runtime.extensions import unstarted  # noqa: E402
from chassis.store import event_log  # noqa: E402
from contracts.participation import RecordSubmitted  # noqa: E402
from services.assessment.service import Service as Assessment  # noqa: E402
from services.participation.service import Service as Participation  # noqa: E402

psycopg_wait.install()

CHUNK, BATCH, MESSAGES = 4000, 500, 20


class District:
    """Participation appending and assessment consuming, each on a store of its own."""

    def __init__(self, folder: str, ours: str, theirs: str) -> None:
        self.source = unstarted(Participation, Settings(database_url=ours, data=folder)).runtime
        self.subscriber = unstarted(Assessment, Settings(database_url=theirs, data=folder)).runtime
        for runtime in (self.source, self.subscriber):
            runtime.store.install(runtime.service, "district")
        self.position, self.hash = 0, ""

    def grow(self, count: int) -> tuple[float, float]:
        """Seconds an event that appending and consuming took."""
        events = [RecordSubmitted(**item) for item in district_rows.impersonal(self.position, count)]
        began = time.monotonic()
        for at in range(0, count, BATCH):
            with self.source.unit_of_work("bench") as work:
                work.append(*events[at : at + BATCH])
        appended = time.monotonic()
        with self.source.store.reading() as connection:
            page = event_log.read(connection, 0, self.position, count)
        bodies = [body for _, body in envelope.bodies(envelope.encode("district", "participation", self.hash, page))]
        self.position, self.hash = page[-1].position, page[-1].hash
        sent = time.monotonic()
        for at in range(0, len(bodies), MESSAGES):
            if not self.subscriber.inbox.receive(bodies[at : at + MESSAGES]):
                raise running.SubjectFailed("a gap")
        return (appended - began) / count, (time.monotonic() - sent) / count


def main() -> None:
    order = running.order()
    with tempfile.TemporaryDirectory() as folder:
        small, large = (District(folder, *order["databases"][at : at + 2]) for at in (0, 2))
        for district, until in ((small, order["small"]), (large, order["events"])):
            while district.position < until:
                district.grow(min(CHUNK, until - district.position))
        ratios = []
        for _ in range(order["rounds"]):
            before, after = small.grow(CHUNK), large.grow(CHUNK)
            ratios.append([large_cost / small_cost for small_cost, large_cost in zip(before, after, strict=True)])
    append, consume = (statistics.median(ratio[at] for ratio in ratios) for at in (0, 1))
    running.answer(append=append, consume=consume, ratios=ratios)


if __name__ == "__main__":
    main()
