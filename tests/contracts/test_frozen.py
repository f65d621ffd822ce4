"""Every event ever published stays readable: frozen schemas and examples, and the classes of today."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chassis.events.definition import REGISTRY, data_of
from contracts.intake import REPORT_TYPES
from docs.generate.contracts import FROZEN, Contract, contracts
from docs.generate.freezing import freeze, frozen_differences, manifest
from services.participation.domain import ROW_KINDS
from services.participation.intake import cancellations

KNOWN = {contract.wire: contract for contract in contracts()}
NAMES = sorted(path.name.removesuffix(".schema.json") for path in FROZEN.glob("*.schema.json"))


def schema(wire: str) -> Any:
    return json.loads((FROZEN / f"{wire}.schema.json").read_text(encoding="utf-8"))


def example(wire: str) -> Any:
    return json.loads((FROZEN / f"{wire}.example.json").read_text(encoding="utf-8"))


def test_nothing_frozen_was_changed_removed_or_left_unlisted() -> None:
    assert frozen_differences(FROZEN) == []


def test_every_contract_has_its_frozen_schema_and_example() -> None:
    assert set(KNOWN) <= set(NAMES)
    assert set(manifest(FROZEN)) == {f"{name}.{what}.json" for name in NAMES for what in ("schema", "example")}


@pytest.mark.parametrize("wire", NAMES)
def test_a_frozen_example_is_of_its_frozen_schema(wire: str) -> None:
    Draft202012Validator.check_schema(schema(wire))
    Draft202012Validator(schema(wire)).validate(example(wire))


@pytest.mark.parametrize("wire", [name for name in NAMES if not name.startswith("qihang.")])
def test_today_s_code_reads_every_frozen_example(wire: str) -> None:
    """Old versions too: by their own class and its upcasters."""
    newest = REGISTRY.read(wire, example(wire))
    assert newest.stream
    if REGISTRY.classes[wire] is type(newest):
        assert {k: v for k, v in data_of(newest).items() if k in example(wire)} == example(wire)


@pytest.mark.parametrize("wire", NAMES)
def test_today_s_schema_takes_what_the_frozen_one_took(wire: str) -> None:
    """Within a version only optional fields may be added."""
    assert wire in KNOWN, f"{wire} stands in logs: keep its class, and an upcaster to the newer one"
    assert narrowed(schema(wire), KNOWN[wire].schema) == []


def narrowed(frozen: Any, today: Any) -> list[str]:
    """What makes today's schema refuse, or lose, what the frozen one took."""
    problems = []
    for name, about in frozen["properties"].items():
        now = today["properties"].get(name)
        if now is None:
            problems.append(f"{name} is gone")
        elif now | {"description": ""} != about | {"description": ""}:
            problems.append(f"{name} has another type or another mark")
    problems += [f"{name} is required now" for name in set(today["required"]) - set(frozen["required"])]
    return problems


def test_a_lost_retyped_or_newly_required_field_is_reported() -> None:
    frozen = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]}
    today = {"properties": {"b": {"type": "integer"}, "c": {"type": "string"}}, "required": ["a", "c"]}
    assert narrowed(frozen, today) == ["a is gone", "b has another type or another mark", "c is required now"]
    assert narrowed(frozen, {**frozen, "properties": {**frozen["properties"], "d": {"type": "string"}}}) == []


def test_an_edited_a_removed_and_an_unlisted_file_are_reported_with_the_remedy(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.v1.example.json").write_text("{}")
    freeze(tmp_path, [])
    assert frozen_differences(tmp_path) == []
    (tmp_path / "one.v1.example.json").write_text('{"a": 1}')
    (tmp_path / "two.v1.example.json").unlink()
    (tmp_path / "three.v1.example.json").write_text("{}")
    problems = frozen_differences(tmp_path)
    assert len(problems) == 3 and "removed" in problems[1] and "freeze" in problems[2]
    assert "changed" in problems[0] and "upcaster" in problems[0]


def test_freezing_again_never_forgives_a_change(tmp_path: Path) -> None:
    (tmp_path / "one.v1.example.json").write_text("{}")
    freeze(tmp_path, [])
    (tmp_path / "one.v1.example.json").write_text('{"a": 1}')
    freeze(tmp_path, [])
    assert "changed" in frozen_differences(tmp_path)[0]


def test_freezing_asks_for_an_example_before_it_writes_a_schema(tmp_path: Path) -> None:
    new = Contract("some.thing_happened.v1", "some", "", {"type": "object"})
    assert "write an example first" in freeze(tmp_path, [new])[0] and not list(tmp_path.glob("*.json"))
    (tmp_path / "some.thing_happened.v1.example.json").write_text("{}")
    freeze(tmp_path, [new])
    assert (tmp_path / "some.thing_happened.v1.schema.json").exists() and frozen_differences(tmp_path) == []


def test_every_event_has_a_label_and_every_field_a_meaning() -> None:
    for contract in KNOWN.values():
        assert contract.label and contract.summary, contract.wire
        for name, about in contract.schema["properties"].items():
            assert about.get("description", "").split("; ciphertext")[0], (contract.wire, name)


def test_the_intake_takes_what_its_contract_says() -> None:
    taken = {kind.wire: (kind.columns, kind.required) for kind in ROW_KINDS.values() if kind.wire}
    taken[cancellations.WIRE] = (("source", "id"), {"source", "id"})
    documented = {report.wire: (tuple(column.name for column in report.columns),
                          {column.name for column in report.columns if column.required})
            for report in REPORT_TYPES}  # fmt: skip
    assert taken == documented
