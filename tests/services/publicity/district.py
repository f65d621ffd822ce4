"""A small district as publicity hears of it, and what its people do, each in a line."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store import event_log
from contracts import participation
from services.participation.campaign.file import load
from services.publicity.desk import Desk
from services.publicity.domain.articles import DraftArticle, OrderSubmission
from services.publicity.domain.readings import PassReading
from services.publicity.domain.revising import ReturnWork
from services.publicity.domain.works import AssignReader, MarkWork, NominateWork, SelectWork
from services.publicity.press.manuscript import Block, dumped
from services.publicity.service import Publicity
from services.publicity.showing import Showing
from tests.support.system import SAMPLES

UNITS = ("S01", "S02", "O01")
MARKS = {"bearing": Fraction(25), "depth": Fraction(30), "practice": Fraction(20)}


class Bureau:
    """Publicity's frame, without doors, and a clock that a test moves."""

    def __init__(self, runtime: Publicity, clock: Path) -> None:
        self.runtime, self.clock = runtime, clock

    def open(self) -> None:
        """The campaign, three units, four people in each."""
        document = load((SAMPLES / "campaign.yaml").read_bytes())
        heard: list[Event] = [participation.CampaignLaunched("xue-lun-shu", 1, document)]
        for unit in UNITS:
            heard.append(
                participation.UnitRegistered(unit, f"{unit}小学", "school", (), "", "", "", "2010-09-01", "", "d")
            )
            heard += [participation.MembershipStarted(f"{unit}-{n}", unit, "teacher", "2015-09-01", "", "d", "王某")
                      for n in range(4)]  # fmt: skip
        self.hear(*heard)

    def hear(self, *events: Event) -> None:
        """As the inbox does: rows and reactions in one transaction."""
        with self.runtime.unit_of_work("service:publicity") as work:
            batch = [(event, recorded(event, at)) for at, event in enumerate(events, 1)]
            self.runtime.projections.apply(work.rows, batch)
            work.rows.flush()
            self.runtime.reactions.run(work, batch)

    def do(self, act: Any) -> list[Event]:
        """One transaction at the desk."""
        with self.runtime.unit_of_work("operator:test") as work:
            result: list[Event] = act(Desk(work))
        return result

    def pass_time(self, **more: float) -> None:
        now = datetime.fromisoformat(self.clock.read_text()) + timedelta(**more)
        self.clock.write_text(now.isoformat())

    def work(self, work_id: str, levels: tuple[str, ...] = ("inside", "district"), blocks: int = 2) -> None:
        """Nominated by S01 for its first teacher, read by two of other units, selected."""
        author = "S01-0"
        text = [Block("text", f"立德树人的体会之{n}。{work_id}") for n in range(blocks)]
        address = self.runtime.house.vault.keep([author], dumped(text))
        home = frozenset({"S01"})

        def act(desk: Desk) -> list[Event]:
            desk.transaction.keys.use_external_key(author, self.runtime.house.key_of(author))
            desk.work(NominateWork(work_id, author, "S01", "2022-autumn", "text", address, 9, f"体会{work_id}",
                                   desk.today, "unit", levels, "paper", home))  # fmt: skip
            for person in ("S02-0", "O01-0"):
                desk.work(AssignReader(work_id, desk.reader(person), home, desk.today))
            for person in ("S02-0", "O01-0"):
                desk.work(MarkWork(work_id, desk.reader(person), home, MARKS, desk.today))
            return desk.work(SelectWork(work_id, "unit", desk.now))

        self.do(act)

    def returned(self, work_id: str) -> None:
        """Nominated and marked by one reader; the other sends it back."""
        self.nominate(work_id, "初稿", 9)

        def act(desk: Desk) -> list[Event]:
            desk.transaction.keys.use_external_key("S01-0", self.runtime.house.key_of("S01-0"))
            home = frozenset({"S01"})
            for person in ("S02-0", "O01-0"):
                desk.work(AssignReader(work_id, desk.reader(person), home, desk.today))
            desk.work(MarkWork(work_id, desk.reader("S02-0"), home, MARKS, desk.today))
            return desk.work(ReturnWork(work_id, desk.reader("O01-0"), home, "请补充事例", desk.today))

        self.do(act)

    def revise(self, work_id: str) -> None:
        self.nominate(work_id, "修改稿", 11)

    def nominate(self, work_id: str, text: str, size: int) -> None:
        address = self.runtime.house.vault.keep(["S01-0"], dumped([Block("text", text)]))

        def act(desk: Desk) -> list[Event]:
            desk.transaction.keys.use_external_key("S01-0", self.runtime.house.key_of("S01-0"))
            return desk.work(NominateWork(work_id, "S01-0", "S01", "2022-autumn", "text", address, size, "体会",
                                          desk.today, "unit", ("inside",), "paper", frozenset({"S01"})))  # fmt: skip

        self.do(act)

    def article(self, article_id: str, *works: str, read: bool = True) -> None:
        """Drafted for the district's account and, unless told otherwise, read three times."""
        result = Showing(self.runtime.house).article("S01", "district", list(works))

        def act(desk: Desk) -> list[Event]:
            events = desk.article(
                DraftArticle(article_id, "S01", "district", f"推文 {article_id}", desk.shown(works), result["content"],
                             result["size"], result["pictures"], desk.today)
            )  # fmt: skip
            for number, stage in enumerate(("first", "second", "final") if read else ()):
                desk.article(
                    PassReading("article", article_id, stage, f"S01-{number}", result["content"], desk.today, True)
                )
            return events

        self.do(act)

    def submit(self, article_id: str) -> None:
        self.do(lambda desk: desk.article(OrderSubmission(article_id, desk.now)))

    def status(self, article_id: str) -> str:
        return self.runtime.publishing.state(article_id).status

    def events_of_type(self, kind: str) -> list[RecordedEvent]:
        with self.runtime.store.reading() as connection:
            return [item for item in event_log.read(connection, 0, 0, 100_000) if kind in item.type]


def recorded(event: Event, at: int) -> RecordedEvent:
    now = "2022-12-05T00:00:00.000000Z"
    return RecordedEvent(0, at, f"p-0-{at}", event.wire, event.stream, 1, now, now, "test", "", "", "{}", "")
