"""What each service says of itself at /openapi.json holds together."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from chassis.http.openapi import document
from tests.support.system import SERVICES


def references(part: Any) -> Iterator[str]:
    for key, value in part.items() if isinstance(part, dict) else ():
        if key == "$ref":
            yield value
        yield from references(value)
    for item in part if isinstance(part, list) else ():
        yield from references(item)


@pytest.mark.parametrize("service", SERVICES)
def test_every_reference_leads_to_something(service: str) -> None:
    described = document(service, import_module(f"services.{service}.service").Service)
    wanted = set(references(described))
    assert len(wanted) > 20
    for reference in sorted(wanted):
        place: Any = described
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, f"{reference} leads nowhere"
            place = place[step]
