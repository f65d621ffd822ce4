"""kill -9 in the middle of sending 220 mails: nothing lost, at most one repeat a crash, and that with the same id."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import sqlalchemy as sa

from services.notifications.contacts.domain import Contact
from tests.services.notifications.subject import Subject, run_of, teacher
from tests.support.mail_server import MailServer
from tests.support.system import ROOT

pytestmark = pytest.mark.endurance

QUANTITY, CRASHES = 220, (40, 120, 121, 205)
"""Mails, more than a page of 200, and after how many of them the sender is killed; each is an intent, a message and an
outcome of its own."""
LIMIT = 120.0


MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it


class Senders:
    """One sender after the other, each a fresh child; `say` when the next is to start."""

    def __init__(self, settings: str, log: Path) -> None:
        words = [sys.executable, "-W", "ignore", "-m", "tests.services.notifications.sender", "each", settings]
        self._log = log.open("w")
        self._parent = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self._log, text=True)  # fmt: skip

    def start(self) -> int:
        assert self._parent.stdin is not None
        self._parent.stdin.write("next\n")
        self._parent.stdin.flush()
        return int(self._line())

    def status(self) -> int:
        """How the one that was started ended."""
        return int(self._line())

    def _line(self) -> str:
        assert self._parent.stdout is not None
        while (line := self._parent.stdout.readline().strip()) == "sending":
            pass
        return line

    def stop(self) -> None:
        self._parent.kill()
        self._parent.wait(10)
        self._log.close()


Many: TypeAlias = tuple[Subject, Senders, list[str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of a role of its own, whose settings are no other test's; it is there before a store is."""
    if request.param == "sqlite":
        yield ""
        return
    postgres = request.getfixturevalue("postgres")
    yield (database := str(postgres.create_database()))
    postgres.drop_database(database)


@pytest.fixture
def unhurried(url: str) -> Iterator[Path]:
    """A folder in memory, and commits that do not wait for a disk: what dies here is a process, never the machine."""
    if url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        engine.dispose()
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def many_mails(unhurried: Path, tmp_path: Path, url: str, mail: MailServer) -> Iterator[Many]:
    """Teachers with addresses, all of whom are to be told today."""
    subject = Subject(unhurried / "data", url, mail).launches().at("2022-11-25T09:00")
    people = [f"P{n:05}" for n in range(QUANTITY)]
    subject.receives_many([teacher(person) for person in people])
    subject.knows(*(Contact(f"person-{person}", "", f"{person}@t.cn") for person in people))
    subject.close()
    senders = Senders(json.dumps(dataclasses.asdict(subject.runtime.settings)), tmp_path / "senders.log")
    yield subject, senders, people
    senders.stop()


def test_nothing_is_lost_and_a_crash_repeats_one_mail_at_most(many_mails: Many, mail: MailServer) -> None:
    subject, senders, people = many_mails
    for number, enough in enumerate(CRASHES):
        reached, pid = threading.Event(), senders.start()

        def strike(count: int, enough: int = enough, at_once: bool = number % 2 == 0) -> None:
            """At once: the server has the mail, the sender not its answer; else amid whatever the sender does then."""
            if count == enough and not reached.is_set():  # noqa: B023 - it is called in this round only
                if at_once:
                    os.kill(pid, signal.SIGKILL)  # noqa: B023
                reached.set()  # noqa: B023

        mail.took = strike
        strike(len(mail.mails))
        assert reached.wait(LIMIT), (number, len(mail.mails))
        if number % 2:
            os.kill(pid, signal.SIGKILL)
        assert os.WTERMSIG(senders.status()) == signal.SIGKILL
    mail.took = lambda _: None
    senders.start()
    assert senders.status() == 0
    sent = Counter(item.to for item in mail.mails)
    assert {f"{person}@t.cn" for person in people} == set(sent)
    repeats = {to: count for to, count in sent.items() if count > 1}
    assert 2 <= sum(count - 1 for count in sent.values()) <= len(CRASHES), repeats
    assert len({item.id for item in mail.mails}) == len(people)
    assert run_of(subject.again(), "2022-11-25")["waiting"] == 0
