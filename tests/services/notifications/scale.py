"""How much memory and time a large district's digests take: `python -m tests.services.notifications.scale [PEOPLE]`."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Store
from chassis.store.projections import Rows
from duties.days import day_of
from services.notifications.digests.addressees import Addressee
from services.notifications.digests.domain.items import parse_items
from services.notifications.digests.message_texts import render_message
from services.notifications.digests.names import load_display_names
from services.notifications.obligations.queries import campaign_in_force
from services.notifications.tables import metadata
from tests.services.notifications.subject import Subject, record, school, teacher

PER_UNIT, RECORDS = 50, 5


def fill(subject: Subject, people: int) -> None:
    """Units of 50, each person with a few records of another kind, nobody with the book: straight into the rows, since
    what is measured comes after."""
    units = [f"U{n:05}" for n in range(people // PER_UNIT)]
    put(subject, [school(unit, f"第{n}小学") for n, unit in enumerate(units)])
    for start in range(0, people, 2000):
        ids = range(start, min(start + 2000, people))
        put(subject, [teacher(f"P{n:06}", units[n // PER_UNIT]) for n in ids])
        put(subject, [record(f"R{n:06}-{k}", "talk", "2022-11-10", units[n // PER_UNIT], f"P{n:06}")
                   for n in ids for k in range(RECORDS)])  # fmt: skip


def put(subject: Subject, events: Sequence[Event]) -> None:
    at = "2022-11-10T00:00:00.000000Z"
    nothing = RecordedEvent(0, 0, "", "", "", 0, at, at, "", "", "", "", "")
    with subject.runtime.store.writing() as connection:
        rows = Rows(subject.runtime.store, connection)
        subject.runtime.projections.apply(rows, [(event, nothing) for event in events])
        rows.flush()


def measure(people: int, folder: Path) -> dict[str, object]:
    """Seconds and MiB of deciding (a process of its own) and of rendering every letter."""
    subject = Subject(folder / "data").launches()
    fill(subject, people)
    url = subject.runtime.store.url.render_as_string(hide_password=False)
    order = {"database_url": url, "day": day_of("2022-12-01"), "file": str(folder / "digests")}
    program = (
        "import resource,sys;from services.notifications.digests import decision as d;d.main();"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024))"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], input=json.dumps(order).encode(), capture_output=True,
                          check=True)  # fmt: skip
    decided = time.monotonic() - began
    child = [sys.executable, "-W", "ignore", "-m", __spec__.name, "render", url, str(folder / "digests")]
    began = time.monotonic()
    rendered = subprocess.run(child, capture_output=True, check=True)
    return {"people": people, **json.loads(done.stdout), "deciding_seconds": round(decided, 1),
            "deciding_mib": int(done.stderr.split()[-1]), "rendering_seconds": round(time.monotonic() - began, 1),
            **json.loads(rendered.stdout)}  # fmt: skip


def render(url: str, file: Path) -> None:
    """Every letter of the file, one after the other, as sending makes them."""
    store = Store(url, metadata)
    letters = size = 0
    with store.reading() as connection:
        campaign = campaign_in_force(connection)
        assert campaign is not None
        words = load_display_names(connection, campaign)
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                item = json.loads(line)
                result = render_message(
                    [Addressee(item["recipient"], item["unit_id"], parse_items(item["items"]))],
                    "2022-12-01",
                    "08:30",
                    words,
                )
                letters, size = letters + 1, size + len(result.text) + len(result.html)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"letters": letters, "characters": size, "rendering_mib": memory}))  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:2] == ["render"]:
        render(sys.argv[2], Path(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory() as place:
            print(json.dumps(measure(int((sys.argv[1:] or ["20000"])[0]), Path(place)), indent=2))  # noqa: T201
