"""What was found: figures with their raw medians, ratios with their targets; to the terminal and to a file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.running import Figures, median, spread


@dataclass
class Line:
    """One figure: a median with its runs, and, where it is compared, the ratio and the target."""

    what: str
    value: float
    unit: str
    runs: list[float]
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass
class Results:
    lines: list[Line] = field(default_factory=list)

    def rate(self, what: str, result: Sequence[Figures], key: str = "rate", unit: str = "/s",
             against: Sequence[Figures] | None = None, against_key: str = "rate", at_least: float | None = None
             ) -> Line:  # fmt: skip
        """More is better."""
        line = Line(what, median(result, key), unit, spread(result, key))
        if against is not None:
            line.ratio = line.value / median(against, against_key)
        if at_least is not None and line.ratio is not None:
            line.target, line.met = f">= {at_least:g} x", line.ratio >= at_least
        self.lines.append(line)
        return line

    def cost(self, what: str, value: float, unit: str, runs: Sequence[float] = (), ratio: float | None = None,
             at_most: float | None = None) -> Line:  # fmt: skip
        """Less is better; the target is for the ratio, or for the value where nothing is compared."""
        line = Line(what, value, unit, sorted(runs), ratio)
        if at_most is not None:
            line.target = f"<= {at_most:g} x" if ratio is not None else f"<= {at_most:g} {unit}"
            line.met = (value if ratio is None else ratio) <= at_most
        self.lines.append(line)
        return line

    def table(self) -> str:
        rows = [("what", "median", "runs", "ratio", "target", "")]
        for line in self.lines:
            met = {True: "met", False: "MISSED", None: ""}[line.met]
            runs = " ".join(shown(run) for run in line.runs)
            ratio = "" if line.ratio is None else f"{line.ratio:.2f} x"
            rows.append((line.what, f"{shown(line.value)} {line.unit}", runs, ratio, line.target, met))
        widths = [max(len(row[at]) for row in rows) for at in range(6)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                         for row in rows)  # fmt: skip

    def write(self, path: Path, **about: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(about | {"lines": [asdict(line) for line in self.lines]}, indent=1,
                                   ensure_ascii=False) + "\n")  # fmt: skip


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
