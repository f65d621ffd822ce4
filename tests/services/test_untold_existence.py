"""Who may not know of a thing gets the same answer whether it exists or not: status, code and words."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from services.registry.rights import may
from tests.services.test_route_rights import AUTHOR, CALLS, PEOPLE, Asked, Call, asked, party, routes_of

__all__ = ["asked"]
NAMES = {"W1": "W0", "W2": "W0", "A1": "A0", "A2": "A0", "N1": "N0", "V1": "V0", "S1": "S0", "clerk-S1": "clerk-S0",
         AUTHOR: "P-none"}  # fmt: skip
"""What exists in the district of these tests, and a name like it that nothing has."""


def renamed(value: Any) -> Any:
    """The same with names that nothing has."""
    if isinstance(value, str):
        return NAMES.get(value, value)
    if isinstance(value, dict):
        return {key: renamed(item) for key, item in value.items()}
    return [renamed(item) for item in value] if isinstance(value, list) else value


def unknown(call: Call) -> Call:
    query = "&".join(f"{name}={renamed(value)}" for name, _, value in
                     (part.partition("=") for part in call.query.split("&") if part))  # fmt: skip
    return dataclasses.replace(call, path=renamed(call.path), body=renamed(call.body), query=query)


def words(status: int, answer: bytes) -> tuple[int, str, str]:
    body = json.loads(answer) if answer[:1] == b"{" else {}
    return status, str(body.get("code")), str(body.get("detail"))


@pytest.mark.parametrize("asked", [f"{name}-sqlite" for name in ("participation", "assessment", "publicity",
                                                                 "notifications")], indirect=True)  # fmt: skip
def test_what_one_may_not_know_of_is_answered_as_what_is_not_there(asked: Asked) -> None:
    differing = []
    for route in routes_of(asked.name):
        call = CALLS.get((route.method, route.url))
        if call is None or call.listed:
            continue
        for who in PEOPLE:
            if any(may(party(who), right, call.subject) for right in (call.right, route.right) if right):
                continue  # they do it, or know of the thing by the wider right of the route
            there = words(*asked.status(route, who, call))
            absent = words(*asked.status(route, who, unknown(call)))
            if there != absent:
                differing.append((route.method, route.url, who, there, absent))
    assert [(*item[:3], item[3][:2], item[4][:2]) for item in differing] == [], differing
