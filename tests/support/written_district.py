"""A random small district of tests/domain/duties as a clerk's files, and the result files that its oracle expects."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from tests.domain.duties.oracle import Oracle
from tests.domain.duties.oracle_of_instances import Facts

ASSESSOR = {"unit_id": "ZB", "kind": "bureau", "tags": [], "opened_on": date(2010, 9, 1), "closed_on": None}
OF_A_FILE = {"people.csv": "people", "exemptions.csv": "exemptions", "records.csv": "records",
             "findings.csv": "findings", "sheets.csv": "sheets", "decisions.csv": "decisions"}  # fmt: skip


def assessed(facts: Facts) -> Facts:
    """With a bureau that may assess everybody, each withdrawal known, and every record reported long after its day."""
    late = {"recorded": 0, "reported": date(2100, 1, 1)}
    known = [row | late | {"withdrawn": None if row["withdrawn"] is None else 0} for row in facts.records]
    return replace(facts, units=[*facts.units, ASSESSOR], records=known)


def _record(r: Any) -> tuple[Any, ...]:
    moment = f"{r['day']}T{r['instant'] % 24:02}:00:00"
    evidence = "evidence.pdf" if r["evidence"] else ""
    return (r["record_id"], r["record"], r["unit_id"], r["person_id"], moment, r["period"], r["content"] * 64, evidence)


def write_files(facts: Facts, folder: Path) -> None:
    """campaign.yaml and the district's files."""
    (folder / "district").mkdir(parents=True)
    text = yaml.safe_dump(facts.campaign, allow_unicode=True, sort_keys=False)
    (folder / "campaign.yaml").write_text(text, encoding="utf-8")

    def file(name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        with (folder / "district" / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([columns.split(), *([_cell(cell) for cell in row] for row in rows)])

    file(
        "units.csv",
        "unit_id name kind tags opened_on closed_on",
        [(u["unit_id"], "单位", u["kind"], ";".join(u["tags"]), u["opened_on"], u["closed_on"]) for u in facts.units],
    )
    file(
        "people.csv",
        "person_id name role unit_id from to",
        [(p["person_id"], "人", p["role"], p["unit_id"], p["from"], p["to"]) for p in facts.people],
    )
    file(
        "exemptions.csv",
        "exemption_id person_id unit_id duty period reason",
        [
            (f"E{n}", e["person_id"], e["unit_id"], e["duty"], e["period"], "病假")
            for n, e in enumerate(facts.exemptions)
        ],
    )
    file(
        "records.csv",
        "record_id record unit_id person_id occurred_at period content_sha256 evidence",
        [_record(r) for r in facts.records],
    )
    file(
        "withdrawals.csv",
        "record_id withdrawn_at reason",
        [(r["record_id"], "2024-03-01", "重复") for r in facts.records if r["withdrawn"] is not None],
    )
    file(
        "findings.csv",
        "finding_id unit_id assessor_id found_on deadline points rectified_on",
        [
            (f"F{n}", f["unit_id"], "ZB", f["found_on"], f["deadline"], f["points"], f["rectified_on"])
            for n, f in enumerate(facts.findings)
        ],
    )
    file("decisions.csv", "decision_id kind year unit_id person_id document decided_on reason",
         [(f"D{n}", d["kind"], d["year"], d["unit_id"], d["person_id"], "1号", "2024-01-20", "决定")
          for n, d in enumerate(facts.decisions)])  # fmt: skip
    file("sheets.csv", "sheet_id unit_id assessor_id period item points assessed_on",
         [(f"Q{n}", s["unit_id"], "ZB", s["period"], s["item"], s["points"], s["assessed_on"])
          for n, s in enumerate(facts.sheets)])  # fmt: skip


def accepted(facts: Facts, refused: Path) -> Facts:
    """The facts without the rows that refused.csv lists."""
    with refused.open(encoding="utf-8") as file:
        gone = {(row["file"], int(row["line"])) for row in csv.DictReader(file)}
    assert not {file for file, _ in gone} & {"units.csv", "people.csv"}, "these are all good"
    kept = {
        name: [row for line, row in enumerate(getattr(facts, name), 2) if (file, line) not in gone]
        for file, name in OF_A_FILE.items()
    }
    return replace(facts, **kept)


def expected(facts: Facts, windows: Sequence[tuple[str, str, date]]) -> dict[str, list[list[str]]]:
    """The four result files of scoring.md 9, by the oracle."""
    oracle = Oracle(facts, None)
    files: dict[str, list[list[str]]] = {
        "unit_scores.csv": [], "units_awarded.csv": [], "individuals.csv": [], "outstanding.csv": []
    }  # fmt: skip
    for what, name, day in windows:
        if what == "score":
            files["unit_scores.csv"] += [_score(name, day, line) for line in oracle.scores(name, day)]
        elif what == "award":
            rows = oracle.commended(int(name))
            files["units_awarded.csv"] += [[name, *map(str, row)] for row in rows]
            individuals = oracle.individuals(int(name))
            files["individuals.csv"] += [[name, u, p, shown(points, 2), s] for u, p, points, s in individuals]
        else:
            for *ids, due, counted, count, overdue in oracle.outstanding(day):
                row = [str(day), *ids, str(due), str(counted), str(count), "yes" if overdue else "no"]
                files["outstanding.csv"].append(row)
    return files


def _score(window: str, day: date, line: dict[str, Any]) -> list[str]:
    sheet = "" if line["sheet"] is None else shown(line["sheet"], 2)
    points = [shown(line[key], 2) for key in ("base", "deduction", "score")]
    shares = [shown(line[key], 4) for key in ("completion", "on_time", "evidence")]
    rank = "" if line["rank"] is None else str(line["rank"])
    return [window, str(day), line["unit"], points[0], sheet, points[1], points[2], rank, *shares, line["band"]]


def shown(value: Fraction, places: int) -> str:
    """Half up; no figure is negative."""
    units = int(value * 10**places + Fraction(1, 2))
    return f"{units // 10**places}.{units % 10**places:0{places}}"


def _cell(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(float(value))
    return "" if value is None else str(value)
