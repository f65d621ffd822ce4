"""Every projection and handler of a service is in its lists (`subscriptions.py`): a forgotten one is never called."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, get_type_hints

from chassis.store.projections import Rows
from chassis.store.unit_of_work import UnitOfWork
from services import notifications


def functions(package: ModuleType) -> Iterator[Callable[..., Any]]:
    """The public functions that are defined in the package's modules."""
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == info.name and not name.startswith("_"):
                yield function


def parameters(function: Callable[..., Any]) -> list[Any]:
    hints = get_type_hints(function)
    return [hints.get(name) for name in inspect.signature(function).parameters]


def unlisted(package: ModuleType) -> list[str]:
    """Functions that take rows and an event, or a unit of work and a batch of events, and are in no list."""
    lists = importlib.import_module(f"{package.__name__}.subscriptions")
    listed = {function for cls in lists.PROJECTIONS.heard for function in lists.PROJECTIONS.of(cls)}
    listed |= {function for cls in lists.HANDLERS.heard for function in lists.HANDLERS.of(cls)}
    return [
        f"{function.__module__}.{function.__name__}"
        for function in functions(package)
        if function not in listed
        and (
            (len(taken := parameters(function)) == 3 and taken[0] is Rows)
            or (taken[:1] == [UnitOfWork] and len(taken) == 2 and "RecordedEvent" in str(taken[1]))
        )
    ]


def test_notifications_lists_all_its_projections_and_handlers() -> None:
    assert unlisted(notifications) == []


def test_a_forgotten_projection_and_a_forgotten_handler_are_found(monkeypatch: Any) -> None:
    lists = importlib.import_module("services.notifications.subscriptions")
    for name in ("PROJECTIONS", "HANDLERS"):
        monkeypatch.setattr(lists, name, type(getattr(lists, name))())
    found = unlisted(notifications)
    assert "services.notifications.contacts.handlers.forget_contact" in found
    assert "services.notifications.digests.projections.put_notified_items" in found
