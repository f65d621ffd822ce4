"""Two replicas with their loops on, on one PostgreSQL store: one mail a digest; one goes on where the other fell."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from services.notifications.contacts.domain import Contact
from services.notifications.delivery.sending_lock import LOCK_NUMBERS
from tests.services.notifications.subject import Subject, teacher
from tests.support.mail_server import MailServer
from tests.support.processes import Process, wait_until
from tests.support.system import ROOT

PEOPLE = [f"P{n:03}" for n in range(40)]
LIMIT = 60


def replica(subject: Subject, log: Path) -> Process:
    settings = json.dumps(dataclasses.asdict(subject.runtime.settings))
    return Process([sys.executable, "-W", "ignore", "-m", "tests.services.notifications.sender", "on", settings], log,
                   cwd=ROOT)  # fmt: skip


def test_two_loops_send_each_mail_once_and_one_goes_on_when_the_other_is_killed(
    tmp_path: Path, new_database: Callable[[], str], mail: MailServer
) -> None:
    subject = Subject(tmp_path / "data", new_database(), mail).launches().at("2022-11-25T08:00")
    subject.receives_many([teacher(person) for person in PEOPLE])
    subject.knows(*(Contact(f"person-{person}", "", f"{person}@t.cn") for person in PEOPLE))
    both = [replica(subject, tmp_path / f"replica{n}.log") for n in range(2)]
    try:
        for item in both:
            item.wait_for_output("sending", LIMIT)
        mail.pause = 0.01  # long enough for both to look while there is something to send
        subject.at("2022-11-25T09:00")
        wait_until(lambda: ended(subject, "2022-11-25") == len(PEOPLE), LIMIT, lambda: both[0].tail() + both[1].tail())
        assert Counter(item.to for item in mail.mails) == {f"{person}@t.cn": 1 for person in PEOPLE}
        assert [event.day for event in subject.events("day_decided")] == ["2022-11-25"]

        half = threading.Event()
        mail.took = lambda count: half.set() if count == len(PEOPLE) * 3 // 2 else None
        subject.at("2022-11-30T09:00")
        assert half.wait(LIMIT), both[0].tail() + both[1].tail()
        sender_of(subject, both).kill()
        wait_until(lambda: ended(subject, "2022-11-30") == len(PEOPLE), LIMIT, lambda: both[0].tail() + both[1].tail())
    finally:
        for item in both:
            item.kill()
    sent = Counter(item.to for item in mail.mails[len(PEOPLE) :])
    assert set(sent) == {f"{person}@t.cn" for person in PEOPLE}
    assert sum(sent.values()) <= len(PEOPLE) + 1
    assert len({item.id for item in mail.mails}) == 2 * len(PEOPLE)


def ended(subject: Subject, day: str) -> int:
    return sum(
        outcome == "ended succeeded" for who, outcome in subject.outcomes(day).items() if who.startswith("person-")
    )


def sender_of(subject: Subject, both: list[Process]) -> Process:
    """The replica whose connection holds the right to send mail: the advisory lock of its store."""
    holds = (
        "SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.objid = %(mail)s AND a.datname = current_database()"
    )
    with subject.runtime.store.reading() as connection:
        (port,) = connection.exec_driver_sql(holds, {"mail": LOCK_NUMBERS["email"]}).scalars()
    for item in both:
        if f":{port:04X} " in ports(item):
            return item
    raise AssertionError(f"neither replica has the connection from port {port}")


def ports(process: Process) -> str:
    """The local ports of a process's own sockets, as the kernel lists them."""
    own = {link.readlink().name for link in Path(f"/proc/{process.pid}/fd").iterdir() if link.is_symlink()}
    lines = Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
    return " ".join(f"{line.split()[1]} " for line in lines if f"socket:[{line.split()[9]}]" in own)
