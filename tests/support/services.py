"""What a service declares: its list of projections and reactions, and the tables of its read models."""

from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

from chassis.messaging.reactions import Reactions
from chassis.runtime.extensions import reactions_of
from chassis.store.projections import Projections


def subscriptions_of(service: str) -> tuple[Projections, Reactions]:
    listed = import_module(f"services.{service}.subscriptions")
    declared = import_module(f"services.{service}.service")
    return listed.PROJECTIONS, reactions_of(declared.Service)


def metadata_of(service: str) -> MetaData:
    subscriptions_of(service)  # every table is declared beside a projection
    if find_spec(f"services.{service}.tables"):
        declared = import_module(f"services.{service}.tables")
    else:
        declared = import_module(f"services.{service}.projections")
    result: MetaData = declared.METADATA if hasattr(declared, "METADATA") else declared.metadata
    return result
