"""Which services consume an event: read from the projections and reactions that they list."""

import importlib

from chassis.events.definition import Event
from chassis.process.settings import SERVICES


def consumers_of(cls: type[Event]) -> list[str]:
    """Such as `assessment: projection (record)` or `assessment: handler make_our_own`, in the order of the services."""
    result = []
    for service in SERVICES:
        projections = importlib.import_module(f"services.{service}.projections").projects
        if names := [function.__name__ for function in projections.of(cls)]:
            result.append(f"{service}: projection ({', '.join(names)})")
        reactions = importlib.import_module(f"services.{service}.service").hears
        if names := [function.__name__ for function in reactions.of(cls)]:
            result.append(f"{service}: handler `{'`, `'.join(names)}`")
    return result
