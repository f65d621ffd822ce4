"""What a job of the operator came to is known after a restart, and a file that cannot be read is none."""

from __future__ import annotations

from pathlib import Path

from chassis.store.file_verification import file_progress_of
from chassis.store.kept_outcome import KeptOutcome
from chassis.store.log_verification import LogVerificationProgress, VerifiedPlace, log_progress_of
from chassis.store.replay import ReplayProgress, progress_of
from chassis.store.row_verification import Comparison, RowDifference, comparison_of


def test_an_outcome_is_read_as_it_was_kept(tmp_path: Path) -> None:
    outcome = KeptOutcome(tmp_path / "publicity" / "log.json", lambda: "2022-11-30T16:05:00.000000Z")
    assert outcome.read() == {} and log_progress_of({}).state == "idle"
    place = VerifiedPlace("chain", "publicity", 0, 31, 31, 31, 7, "the hash is another")
    done = LogVerificationProgress("done", 1.5, "", outcome.now(), [place])
    outcome.keep(done.as_json())
    assert log_progress_of(KeptOutcome(tmp_path / "publicity" / "log.json").read()) == done


def test_values_of_rows_are_in_no_file(tmp_path: Path) -> None:
    difference = RowDifference("records", "R1", "changed", "title", "王芳的总结", "李明的总结")
    outcome = KeptOutcome(tmp_path / "rows.json")
    progress = ReplayProgress("done", 10, 10, 0.25, "", "2022-11-30T16:05:00.000000Z")
    outcome.keep({**progress.as_json(), **Comparison(3, 9, 1, [difference]).without_values()})
    assert "王芳" not in (tmp_path / "rows.json").read_text()
    before = outcome.read()
    assert progress_of(before) == progress
    assert comparison_of(before) == Comparison(3, 9, 1, [RowDifference("records", "R1", "changed", "title")])


def test_what_cannot_be_read_or_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "files.json").write_text("{")
    assert KeptOutcome(tmp_path / "files.json").read() == {} and file_progress_of({}).state == "idle"
    (tmp_path / "no-folder").write_text("")
    KeptOutcome(tmp_path / "no-folder" / "files.json").keep({"state": "done"})
