"""What a service's modules define as projections and reactions, and whether subscriptions.py lists it."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from inspect import Parameter, isfunction, signature
from types import FunctionType, ModuleType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging.reactions import HandledEvent, Reactions
from chassis.store.projections import Projections, Rows
from chassis.store.unit_of_work import UnitOfWork


def modules_of(service: str) -> list[ModuleType]:
    """Every module of a service, imported."""
    package = importlib.import_module(f"services.{service}")
    modules = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [package, *(importlib.import_module(info.name) for info in modules)]


def unlisted(modules: Iterable[ModuleType], projections: Projections, reactions: Reactions) -> list[str]:
    """Public functions with the signature of a projection or reaction that no event is given to, and projections that
    are listed for other events than their second parameter is annotated with."""
    return [problem for module in modules for problem in _problems(module, projections, reactions)]


def _problems(module: ModuleType, projections: Projections, reactions: Reactions) -> Iterator[str]:
    for name, function in vars(module).items():
        if not isfunction(function) or function.__module__ != module.__name__ or name.startswith("_"):
            continue
        kinds = _parameter_types(function)
        if len(kinds) == 3 and (kinds[0], kinds[2]) == (Rows, RecordedEvent):
            wanted = set(get_args(kinds[1])) if get_origin(kinds[1]) in (Union, UnionType) else {kinds[1]}
            listed = _classes_of(function, projections)
            if Event in wanted or Any in wanted:  # annotated as any event: it is enough that it is listed
                wanted = listed or wanted
            if listed != wanted:
                yield f"{module.__name__}.{name} projects {_names(wanted)}, and is listed for {_names(listed)}"
        elif kinds == (UnitOfWork, Sequence[HandledEvent]) and not _is_called(function, reactions):
            yield f"{module.__name__}.{name} is a reaction, and is listed for no event"


def _parameter_types(function: FunctionType) -> tuple[Any, ...]:
    try:
        hints = get_type_hints(function)
    except NameError:  # a name that only a type checker knows, in no signature of interest
        hints = function.__annotations__
    parameters = signature(function).parameters.values()
    return tuple(hints.get(item.name) for item in parameters if item.default is Parameter.empty)


def _classes_of(function: FunctionType, listed: Projections | Reactions) -> set[type[Event]]:
    return {cls for cls in listed.subscribed if function in listed.of(cls)}


def _is_called(function: FunctionType, reactions: Reactions) -> bool:
    """Whether it is a reaction itself, or called by one (a method of the service class)."""
    registered = [item for cls in reactions.subscribed for item in reactions.of(cls)]
    return any(
        item is function or function.__name__ in item.__code__.co_names for item in registered if isfunction(item)
    )


def _names(classes: Iterable[Any]) -> str:
    return ", ".join(sorted(getattr(cls, "__name__", str(cls)) for cls in classes)) or "no event"
