"""Which cases of schemathesis' coverage phase are sent: of the wrong types of a value, and of the methods that an
address does not know, the first; `test_wrong_types_and_methods.py` asks for all of them without HTTP.  At the first
address all methods are sent."""

from __future__ import annotations

import schemathesis
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario

_sent: set[tuple[str, ...]] = set()
_first: list[str] = []


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Drop what differs from a case before it in its wrong type or method alone."""
    data = case.meta.phase.data if case.meta else None
    if not isinstance(data, CoveragePhaseData):
        return True
    match data.scenario:
        case CoverageScenario.UNSPECIFIED_HTTP_METHOD:
            path = case.operation.path
            _first.append(path)
            return path == _first[0] or _is_first(data.scenario, path)
        case CoverageScenario.INCORRECT_TYPE:
            return _is_first(data.scenario, case.operation.label, str(data.parameter), data.description)
    return True


def _is_first(*what: str) -> bool:
    known = what in _sent
    _sent.add(what)
    return not known
