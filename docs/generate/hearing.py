"""Who hears what: read from the projections and reactions that the services register."""

import importlib

from chassis.events import Event
from chassis.settings import SERVICES


def hearers(cls: type[Event]) -> list[str]:
    """Such as `assessment: rows (record)` or `assessment: reaction make_our_own`, in the order of the services."""
    found = []
    for service in SERVICES:
        projections = importlib.import_module(f"services.{service}.projections").projects
        if functions := [function.__name__ for function in projections.of(cls)]:
            found.append(f"{service}: rows ({', '.join(functions)})")
        reactions = importlib.import_module(f"services.{service}.service").hears
        if functions := [function.__name__ for function in reactions.of(cls)]:
            found.append(f"{service}: reaction `{'`, `'.join(functions)}`")
    return found
