"""A small district as publicity knows it, and what its people do, each in a line."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from contracts import participation
from services.publicity.articles.domain.commands import ConfirmTakenDown, DraftArticle, OrderSubmission
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.articles.queries import article_rows
from services.publicity.readings.domain import AppointReader, FetchProof, PassReading
from services.publicity.rendering.manuscript import Block, dump_blocks
from services.publicity.rendering.renderer import render_article
from services.publicity.transaction import PublicityTransaction
from services.publicity.works.domain.commands import AssignReviewer, MarkWork, NominateWork, ReturnWork, SelectWork
from services.publicity.works.works_to_show import units_shown, works_to_show
from tests.support.campaigns import document_of
from tests.support.system import SAMPLES

UNITS = ("S01", "S02", "O01")
MARKS = {"writing": Fraction(40), "usefulness": Fraction(35)}


class Bureau:
    """Publicity's runtime, without routes, and a clock that a test moves."""

    def __init__(self, service: Any, clock: Path) -> None:
        self.service, self.clock = service, clock
        self.runtime: ServiceRuntime = service.runtime
        self.received = 0

    def open(self, section: str = "") -> None:
        """The campaign, with a section of its file besides, three units, four people in each."""
        document = document_of((SAMPLES / "campaign.yaml").read_bytes() + section.encode())
        received: list[Event] = [participation.CampaignLaunched("xue-lun-shu", 1, document)]
        for unit in UNITS:
            received.append(
                participation.UnitRegistered(unit, f"{unit}小学", "school", (), "", "", "", "2010-09-01", "", "d")
            )
            received += [participation.MembershipStarted(f"{unit}-{n}", unit, "teacher", "2015-09-01", "", "d", "王某")
                      for n in range(4)]  # fmt: skip
        self.receive(*received)

    def receive(self, *events: Event) -> None:
        """As the inbox does: rows and reactions in one transaction."""
        with self.runtime.unit_of_work("service:publicity") as work:
            batch = [(event, recorded(event, at)) for at, event in enumerate(events, self.received + 1)]
            self.received += len(events)
            self.runtime.projections.apply(work.rows, batch)
            work.rows.flush()
            self.runtime.reactions.run(work, batch)

    def do(self, act: Any) -> list[Event]:
        """One transaction."""
        with self.runtime.unit_of_work("operator:test") as unit_of_work:
            result: list[Event] = act(PublicityTransaction(unit_of_work))
        return result

    def pass_time(self, **more: float) -> None:
        now = datetime.fromisoformat(self.clock.read_text()) + timedelta(**more)
        self.clock.write_text(now.isoformat())

    def work(self, work_id: str, levels: tuple[str, ...] = ("inside", "district"), blocks: int = 2) -> None:
        """Nominated by S01 for its first teacher, read by two of other units, selected."""
        author = "S01-0"
        text = [Block("text", f"立德树人的体会之{n}。{work_id}") for n in range(blocks)]
        address = self.service.publicity.content_store.store_content([author], dump_blocks(text))
        home = frozenset({"S01"})

        def act(tx: PublicityTransaction) -> list[Event]:
            tx.unit_of_work.keys.use_external_key(author, self.service.publicity.subject_key(author))
            tx.execute_on_work(
                NominateWork(
                    work_id,
                    author,
                    "S01",
                    "2022-autumn",
                    "text",
                    address,
                    9,
                    f"体会{work_id}",
                    tx.today,
                    "unit",
                    levels,
                    "paper",
                    home,
                )
            )
            for person in ("S02-0", "O01-0"):
                tx.execute_on_work(AssignReviewer(work_id, tx.reviewer(person), home, tx.today))
            for person in ("S02-0", "O01-0"):
                tx.execute_on_work(MarkWork(work_id, tx.reviewer(person), home, MARKS, tx.today))
            return tx.execute_on_work(SelectWork(work_id, "unit", tx.now))

        self.do(act)

    def returned(self, work_id: str) -> None:
        """Nominated and marked by one reviewer; the other sends it back."""
        self.nominate(work_id, "初稿", 9)

        def act(tx: PublicityTransaction) -> list[Event]:
            tx.unit_of_work.keys.use_external_key("S01-0", self.service.publicity.subject_key("S01-0"))
            home = frozenset({"S01"})
            for person in ("S02-0", "O01-0"):
                tx.execute_on_work(AssignReviewer(work_id, tx.reviewer(person), home, tx.today))
            tx.execute_on_work(MarkWork(work_id, tx.reviewer("S02-0"), home, MARKS, tx.today))
            return tx.execute_on_work(ReturnWork(work_id, tx.reviewer("O01-0"), home, "请补充事例", tx.today))

        self.do(act)

    def revise(self, work_id: str) -> None:
        self.nominate(work_id, "修改稿", 11)

    def nominate(self, work_id: str, text: str, size: int) -> None:
        address = self.service.publicity.content_store.store_content(["S01-0"], dump_blocks([Block("text", text)]))

        def act(tx: PublicityTransaction) -> list[Event]:
            tx.unit_of_work.keys.use_external_key("S01-0", self.service.publicity.subject_key("S01-0"))
            return tx.execute_on_work(
                NominateWork(
                    work_id,
                    "S01-0",
                    "S01",
                    "2022-autumn",
                    "text",
                    address,
                    size,
                    "体会",
                    tx.today,
                    "unit",
                    ("inside",),
                    "paper",
                    frozenset({"S01"}),
                )
            )

        self.do(act)

    def article(
        self, article_id: str, *works: str, read: bool = True, unit_id: str = "S01", account: str = "district"
    ) -> None:
        """Drafted for an account and, unless told otherwise, read three times."""
        rendered = render_article(self.service.publicity, unit_id, account, list(works))

        def act(tx: PublicityTransaction) -> list[Event]:
            events = tx.unit_of_work.execute(
                ARTICLES,
                DraftArticle(
                    article_id,
                    unit_id,
                    account,
                    f"推文 {article_id}",
                    works_to_show(tx, works),
                    rendered.content,
                    rendered.size,
                    rendered.pictures,
                    tx.today,
                    units_shown(tx, unit_id, works_to_show(tx, works)),
                ),
            )
            for number, stage in enumerate(("first", "second", "final") if read else ()):
                reader = f"S01-{number + 1}"
                appoint = AppointReader("article", article_id, stage, reader, "", tx.today, True)
                tx.unit_of_work.execute(ARTICLES, appoint)
                fetch = FetchProof("article", article_id, reader, rendered.content, tx.today)
                tx.unit_of_work.execute(ARTICLES, fetch)
                tx.unit_of_work.execute(
                    ARTICLES,
                    PassReading("article", article_id, stage, reader, rendered.content, tx.today, True),
                )
            return events

        self.do(act)

    def submit(self, article_id: str) -> None:
        self.do(lambda tx: tx.unit_of_work.execute(ARTICLES, OrderSubmission(article_id, tx.now)))

    def taken_down_by_hand(self, article_id: str) -> None:
        self.do(lambda tx: tx.unit_of_work.execute(ARTICLES, ConfirmTakenDown(article_id, "hand", "", tx.now)))

    def row(self, article_id: str) -> dict[str, Any]:
        with self.runtime.store.reading() as connection:
            (row,) = article_rows(connection, article_id=article_id)
        return row

    def now(self) -> datetime:
        return datetime.fromisoformat(self.clock.read_text())

    def status(self, article_id: str) -> str:
        return self.service.publisher.state(article_id).status

    def events_of_type(self, kind: str) -> list[RecordedEvent]:
        with self.runtime.store.reading() as connection:
            return [item for item in event_log.read(connection, 0, 0, 100_000) if kind in item.type]


def recorded(event: Event, at: int) -> RecordedEvent:
    now = "2022-12-05T00:00:00.000000Z"
    return RecordedEvent(0, at, f"p-0-{at}", event.wire, event.stream, 1, now, now, "test", "", "", "{}", "")
