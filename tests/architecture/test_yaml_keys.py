"""No mapping of a YAML file gives a key twice: PyYAML takes the last in silence, Docker Compose v2 refuses the file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from tests.architecture.kept import ROOT, kept


def repeated_keys(node: yaml.Node | None) -> Iterator[str]:
    """Each key that its mapping gave before, with its line."""
    if isinstance(node, yaml.MappingNode):
        before = set()
        for key, value in node.value:
            if key.value in before and key.value != "<<":
                yield f"{key.value}, line {key.start_mark.line + 1}"
            before.add(key.value)
            yield from repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated_keys(item)


@pytest.mark.parametrize("file", [str(path) for path in kept(".yml", ".yaml")])
def test_no_mapping_gives_a_key_twice(file: str) -> None:
    with (ROOT / file).open(encoding="utf-8") as text:
        assert list(repeated_keys(yaml.compose(text, yaml.CSafeLoader))) == []
