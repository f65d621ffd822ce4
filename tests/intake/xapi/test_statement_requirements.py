"""ADL's conformance requirements of one statement, as data (statements.yaml), asked of the route."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.services.participation.platform import Platform

CASES = Path(__file__).with_name("statements.yaml")
SHA2 = "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"
PLAIN: dict[str, Any] = {
    "actor": {"name": "示例教师", "account": {"homePage": "http://example.com", "name": "77"}},
    "verb": {"id": "http://example.com/verbs/attended", "display": {"en-US": "attended"}},
    "object": {"id": "http://example.com/meetings/1", "definition": {
        "type": "http://example.com/types/meeting", "name": {"zh-CN": "集中学习"}}},
}  # fmt: skip
ATTACHMENT = {
    **PLAIN,
    "attachments": [{"usageType": "http://example.com/t", "display": {"en": "file"}, "contentType": "text/plain",
                     "length": 27, "sha2": SHA2, "fileUrl": "http://example.com/file.txt"}],
}  # fmt: skip
OF = {"plain": PLAIN, "attachment": ATTACHMENT,
      "substatement": {**PLAIN, "object": {"objectType": "SubStatement", **PLAIN}}}  # fmt: skip


class UndatedLoader(yaml.CSafeLoader):
    """What looks like an instant stays text."""


UndatedLoader.yaml_implicit_resolvers = {
    letter: [each for each in resolvers if not each[0].endswith("timestamp")]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def changed(case: dict[str, Any]) -> dict[str, Any]:
    statement = copy.deepcopy(OF[case.get("of", "plain")])
    for path, value in case.get("set", {}).items():
        *steps, last = path.split(".")
        inside(statement, steps)[last] = value
    for path in case.get("drop", ()):
        *steps, last = path.split(".")
        del inside(statement, steps)[last]
    return statement


def inside(statement: Any, steps: list[str]) -> Any:
    for step in steps:
        statement = statement[int(step)] if isinstance(statement, list) else statement[step]
    return statement


def cases() -> Iterator[Any]:
    for requirement in yaml.load(CASES.read_text(encoding="utf-8"), UndatedLoader):  # noqa: S506 - a safe one
        for expected, status in (("bad", 400), ("good", 200)):
            for number, case in enumerate(requirement.get(expected, ())):
                name = f"{requirement['id']}-{expected}-{number}"
                statement = changed(case)
                yield pytest.param(statement, status, id=name)
                if not case.get("whole"):
                    within = {**PLAIN, "object": {"objectType": "SubStatement", **statement}}
                    yield pytest.param(within, status, id=f"{name}-within")


ALL = list(cases())


@pytest.mark.parametrize(("statement", "status"), ALL)
def test_a_statement_is_taken_where_the_requirement_says_so(
    platform: Platform, statement: dict[str, Any], status: int
) -> None:
    response = platform.call("POST", body=statement)
    assert response.status_code == status, response.get_data(as_text=True)
