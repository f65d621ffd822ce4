"""The corrections of the sample district, published as events, leave the results that its corrections.csv leaves."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.domain.duties.oracle_of_cells import Row
from tests.journeys.conftest import FIGURES, AnySystem, reported
from tests.support.history_events import cloud_event, correction_report
from tests.support.reported import write
from tests.support.system import SAMPLES


def corrections() -> tuple[list[Row], list[Row]]:
    """Those that are not refused: what events can say, and the others (a row's own reason)."""
    with (SAMPLES / "expected" / "refused.csv").open(encoding="utf-8") as file:
        refused = {int(row["line"]) for row in csv.DictReader(file) if row["file"] == "corrections.csv"}
    rows: dict[str, Row] = {}  # one id is repeated: it changes nothing more
    with (SAMPLES / "district" / "corrections.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if reader.line_num not in refused:
                rows.setdefault(row["correction_id"], row)
    by_event = [row for row in rows.values() if row["column"] != "reason"]
    return by_event, [row for row in rows.values() if row["column"] == "reason"]


def test_corrections_by_event_give_the_results_of_corrections_by_file(system: AnySystem, tmp_path: Path) -> None:
    district = tmp_path / "district"
    shutil.copytree(SAMPLES / "district", district, ignore=shutil.ignore_patterns("corrections.csv"))
    system.qihang("import", district)
    by_event, by_file = corrections()
    assert len(by_event) > 20
    events = [cloud_event(correction_report(row, ()), row["correction_id"]) for row in by_event]
    printed = system.qihang("publish", write(events, tmp_path / "corrections.jsonl"))
    assert "refused 0" in printed or "未接收 0" in printed, printed
    if by_file:
        with (tmp_path / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(by_file[0]))
            writer.writeheader()
            writer.writerows(by_file)
        system.qihang("import", tmp_path / "corrections.csv")
    system.matches(reported(system, tmp_path / "results"), *FIGURES)
