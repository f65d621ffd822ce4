"""A dry run tells of each row what the import itself then does, and keeps nothing in memory."""

from __future__ import annotations

import csv
import gc
import re
from pathlib import Path

import pytest

from services.participation.domain import Ledger
from services.participation.imports import job
from services.participation.imports.accepted_rows import FILE
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica
from tests.services.participation.importing import imported, uploaded, worked
from tests.support.system import SAMPLES


def outcomes_of(replica: Replica, shown: dict[str, object]) -> tuple[object, ...]:
    imports, import_id = replica.service.imports, str(shown["import_id"])
    files = [{name: file[name] for name in ("file", "rows", "accepted", "unchanged", "refused")}
             for file in shown["files"]]  # type: ignore[attr-defined]  # fmt: skip
    notes = [[note[name] for name in ("file", "line", "column", "code")] for note in imports.notes(import_id, 0, 9999)]
    refused = sorted((row["file"], row["line"], row["column"], row["code"], row["message"])
                     for row in imports.refused_rows(import_id, 0, 9999))  # fmt: skip
    return files, refused, notes


def without_plain_records(files: dict[str, bytes]) -> dict[str, bytes]:
    """Of the records all that are refused, corrected or withdrawn, and one in five of the others."""
    with (SAMPLES / "expected" / "refused.csv").open(encoding="utf-8") as file:
        refused = {int(row["line"]) for row in csv.DictReader(file) if row["file"] == "records.csv"}
    named = set(re.findall(rb"R\d+", files["corrections.csv"] + files["withdrawals.csv"]))
    kept = [line for number, line in enumerate(files["records.csv"].splitlines(keepends=True), 1)
            if number % 5 == 1 or number in refused or line.partition(b",")[0] in named]  # fmt: skip
    return files | {"records.csv": b"".join(kept)}


@pytest.mark.parametrize("late_entry", ["", "系统停机期间的补录"])
def test_a_dry_run_in_small_batches_tells_what_the_import_does(
    late_entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch builds on what those before it accepted: units, people, claims, corrections.  Without most of the
    records to which nothing happens: tests/journeys/test_import.py has both tell the same of the whole sample."""
    monkeypatch.setattr(job, "BATCH_ALONE", 40)
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    files = {path.name: path.read_bytes() for path in sorted((SAMPLES / "district").glob("*.csv"))}
    files = without_plain_records(files)
    dry = imported(replica, files, dry_run=True, late_entry=late_entry)
    before = len(replica.log())
    wet = imported(replica, files, late_entry=late_entry)
    assert outcomes_of(replica, dry) == outcomes_of(replica, wet)
    assert sum(file["refused"] for file in dry["files"]) > 0 and before < 10
    again = imported(replica, files, dry_run=True)
    assert [file["accepted"] for file in again["files"]] == [0] * len(again["files"])
    replica.runtime.store.close()


def test_a_dry_run_is_no_fault_of_the_loop_that_looks_for_old_imports(tmp_path: Path) -> None:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    job = replica.service.imports.job
    uploaded(replica, {"units.csv": (SAMPLES / "district/units.csv").read_bytes()}, dry_run=True)
    assert job._each_open("imports", job._abandon_old) is False and job.faults == {}
    replica.runtime.store.close()


def test_what_a_dry_run_accepted_is_in_a_file_that_ends_with_it(tmp_path: Path) -> None:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    files = {name: (SAMPLES / "district" / name).read_bytes() for name in ("units.csv", "people.csv")}
    import_id = uploaded(replica, files, dry_run=True)
    imports = replica.service.imports
    imports.job.read_all()
    place, sizes = imports._spool.folder_of(import_id) / FILE, list[int]()
    while imports.job._each_open("imports", imports.job._decide_next):
        sizes.append(place.stat().st_size if place.exists() else 0)
        gc.collect()
        assert not [held for held in gc.get_objects() if isinstance(held, Ledger)]
    assert max(sizes) > 0 and not place.exists()
    assert imports.show_import(import_id)["finished"]
    worked(replica)
    replica.runtime.store.close()
