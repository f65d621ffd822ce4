"""Who may not know of a thing gets the same answer whether it exists or not: status, code and words."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from services.registry import rights
from services.registry.rights import may
from tests.services.route_call import Call
from tests.services.test_route_rights import AUTHOR, CALLS, IMPORT, PEOPLE, Asked, asked, party, routes_of

__all__ = ["asked"]
NAMES = {"W1": "W0", "W2": "W0", "A1": "A0", "A2": "A0", "A3": "A0", "N1": "N0", "V1": "V0", "S1": "S0",
         "clerk-S1": "clerk-S0", IMPORT: "20221201-0000000000", AUTHOR: "P-none"}  # fmt: skip
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


def of_oneself(who: str) -> list[tuple[str, str, Call]]:
    """Routes where the caller names what to act as, or what to use: themselves as reader or reviewer of what nobody
    asked them to read, another unit's work in an article of their own, another unit's person as their author."""
    unit_id = who.rpartition("-")[2]
    reading = {"subject": "article", "subject_id": "A3", "stage": "first", "reader_id": who}
    asks: list[tuple[str, str, dict[str, Any], Any, str]] = [
        ("POST", "/api/readings", {}, reading, ""),
        ("POST", "/api/readings", {}, reading | {"subject": "anthology", "subject_id": "N1"}, ""),
        ("POST", "/api/readings", {}, reading | {"reason": "有误", "on": "2022-13-01", "content": "0"}, ""),
        ("POST", "/api/works/<work_id>/marks", {"work_id": "W1"}, {"reviewer_id": who, "marks": {"writing": "1"}}, ""),
        ("POST", "/api/works/<work_id>/return", {"work_id": "W1"}, {"reviewer_id": who, "reason": "请补充"}, ""),
        ("GET", "/api/works/<work_id>/text", {"work_id": "W1"}, None, f"reviewer_id={who}"),
        ("POST", "/api/articles", {},
         {"article_id": f"A-{who}", "unit_id": unit_id, "title": "推文", "works": ["W1"]}, ""),
        ("POST", "/api/anthologies", {}, {"unit_id": unit_id, "semester": "2022-autumn", "works": ["W1"]}, ""),
        ("PUT", "/api/works/<work_id>", {"work_id": f"W-{who}"}, b"\xff\x00",
         f"author_id={AUTHOR}&unit_id={unit_id}&levels=unit"),
    ]  # fmt: skip
    return [(method, url, Call(rights.READ, path=path, body=body, query=query))
            for method, url, path, body, query in asks]  # fmt: skip


@pytest.mark.parametrize("asked", ["publicity-sqlite"], indirect=True)
def test_who_names_themselves_or_another_s_thing_learns_nothing_of_it(asked: Asked) -> None:
    routes = {(route.method, route.url): route for route in routes_of(asked.name)}
    differing = []
    for who in sorted({"P-other", "P-clerk-S2", "P-head-S2", "P-inspector-S2", "P-clerk-O1"} & set(PEOPLE)):
        for method, url, call in of_oneself(who):
            there, absent = (words(*asked.status(routes[method, url], who, each)) for each in (call, unknown(call)))
            there, absent = (tuple(str(word).replace("W0", "W1") for word in each) for each in (there, absent))
            if there != absent or there[0] not in ("403", "422"):
                differing.append((method, url, who, there, absent))
    assert not differing
