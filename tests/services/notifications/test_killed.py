"""kill -9 in the middle of sending 2,000 mails: nothing lost, at most one repeat a crash, and that with the same id."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections import Counter
from pathlib import Path

from duties.days import day_of
from services.notifications.domain.register import Contact
from tests.services.notifications.desk import Desk, teacher
from tests.support.house import ROOT
from tests.support.mail_server import MailServer
from tests.support.processes import Process, wait_until

MANY = {"sqlite": (2_000, (300, 900, 901, 1_500)), "postgresql": (300, (40, 120, 121, 250))}
"""Mails, and after how many of them the sender is killed."""


def test_nothing_is_lost_and_a_crash_repeats_one_mail_at_most(tmp_path: Path, url: str, mail: MailServer) -> None:
    many, crashes = MANY["postgresql" if url else "sqlite"]
    desk = Desk(tmp_path / "data", url, mail).launches().at("2022-11-25T09:00")
    people = [f"P{n:05}" for n in range(many)]
    desk.hears_many([teacher(one) for one in people])
    for start in range(0, many, 1000):
        desk.knows(*(Contact(f"person-{one}", "", f"{one}@t.cn") for one in people[start : start + 1000]))
    settings = dataclasses.asdict(desk.frame.settings)
    desk.close()

    def start(number: int) -> Process:
        words = [sys.executable, "-W", "ignore", "-m", "tests.services.notifications.sender", json.dumps(settings)]
        return Process(words, tmp_path / f"sender{number}.log", cwd=ROOT)

    for number, enough in enumerate(crashes):
        process = start(number)
        wait_until(lambda: len(mail.mails) >= enough or not process.running, 60, process.tail, interval=0.002)  # noqa: B023
        assert process.running, process.tail()
        process.kill()
    last = start(len(crashes))
    assert last.wait(120) == 0, last.tail()
    sent = Counter(one.to for one in mail.mails)
    assert {f"{one}@t.cn" for one in people} == set(sent)
    repeats = {to: count for to, count in sent.items() if count > 1}
    assert sum(count - 1 for count in sent.values()) <= len(crashes), repeats
    assert len({one.id for one in mail.mails}) == many
    assert desk.again().frame.showing.run(day_of("2022-11-25"))["waiting"] == 0
