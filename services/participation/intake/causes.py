"""What an event of a report bears as its causation: the source and the id of the report.  Pure."""

from urllib.parse import quote, unquote

_MARK = "intake:"
_KEPT = "/:?=&@,;+$!*'()[]~"


def cause_of_report(source: str, report_id: str) -> str:
    """`intake:` and the report's CloudEvents identity, `#` between its parts."""
    return f"{_MARK}{quote(source, _KEPT)}#{quote(report_id, _KEPT)}"


def source_of_cause(causation: str) -> str:
    """The source of the report that an event follows from; empty: it follows from none."""
    if not causation.startswith(_MARK):
        return ""
    return unquote(causation.removeprefix(_MARK).partition("#")[0])
