"""What a service projects and reacts to stands in its list: a function that was forgotten there is found."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType

import pytest
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR
from sqlalchemy import MetaData

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging.reactions import HandledEvent, Reactions
from chassis.process.settings import SERVICES
from chassis.store.projections import Projection, Projections, Rows
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import RecordSubmitted, RecordWithdrawn, UnitRegistered
from services.registry import projections as registry_projections_module
from services.registry.projections import registry_projections
from services.registry.tables import RegistryTables
from tests.architecture.subscriptions import modules_of, unlisted
from tests.support.services import subscriptions_of


@pytest.mark.parametrize("service", SERVICES)
def test_every_projection_and_reaction_of_a_service_is_listed(service: str) -> None:
    assert unlisted(modules_of(service), *subscriptions_of(service)) == []


def store_record(rows: Rows, event: RecordSubmitted | RecordWithdrawn, _: RecordedEvent) -> None:
    """A projection of two events."""


def count_records(work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
    """A reaction."""


def sample() -> ModuleType:
    module = ModuleType(__name__)
    vars(module).update(store_record=store_record, count_records=count_records)
    return module


WHOLE: Mapping[type[Event], Sequence[Projection]] = {RecordSubmitted: [store_record], RecordWithdrawn: [store_record]}
REACTIONS = Reactions({count_records: [RecordSubmitted]})


def test_a_sample_that_is_listed_is_not_reported() -> None:
    assert unlisted([sample()], Projections(WHOLE), REACTIONS) == []


@pytest.mark.parametrize(
    ("projections", "reactions"),
    [
        (Projections(), REACTIONS),
        (Projections({RecordSubmitted: [store_record]}), REACTIONS),
        (Projections(WHOLE, {UnitRegistered: [store_record]}), REACTIONS),
        (Projections(WHOLE), Reactions()),
    ],
    ids=["projection forgotten", "one of its events forgotten", "listed for a foreign event", "reaction forgotten"],
)
def test_what_is_forgotten_or_listed_wrongly_is_reported(projections: Projections, reactions: Reactions) -> None:
    assert len(unlisted([sample()], projections, reactions)) == 1


def test_the_registry_lists_every_projection_that_it_has() -> None:
    listed = Projections(registry_projections(RegistryTables(MetaData(), names=True)))
    defined = {name for name in vars(registry_projections_module._RegistryProjections) if not name.startswith("_")}
    assert {function.__name__ for cls in listed.subscribed for function in listed.of(cls)} == defined


@pytest.mark.parametrize("service", SERVICES)
def test_no_dependency_takes_the_name_of_a_route(service: str) -> None:
    """It would hide the method, and the route would be gone without a word."""
    cls = import_module(f"services.{service}.service").Service
    for base in cls.__mro__:
        for name, function in vars(base).items():
            if getattr(function, ENTRYPOINT_EXTENSIONS_ATTR, None):
                assert getattr(cls, name) is function, f"{cls.__module__}: {name} of {base.__name__} is hidden"
