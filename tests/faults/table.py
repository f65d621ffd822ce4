"""The table of results: a line on the screen as each fault ends, kept in results.json, told in docs/faults.md."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.experiment import FAULTS, Result
from tests.faults.ledger import ENDS
from tests.support.system import ROOT

HEAD = """\
# Faults

Written by `make faults`; do not edit. Every line is one run: numbered events (units, memberships, records, findings;
some that must wait, some that must be refused, some that cannot be read) are sent by AMQP and HTTP to a whole
district server, real processes on RabbitMQ and PostgreSQL, while one fault is injected. An outside system sends again
what has no receipt, and nothing else is done to help. Then the stores themselves are read: every number must have
ended exactly once: applied in participation and in every service that subscribes to it, waiting, refused, or in
quarantine under its reason. Afterwards every hash chain is walked, and all row tables are built anew: they must be the
live ones, byte for byte. How each fault is injected: `tests/faults/`.

A run of all faults replaces its broker's table; a run of some (`make faults FAULTS="5 6b"`) replaces their lines only.
So every line says when it was run and on which commit (`+`: with changes that were not committed).
"""
KEPT = ROOT / "tests" / "faults" / "results.json"
PAGE = ROOT / "docs" / "faults.md"
COLUMNS = ("", "fault", "events", *ENDS, "lost", "twice", "stuck", "seconds", "run", "notes")
LONG = ", in a district's own time"
Lines = dict[str, dict[str, Any]]  # a fault's number -> its line


@dataclass(frozen=True)
class Run:
    """On what a run was made; versions as the servers tell them."""

    rabbitmq: str
    postgres: str
    python: str
    commit: str
    long: bool

    @property
    def table(self) -> str:
        """Each series of the broker has a table of its own, and so has what was run in a district's own time."""
        return ".".join(self.rabbitmq.split(".")[:2]) + (LONG if self.long else "")


def commit() -> str:
    """This commit; `+` where what runs is not what was committed."""
    written = [f":!{path.relative_to(ROOT)}" for path in (KEPT, PAGE)]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *written)
    return _git("rev-parse", "--short=8", "HEAD") + ("+" if changed else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def counts(item: Result) -> list[str]:
    """A result's cells but for where it was run."""
    result = item.ledger
    codes = [f"{count} {code}" for code, count in sorted(result.codes.items())]
    notes = [*item.notes, *([f"quarantined: {', '.join(codes)}"] if set(result.codes) - {"bad_json"} else [])]
    if not item.passed:
        notes.insert(0, "**FAILED**")
    numbers = [
        result.events,
        *(result.ends[end] for end in ENDS),
        len(result.lost),
        len(result.twice),
        len(result.stuck),
    ]
    return [item.number, item.name, *map(str, numbers), f"{item.seconds:.0f}", "; ".join(notes)]


def format_result(result: Result) -> str:
    """One line, and below it what did not hold."""
    wrong = [
        *result.failures,
        *result.ledger.lost[:5],
        *result.ledger.twice[:5],
        *result.ledger.stuck[:8],
        *result.ledger.wrong[:5],
    ]
    return " | ".join(counts(result)) + "".join(f"\n      {line}" for line in ([] if result.passed else wrong))


def write(results: list[Result], run: Run, whole: bool, kept: Path = KEPT, page: Path = PAGE) -> None:
    """Keep these lines, alone where the run was whole, and tell all that are kept."""
    tables: dict[str, Lines] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    lines = {} if whole else tables.get(run.table, {})
    on = datetime.now(UTC).strftime("%Y-%m-%d")
    for result in results:
        lines[result.number] = {"cells": counts(result), "passed": result.passed, "events": result.ledger.events,
                             "seconds": round(result.seconds), "on": on, **asdict(run)}  # fmt: skip
    order = [fault.number for fault in sorted(FAULTS, key=lambda item: item.place)]
    tables[run.table] = {number: lines[number] for number in order if number in lines}
    kept.write_text(json.dumps(tables, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page.write_text(HEAD + "".join(_table(name, tables[name]) for name in sorted(tables, key=_series)), "utf-8")


def seconds(kept: Path = KEPT) -> dict[str, int]:
    """How long each fault took when it was last run."""
    tables: dict[str, Lines] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    return {number: int(line["seconds"]) for lines in tables.values() for number, line in lines.items()}


def _series(name: str) -> list[int]:
    return [int(part) for part in name.removesuffix(LONG).split(".")] + [int(name.endswith(LONG))]


def _table(name: str, lines: Lines) -> str:
    result = list(lines.values())
    absent = f"; {len(FAULTS) - len(result)} not run" if len(result) < len(FAULTS) else ""
    passed, events = sum(item["passed"] for item in result), sum(item["events"] for item in result)
    pace = "heartbeats of 30 s" if name.endswith(LONG) else "heartbeats shortened to 4 s"
    return (
        f"\n## RabbitMQ {name}\n\n{passed} of {len(result)} passed{absent}. {events} events, "
        f"{sum(item['seconds'] for item in result) / 60:.0f} minutes added up, {_all(result, 'commit', 'commit')}, "
        f"RabbitMQ {_all(result, 'rabbitmq')}, PostgreSQL {_all(result, 'postgres')}, Python {_all(result, 'python')}, "
        f"{pace}.\n\n{_rows(result)}"
    )


def _all(created: list[dict[str, Any]], key: str, name: str = "") -> str:
    """What the lines say there, in the order of their days."""
    result = list(dict.fromkeys(item[key] for item in sorted(created, key=lambda item: str(item["on"]))))
    return f"{name}{'s' if name and len(result) > 1 else ''} {', '.join(result)}".strip()


def _rows(result: list[dict[str, Any]]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for item in result:
        *before, notes = item["cells"]
        lines.append("| " + " | ".join([*before, f"{item['on']} {item['commit']}", notes]) + " |")
    return "\n".join(lines) + "\n"
