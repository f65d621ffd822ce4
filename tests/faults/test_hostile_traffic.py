"""Hostile traffic against an embedded system: others are answered as before, memory and descriptors stay flat.

Until every hostile file and request has been sent; `make hostile` repeats them for ten minutes."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import hostile_files
from tests.support.slow_clients import SlowClients, answer_seconds, exchange
from tests.support.system import PORTS, SAMPLES, EmbeddedSystem

pytestmark = pytest.mark.endurance

SECONDS = float(os.environ.get("QIHANG_HOSTILE_SECONDS", "0"))
"""How long attacks are repeated; each is gone through once, however long that takes."""
MALFORMED = 3
"""How often each malformed request is sent to each port, so that what it leaves behind would be seen."""
LONGEST = 120.0  # seconds, for the attacks of every kind
SLOWEST_ANSWER = 6.0  # seconds, of the median of others, on a machine that is shared
MAY_GROW = 256 << 20  # bytes of all processes: caches, what an allocator keeps, and one reader of files that still runs
LEFT_OPEN = 40  # descriptors: connections that time out later


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    result = EmbeddedSystem(tmp_path_factory.mktemp("hostile") / "system")
    result.start().ready()
    result.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    yield result
    result.discard()


def test_hostile_traffic_is_not_felt_by_others(system: EmbeddedSystem) -> None:
    ports = [system.base + at for at in PORTS.values()]
    for port in ports:
        answer_seconds(port)
    before = _taken(system)
    answers: list[float] = []
    ended = threading.Event()
    attacks = [Attack(attack, kinds, ended) for attack, kinds in _attacks(system)]
    for thread in attacks:
        thread.start()
    began, others = time.monotonic(), itertools.cycle(ports)
    while time.monotonic() < began + SECONDS or not all(attack.all_sent for attack in attacks):
        assert time.monotonic() < began + max(SECONDS, LONGEST), [attack.sent for attack in attacks]
        answers.append(answer_seconds(next(others), times=1))
        ended.wait(0.1)
    ended.set()
    for thread in attacks:
        thread.join(60)
    after = _settled(system, before)
    answers.sort()
    median = answers[len(answers) // 2]
    figures = (
        f"{len(answers)} answers, median {median:.2f} s, longest {answers[-1]:.2f} s; before {before}, after {after}"
    )
    (system.data.parent / "figures.txt").write_text(figures)
    assert median < SLOWEST_ANSWER, figures
    assert after[0] - before[0] < MAY_GROW, figures
    assert after[1] - before[1] < LEFT_OPEN, figures


class Attack(threading.Thread):
    """Repeats an attack, of so many kinds in turn."""

    def __init__(self, attack: Callable[[], None], kinds: int, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self._attack, self._kinds, self._ended = attack, kinds, ended
        self.sent = 0

    @property
    def all_sent(self) -> bool:
        return self.sent >= self._kinds

    def run(self) -> None:
        while not self._ended.is_set() and (SECONDS or not self.all_sent):
            with contextlib.suppress(OSError):  # a refused or broken connection is the system's right
                self._attack()
            self.sent += 1


def _attacks(system: EmbeddedSystem) -> list[tuple[Callable[[], None], int]]:
    """Each with how many kinds of it there are."""
    files = [content for _, content in hostile_files.workbooks()]
    requests = [
        b"GET / HTTP/1.1\r\nHost: " + b"a" * 70_000 + b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40,
        b"POST /s/participation/intake/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /signin HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 99999999999\r\n\r\nuser=a",
        b"GET /s/publicity/api/works/" + b"%00/../" * 500 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ]  # fmt: skip
    bombs, broken = itertools.cycle(files), itertools.cycle(requests)

    def slow() -> None:
        for port in (system.base, system.base + 1):
            with SlowClients(port, silent=40, heads=20, bodies=20):
                time.sleep(2)

    def malformed() -> None:
        request = next(broken)
        for port in (system.base, system.base + PORTS["publicity"]):
            exchange(port, request, 3)

    def upload() -> None:
        content = next(bombs)
        entry = {"name": "records.csv", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        _, begun = system.ask("POST", "participation", "/api/imports", {"files": [entry]})
        path = f"/api/imports/{begun['import_id']}/files/records.csv"
        status, _ = system.ask("PUT", "participation", path, content, Content_Type="application/octet-stream")
        assert status in (204, 503), status

    return [(slow, 2), (malformed, MALFORMED * len(requests)), (upload, len(files))]


def _taken(system: EmbeddedSystem) -> tuple[int, int]:
    """Resident bytes and open descriptors of the system's processes."""
    parent = system.processes["system"].pid
    pids = [parent, *_children(parent)]
    memory = files = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            memory += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            files += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return memory, files


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _settled(system: EmbeddedSystem, before: tuple[int, int]) -> tuple[int, int]:
    """When the last reader of a file has ended and what attackers left open is closed; after two minutes as it is."""
    limit = time.monotonic() + 120
    while True:
        now = _taken(system)
        is_settled = now[0] - before[0] < MAY_GROW and now[1] - before[1] < LEFT_OPEN
        if is_settled or time.monotonic() > limit:
            return now
        time.sleep(1)
