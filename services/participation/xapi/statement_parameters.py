"""The parameters of a request for statements, in either form of request, parsed strictly."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chassis.events.canonical_json import instant
from chassis.http.request import RouteRequest
from chassis.process.problems import Problem
from services.participation.xapi.domain import data_types
from services.participation.xapi.domain.statements import actor_key, keyed
from services.participation.xapi.part_schemas import Agent, Group
from services.participation.xapi.queries import MOST, StatementFilter

VERSION: Final = "X-Experience-API-Version"
CONSISTENT: Final = "X-Experience-API-Consistent-Through"
_VERSION: Final = re.compile(r"(1\.0|2\.0)(\.[0-9]{1,4})?")
_PREFIX: Final = re.compile(r"/[a-z0-9/-]{1,60}")
_SINGLE: Final = ("statementId", "voidedStatementId")
_WITH_SINGLE: Final = {"attachments", "format"}
_FLAGS: Final = ("related_activities", "related_agents", "attachments", "ascending")
_FORMATS: Final = ("ids", "exact", "canonical")


@dataclass(frozen=True)
class StatementRequest:
    """Query, headers and body, of the request itself or in its form; `prefix`: the path before ours at the console."""

    query: Mapping[str, list[str]]
    headers: Any
    body: bytes
    prefix: str = ""

    @classmethod
    def of(cls, request: RouteRequest) -> "StatementRequest":
        http = request.http_request
        prefix = http.headers.get("X-Forwarded-Prefix", "")
        query = dict(http.args.lists())
        return cls(query, http.headers, request.body, prefix if _PREFIX.fullmatch(prefix) else "")

    def single(self, asked: Mapping[str, str]) -> tuple[str, bool] | None:
        """The id of the requested single statement, and whether it is a voided one; None for a page."""
        named = [name for name in _SINGLE if name in asked]
        if not named:
            return None
        if others := asked.keys() - _WITH_SINGLE - {named[0]}:
            raise _bad(sorted(others)[0], f"not beside {named[0]}")
        return asked[named[0]].lower(), named[0] == "voidedStatementId"

    def filter(self, asked: Mapping[str, str], secret: bytes) -> StatementFilter:
        agent = _agent(asked["agent"]) if "agent" in asked else ""
        limit = int(asked.get("limit", 0))
        return StatementFilter(
            agent=keyed(secret, agent), agent_key=agent, verb=asked.get("verb", ""), activity=asked.get("activity", ""),
            registration=asked.get("registration", "").lower(),
            related_activities=asked.get("related_activities") == "true",
            related_agents=asked.get("related_agents") == "true",
            since=_instant(asked.get("since", "")), until=_instant(asked.get("until", "")),
            ascending=asked.get("ascending") == "true", limit=min(limit, MOST) or MOST,
            after=int(asked.get("cursor", 0)),
        )  # fmt: skip


def version_of(header: str) -> str:
    """`1.0` or `2.0`.  Problem 400."""
    match = _VERSION.fullmatch(header.strip())
    if match is None:
        raise Problem(400, "bad_version", f"send {VERSION}: 1.0.3 or 2.0.0", column=VERSION)
    return match[1]


def parameters(query: Mapping[str, list[str]], known: Collection[str]) -> dict[str, str]:
    """The parameters: each at most once, known, and well-formed.  Problem 400."""
    for name, values in query.items():
        if name not in known:
            raise _bad(name, "no such parameter")
        if len(values) != 1:
            raise _bad(name, "given more than once")
        if not _is_good(name, values[0]):
            raise _bad(name, "not of its form")
    return {name: values[0] for name, values in query.items()}


def _is_good(name: str, value: str) -> bool:
    if name in _FLAGS:
        return value in ("true", "false")
    if name in ("limit", "cursor"):
        return value.isascii() and value.isdigit() and len(value) <= 18
    if name in (*_SINGLE, "registration"):
        return data_types.is_uuid(value)
    if name in ("verb", "activity"):
        return data_types.is_iri(value)
    if name in ("since", "until"):
        return data_types.is_instant(value)
    return name != "format" or value in _FORMATS


def _agent(text: str) -> str:
    try:
        agent = json.loads(text)
    except ValueError:
        agent = None
    schema = Group if isinstance(agent, dict) and agent.get("objectType") == "Group" else Agent
    if not isinstance(agent, dict) or schema().validate(agent) or not (key := actor_key(agent)):
        raise _bad("agent", "an agent or identified group as JSON")
    return key


def _instant(text: str) -> str:
    moment = data_types.moment_of(text) if text else None
    if moment is None:
        return ""
    return instant(moment if moment.tzinfo else moment.astimezone())


def _bad(name: str, detail: str) -> Problem:
    return Problem(400, "bad_query", f"{name[:40]}: {detail}", column=name[:40])
