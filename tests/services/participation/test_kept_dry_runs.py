"""A dry run is left and found again, by another replica too; confirmed, its files are imported without another upload;
it goes after a week, when it is discarded, and with whoever is erased."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from services.participation.imports import job, kept_dry_runs, spool
from services.participation.imports.dry_run import DryRuns
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.importing import begun, uploaded, worked
from tests.services.participation.test_imports_at_once import counts, records, shown


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def restarted(replica: Replica) -> None:
    """Nothing is left in memory."""
    imports = replica.service.imports
    imports._dry_runs = imports.job._dry_runs = imports.dry_runs._running = DryRuns()


def test_a_dry_run_is_found_again_after_a_restart_with_what_it_refused(replica: Replica) -> None:
    import_id = uploaded(replica, {"records.csv": records("R1") + records("R2", person="P9").split(b"\n")[1]},
                         dry_run=True)  # fmt: skip
    worked(replica)
    restarted(replica)
    assert (shown(replica, import_id)["state"], shown(replica, import_id)["dry_run"]) == ("finished", True)
    assert counts(replica, import_id) == [("records.csv", 1, 1)]
    (row,) = replica.service.imports.refused_rows(import_id, 0, 9)
    assert (row["line"], row["label"], row["value"]) == (3, "人员编号", "P9")
    (listed,) = replica.service.imports.list_dry_runs(OPERATOR)
    assert (listed["import_id"], listed["rows"], listed["refused"], listed["confirmed"]) == (import_id, 2, 1, "")
    assert (listed["actor"], listed["kinds"]) == ("operator:operator", ["records"])


def test_a_confirmed_dry_run_imports_its_files_once(replica: Replica) -> None:
    imports = replica.service.imports
    import_id = uploaded(replica, {"records.csv": records("R1", "R2")}, dry_run=True)
    with pytest.raises(Problem) as caught:
        imports.dry_runs.confirm(OPERATOR, import_id, "")
    assert (caught.value.status, caught.value.code) == (409, "not_finished")
    worked(replica)
    restarted(replica)
    begun_id, resumed = imports.dry_runs.confirm(OPERATOR, import_id, "")
    assert not resumed and begun_id != import_id
    worked(replica)
    assert counts(replica, begun_id) == [("records.csv", 2, 0)] and not shown(replica, begun_id)["dry_run"]
    assert imports.dry_runs.confirm(OPERATOR, import_id, "") == (begun_id, True)
    assert shown(replica, import_id)["confirmed"] == begun_id
    assert [row["import_id"] for row in imports.list_imports(OPERATOR, "", 9)] == [begun_id]
    assert b"R1" in imports._spool.raw(begun_id, 0).read_bytes()
    with pytest.raises(Problem) as caught:
        imports.dry_runs.discard(import_id)
    assert (caught.value.status, caught.value.code) == (409, "confirmed")


def test_a_confirmation_that_was_cut_off_before_the_files_were_there_goes_on(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = replica.service.imports
    import_id = uploaded(replica, {"records.csv": records("R1")}, dry_run=True)
    worked(replica)
    with monkeypatch.context() as patch:
        patch.setattr(imports._spool, "lend_uploads", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            imports.dry_runs.confirm(OPERATOR, import_id, "")
    begun_id, resumed = imports.dry_runs.confirm(OPERATOR, import_id, "")
    worked(replica)
    assert resumed and counts(replica, begun_id) == [("records.csv", 1, 0)]


def test_late_entry_is_kept_for_the_import(replica: Replica) -> None:
    import_id = uploaded(replica, {"records.csv": records("R1")}, dry_run=True, late_entry="停电")
    worked(replica)
    begun_id, _ = replica.service.imports.dry_runs.confirm(OPERATOR, import_id, "")
    assert shown(replica, begun_id)["late_entry"] == "停电"


def test_a_discarded_dry_run_leaves_nothing(replica: Replica, tmp_path: Path) -> None:
    import_id = uploaded(replica, {"records.csv": records("R1", person="P9")}, dry_run=True)
    worked(replica)
    replica.service.imports.dry_runs.discard(import_id)
    with pytest.raises(Problem) as caught:
        shown(replica, import_id)
    assert caught.value.status == 404
    assert [path for path in (tmp_path / "participation" / "imports").rglob("*") if path.is_file()] == []
    for unknown in (import_id, "..", "20221201-0123456789"):
        with pytest.raises(Problem) as caught:
            replica.service.imports.dry_runs.discard(unknown)
        assert caught.value.status == 404


def test_one_whose_process_is_gone_says_so_and_is_confirmed_by_nobody(replica: Replica) -> None:
    imports = replica.service.imports
    import_id = uploaded(replica, {"records.csv": records("R1")}, dry_run=True)
    imports.job.read_all()
    restarted(replica)
    assert shown(replica, import_id)["finished"] is False  # it may be another replica's
    old = time.time() - kept_dry_runs.SILENT_SECONDS - 1
    os.utime(imports._spool.folder_of(import_id) / kept_dry_runs.FILE, (old, old))
    assert shown(replica, import_id)["state"] == "abandoned"
    with pytest.raises(Problem) as caught:
        imports.dry_runs.confirm(OPERATOR, import_id, "")
    assert caught.value.status == 409


def test_a_week_later_its_files_are_gone_and_with_an_erasure_too(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = replica.service.imports
    first = uploaded(replica, {"records.csv": records("R1")}, dry_run=True)
    worked(replica)
    imports.erase_rows_of("P1")
    with pytest.raises(Problem) as caught:
        imports.dry_runs.confirm(OPERATOR, first, "")
    assert (caught.value.status, caught.value.code) == (410, "upload_gone")
    monkeypatch.setattr(job, "SWEEP_SECONDS", -1.0)
    monkeypatch.setattr(spool, "KEPT_SECONDS", -1.0)
    worked(replica)
    assert imports.list_dry_runs(OPERATOR) == []


def test_another_s_that_runs_is_not_swept(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id, _ = begun(replica, {"records.csv": records("R1")}, dry_run=True)
    restarted(replica)
    monkeypatch.setattr(job, "SWEEP_SECONDS", -1.0)
    worked(replica)
    assert not (replica.service.imports._spool.folder_of(import_id) / "ended").exists()
