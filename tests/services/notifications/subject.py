"""The notifications service without its shell: real stores and channels, sources that say what a test lets them say."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from chassis.events import envelope
from chassis.events.definition import Event
from chassis.messaging.catch_up import SourceHead
from chassis.messaging.reactions import Reactions
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log, subject_keys
from chassis.store.projections import Projections
from chassis.store.unit_of_work import CommandContext
from contracts.participation import (
    CampaignLaunched,
    MembershipStarted,
    RecordSubmitted,
    UnitRegistered,
)
from duties.days import day_of
from services.notifications.contacts.domain import Contact
from services.notifications.contacts.handlers import import_contacts
from services.notifications.delivery.queries import deliveries_of_day, run_of_day
from services.notifications.delivery.schedule import ReminderSchedule
from services.notifications.service import Service
from tests.support.campaigns import document_of
from tests.support.mail_server import MailServer

CAMPAIGN = """
campaign: xue
version: 1
title: 学论述
timezone: Asia/Shanghai
starts_on: 2022-11-01
semesters: [{id: 2022-autumn, start: 2022-09-01, end: 2023-02-01, due: 2022-12-31}]
defaults: {late_credit: 1/2, late_days: 10, min_service: 1/2}
duties:
  - {id: book, title: 书籍人手一本, who: {roles: [teacher]}, every: once, due: 2022-11-30, count: 1, record: book_issue}
  - {id: video, title: 视频展播, who: {kinds: [school]}, every: month, count: 1, record: video}
"""


OPERATOR = CommandContext("operator:operator")


class Source:
    """Another service's log, from which events reach the inbox as from its feed."""

    def __init__(self, name: str, folder: Path, clock: Path) -> None:
        settings = Settings(data=str(folder / name), rehearsal_clock=str(clock))
        self.runtime = ServiceRuntime(name, settings, MetaData(schema="rows"), Projections(), Reactions())
        self.runtime.store.install(name, "district")

    def say(self, to: ServiceRuntime, *events: Event) -> None:
        with self.runtime.unit_of_work("test") as work:
            before = {head.partition: head.hash for head in work.heads.values()}[0]
            work.append(*events)
            work.flush()
            texts = envelope.encode("district", self.runtime.service, before, work.recorded)
        for count, body in envelope.bodies(texts):
            assert count
            assert to.inbox.receive([body])

    def keys(self, subjects: Sequence[str]) -> dict[str, bytes]:
        with self.runtime.store.reading() as connection:
            return subject_keys.existing_keys(connection, subjects)


class Subject:
    """One replica of the service, at a time that the test sets."""

    def __init__(self, folder: Path, url: str = "", mail: MailServer | None = None, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.clock = folder, folder / "clock"
        if not self.clock.exists():
            self.at("2022-11-01T07:00")
        given = Settings(data=str(folder), database_url=url, rehearsal_clock=str(self.clock),
                         wecom_url=settings.get("wecom_url", ""),
                         dingtalk_url=settings.get("dingtalk_url", ""))  # fmt: skip
        if mail is not None:
            given = dataclasses.replace(given, smtp_url=mail.url, smtp_ca_file=str(mail.ca_file),
                                        mail_from="tixing@edu.example.cn")  # fmt: skip
            mail.clock = self.clock.read_text
        self._open(given)
        self.sources = {name: Source(name, folder, self.clock) for name in self.runtime.inbox.sources}
        self.service.names.keys.fetch = self.sources["participation"].keys

    def _open(self, settings: Settings) -> None:
        self.service = unstarted(Service, settings)
        self.runtime: ServiceRuntime = self.service.runtime
        self.schedule: ReminderSchedule = self.service.schedule
        self.runtime.store.install("notifications", "district")

    def at(self, local: str) -> Subject:
        """Set the clock: local time in China, such as 2022-11-25T08:30."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{local}+08:00")
        fresh.replace(self.clock)  # other processes read it at any moment
        return self

    def receives(self, *events: Event) -> Subject:
        for event in events:
            self.sources[event.wire.partition(".")[0]].say(self.runtime, event)
        return self

    def receives_many(self, events: Sequence[Event]) -> Subject:
        self.sources["participation"].say(self.runtime, *events)
        return self

    def launches(self, section: str = "") -> Subject:
        document = document_of((CAMPAIGN + section).encode())
        return self.receives(CampaignLaunched("xue", 1, document), school("X1"), school("X2", "第2小学"),
                          unit("O3", "人事股", "office"))  # fmt: skip

    def knows(self, *given: Contact) -> Subject:
        result = import_contacts(self.service.units_of_work, OPERATOR, given)
        assert not result["problems"], result
        return self

    def tick(self, caught_up: bool = True) -> Subject:
        """One look of the loop."""
        if caught_up:
            self.catch_up()
        self.service.campaign_clock._refreshed_at = -100.0
        self.schedule.tick()
        for loop in self.service.channel_loops.values():
            loop.tick()
        return self

    def catch_up(self) -> Subject:
        """All that the sources have recorded is applied."""
        for name, source in self.sources.items():
            with source.runtime.store.reading() as connection:
                (head,) = event_log.read_heads(connection)
            seen = SourceHead(source.runtime.store.epoch, head.position, self.runtime.now())
            self.runtime.catch_up.seen[(name, 0)] = seen
        return self

    def rebuild(self) -> Subject:
        self.runtime.rebuild.run()
        return self

    def again(self) -> Subject:
        """The same store opened by a new process."""
        fresh = object.__new__(Subject)
        fresh.__dict__.update(self.__dict__)
        fresh._open(self.runtime.settings)
        fresh.service.names.keys.fetch = self.sources["participation"].keys
        return fresh

    def outcomes(self, day: str) -> dict[str, str]:
        """Recipient -> phase and outcome of a day's digest."""
        with self.runtime.store.reading() as connection:
            result = deliveries_of_day(connection, day_of(day), "", 1000)
        return {item["recipient"]: f"{item['phase']} {item['code']}".strip() for item in result}

    def events(self, name: str) -> list[Any]:
        """Own events of a wire name."""
        with self.runtime.store.reading() as connection:
            page = event_log.read(connection, 0, 0, 100_000)
        return [item.event() for item in page if item.type == f"notifications.{name}.v1"]

    def close(self) -> None:
        self.runtime.store.close()


def school(unit_id: str, name: str = "第1中学") -> UnitRegistered:
    return unit(unit_id, name, "school")


def unit(unit_id: str, name: str, kind: str) -> UnitRegistered:
    return UnitRegistered(unit_id, name, kind, (), "", "", "O3", "2010-09-01", "", f"u{unit_id}")


def teacher(person_id: str, unit_id: str = "X1", name: str = "许悦丽") -> MembershipStarted:
    return MembershipStarted(person_id, unit_id, "teacher", "2015-09-01", "", f"m{person_id}", name)


def record(record_id: str, kind: str, day: str, unit_id: str = "X1", person_id: str = "") -> RecordSubmitted:
    done_at = f"{day}T02:00:00.000000Z"
    digest = f"d{record_id}"
    return RecordSubmitted(record_id, kind, unit_id, person_id, day, done_at, "", "", "", "xue", 1, digest, kind)


def run_of(subject: Subject, day: str) -> dict[str, Any]:
    """How far a day is."""
    with subject.runtime.store.reading() as connection:
        return run_of_day(connection, day_of(day))
