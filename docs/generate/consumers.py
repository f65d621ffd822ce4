"""Which services consume an event: read from the projections and reactions that they list."""

from importlib import import_module

from chassis.events.definition import Event
from chassis.messaging.reactions import Reactions
from chassis.process.settings import SERVICES
from chassis.runtime.extensions import reactions_of
from chassis.store.projections import Projections


def consumers_of(cls: type[Event]) -> list[str]:
    """Such as `assessment: projection (record)` or `assessment: handler score_sheets`, in the order of the services."""
    result = []
    for service in SERVICES:
        projections, reactions = _consumers_of(service)
        if names := [function.__name__ for function in projections.of(cls)]:
            result.append(f"{service}: projection ({', '.join(names)})")
        if names := [function.__name__ for function in reactions.of(cls)]:
            result.append(f"{service}: handler `{'`, `'.join(names)}`")
    return result


def _consumers_of(service: str) -> tuple[Projections, Reactions]:
    listed = import_module(f"services.{service}.subscriptions")
    declared = import_module(f"services.{service}.service")
    return listed.PROJECTIONS, reactions_of(declared.Service)
