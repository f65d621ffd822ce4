"""The table of results: a line on the screen as each fault ends, kept in results.json, told in docs/faults.md."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.ledger import ENDS
from tests.faults.scene import FAULTS, Result
from tests.support.house import ROOT

HEAD = """\
# Faults

Written by `make faults`; do not edit. Every line is one run: numbered events (units, memberships, records, findings;
some that must wait, some that must be refused, some that cannot be read) are sent by AMQP and HTTP to a whole
district server, real processes on RabbitMQ and PostgreSQL, while one fault is injected. An outside system sends again
what has no receipt, and nothing else is done to help. Then the stores themselves are read: every number must have
ended exactly once, applied in participation and in every service that hears it, waiting, refused, or in quarantine
under its reason. Afterwards every hash chain is walked, and all row tables are built anew: they must be the live
ones, byte for byte. How each fault is injected: `tests/faults/`.

A run of all faults replaces its broker's table; a run of some (`make faults FAULTS="5 6b"`) replaces their lines only.
So every line says when it was run and on which commit (`+`: with changes that were not committed).
"""
KEPT = ROOT / "tests" / "faults" / "results.json"
TOLD = ROOT / "docs" / "faults.md"
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
    written = [f":!{path.relative_to(ROOT)}" for path in (KEPT, TOLD)]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *written)
    return _git("rev-parse", "--short=8", "HEAD") + ("+" if changed else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def counts(one: Result) -> list[str]:
    """A result's cells but for where it was run."""
    found = one.ledger
    codes = [f"{count} {code}" for code, count in sorted(found.codes.items())]
    notes = [*one.notes, *([f"quarantined: {', '.join(codes)}"] if set(found.codes) - {"bad_json"} else [])]
    if not one.held:
        notes.insert(0, "**FAILED**")
    numbers = [found.events, *(found.ends[end] for end in ENDS), len(found.lost), len(found.twice), len(found.stuck)]
    return [one.number, one.name, *map(str, numbers), f"{one.seconds:.0f}", "; ".join(notes)]


def told(one: Result) -> str:
    """One line, and below it what did not hold."""
    wrong = [*one.failures, *one.ledger.lost[:5], *one.ledger.twice[:5], *one.ledger.stuck[:8], *one.ledger.wrong[:5]]
    return " | ".join(counts(one)) + "".join(f"\n      {line}" for line in ([] if one.held else wrong))


def write(results: list[Result], run: Run, whole: bool, kept: Path = KEPT, page: Path = TOLD) -> None:
    """Keep these lines, alone where the run was whole, and tell all that are kept."""
    tables: dict[str, Lines] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    lines = {} if whole else tables.get(run.table, {})
    on = datetime.now(UTC).strftime("%Y-%m-%d")
    for one in results:
        lines[one.number] = {"cells": counts(one), "held": one.held, "events": one.ledger.events,
                             "seconds": round(one.seconds), "on": on, **asdict(run)}  # fmt: skip
    order = [one.number for one in sorted(FAULTS, key=lambda one: one.place)]
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
    made = list(lines.values())
    absent = f"; {len(FAULTS) - len(made)} not run" if len(made) < len(FAULTS) else ""
    held, events = sum(one["held"] for one in made), sum(one["events"] for one in made)
    pace = "heartbeats of 30 s" if name.endswith(LONG) else "heartbeats shortened to 4 s"
    return (
        f"\n## RabbitMQ {name}\n\n{held} of {len(made)} held{absent}. {events} events, "
        f"{sum(one['seconds'] for one in made) / 60:.0f} minutes added up, {_all(made, 'commit', 'commit')}, "
        f"RabbitMQ {_all(made, 'rabbitmq')}, PostgreSQL {_all(made, 'postgres')}, Python {_all(made, 'python')}, "
        f"{pace}.\n\n{_rows(made)}"
    )


def _all(made: list[dict[str, Any]], key: str, name: str = "") -> str:
    """What the lines say there, in the order of their days."""
    found = list(dict.fromkeys(one[key] for one in sorted(made, key=lambda one: str(one["on"]))))
    return f"{name}{'s' if name and len(found) > 1 else ''} {', '.join(found)}".strip()


def _rows(made: list[dict[str, Any]]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for one in made:
        *before, notes = one["cells"]
        lines.append("| " + " | ".join([*before, f"{one['on']} {one['commit']}", notes]) + " |")
    return "\n".join(lines) + "\n"
