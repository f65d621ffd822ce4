"""The causation of events that follow from a report: its source and id.  Pure."""

from urllib.parse import quote, unquote

_MARK = "intake:"
_KEPT = "/:?=&@,;+$!*'()[]~"


def cause_of_report(source: str, report_id: str) -> str:
    """`intake:` and the report's CloudEvents identity, joined by `#`."""
    return f"{_MARK}{quote(source, _KEPT)}#{quote(report_id, _KEPT)}"


def source_of_cause(causation: str) -> str:
    """The source of the report that caused an event; empty if none did."""
    if not causation.startswith(_MARK):
        return ""
    return unquote(causation.removeprefix(_MARK).partition("#")[0])
