"""The publicity service: its doors and what it hears; each a few lines."""

from collections.abc import Sequence
from typing import Any

from chassis.http.operator_routes import OPERATOR, OperatorRoutes
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.messaging.reactions import HandledEvent, Reactions
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.runtime.loops import Loop
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import Additions, ServiceRuntime
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from services.publicity import queries, schemas
from services.publicity.article_doors import ArticleDoors
from services.publicity.desk import Desk
from services.publicity.domain import may_review
from services.publicity.domain.works import WithdrawConsent
from services.publicity.house import House
from services.publicity.projections import metadata, projects
from services.publicity.showing_doors import ShowingDoors
from services.publicity.wechat.accounts import accounts
from services.publicity.wechat.publishing import Publishing
from services.publicity.work_doors import WorkDoors

hears = Reactions()


@hears(PersonErased)
def end_consent_of_the_erased(work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """Whose key is destroyed can agree to nothing any more: what shows their works is stopped or taken down."""
    for event, about in batch:
        if names := queries.works_of(work.connection, event.person_id):
            desk = Desk(work)
            for name in names:
                desk.work(WithdrawConsent(name, (), desk.today, "erased"), about.id)


class Publicity(ServiceRuntime):
    """The frame with what publicity adds to it."""

    def __init__(self, settings: Settings) -> None:
        reactions = hears.extended((PersonErased,), lambda work, batch: self._forget_keys(work, batch))  # noqa: PLW0108
        super().__init__("publicity", settings, metadata, projects, reactions, Additions(
            loops=[Loop("publishing", lambda: self.publishing.run(), lambda: self.publishing.wakeup.set())],  # noqa: PLW0108
            channels={"wechat": "、".join(accounts(settings.wechat_accounts))},
        ))  # fmt: skip
        self.house = House(self)
        self.publishing = Publishing(self)

    def _forget_keys(self, _: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        for event, _about in batch:
            self.house.keyring.forget(event.person_id)


class Service(WorkDoors, ShowingDoors, ArticleDoors, OperatorRoutes):
    """Publicity under nameko."""

    name = "publicity"
    runtime: Publicity = RuntimeProvider(Publicity)

    @route(
        "GET",
        "/api/readers/<reader_id>/may-read/<author_id>",
        roles=OPERATOR,
        query=schemas.DayQuery,
        response=schemas.MayRead,
    )
    def may_read(self, request: RouteRequest, reader_id: str, author_id: str) -> Any:
        """Whether a person may review an author's work on a day (`on`): never of the same unit, never their own."""
        day = request.query["on"] or self.runtime.now()[:10]
        with self.runtime.store.reading() as connection:
            reader = queries.reader(connection, reader_id, day)
            if not reader.unit_ids:
                raise Problem(404, "unknown_person", f"{reader_id} 在 {day} 不在任职期内。")
            return {"may_read": may_review(reader, author_id, queries.units_of(connection, author_id, day))}
