"""Who hears what: read from the projections and reactions that the services register."""

import importlib

from chassis.events.definition import Event
from chassis.process.settings import SERVICES


def hearers(cls: type[Event]) -> list[str]:
    """Such as `assessment: rows (record)` or `assessment: reaction make_our_own`, in the order of the services."""
    result = []
    for service in SERVICES:
        projections = importlib.import_module(f"services.{service}.projections").projects
        if functions := [function.__name__ for function in projections.of(cls)]:
            result.append(f"{service}: rows ({', '.join(functions)})")
        reactions = importlib.import_module(f"services.{service}.service").hears
        if functions := [function.__name__ for function in reactions.of(cls)]:
            result.append(f"{service}: reaction `{'`, `'.join(functions)}`")
    return result
