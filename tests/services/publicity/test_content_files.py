"""What the log names is there and whole, or is named; what it does not name goes when it is old enough."""

from __future__ import annotations

import os
import time
from pathlib import Path

from chassis.http.compared_files import FilesPart
from chassis.store.file_verification import file_progress_of
from contracts.participation import PersonErased
from services.publicity.content_files import SAFE_SECONDS, SWEEP_SECONDS, ContentFiles
from services.publicity.content_store import ContentStore
from services.publicity.works.queries import work_rows
from tests.services.publicity.district import Bureau


def files_of(bureau: Bureau) -> ContentFiles:
    result: ContentFiles = bureau.service.content_files
    return result


def file_of(bureau: Bureau, work_id: str) -> Path:
    with bureau.runtime.store.reading() as connection:
        (address,) = [row["content"] for row in work_rows(connection, bureau.runtime.store)
                      if row["work_id"] == work_id]  # fmt: skip
    return bureau.runtime.data / "publicity" / "content" / address[:2] / address


def whole_log(bureau: Bureau) -> FilesPart:
    result = files_of(bureau).compare(0, 0)
    assert result.position == result.head
    return result


def make_old(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def orphan(bureau: Bureau) -> Path:
    """As a crash leaves it between a file and its event."""
    content_store: ContentStore = bureau.service.content_store
    address = content_store.store_content(["S01-1"], "没有人提到".encode())
    return bureau.runtime.data / "publicity" / "content" / address[:2] / address


def test_files_that_are_as_the_log_says_are_counted(bureau: Bureau) -> None:
    bureau.work("W1")
    bureau.work("W2")
    part = whole_log(bureau)
    assert (part.checked, part.erased, part.problems) == (2, 0, [])
    assert files_of(bureau).orphans(0) == []


def test_missing_and_changed_files_are_named_with_their_event(bureau: Bureau) -> None:
    for number in range(3):
        bureau.work(f"W{number}")
    file_of(bureau, "W0").unlink()
    changed = file_of(bureau, "W1")
    raw = bytearray(changed.read_bytes())
    raw[-1] ^= 1
    changed.write_bytes(raw)
    problems = whole_log(bureau).problems
    assert [(item["stream"], item["state"]) for item in problems] == [("work-W0", "missing"), ("work-W1", "changed")]
    assert problems[0]["file"] == file_of(bureau, "W0").name


def test_a_file_of_nobody_s_key_is_counted_apart(bureau: Bureau) -> None:
    bureau.work("W1")
    bureau.receive(PersonErased("S01-0"))
    bureau.service.keys.fetch = lambda _: {}
    part = whole_log(bureau)
    assert (part.checked, part.erased, part.problems) == (1, 1, [])


def test_what_no_event_names_goes_when_it_is_old_and_nothing_else(bureau: Bureau) -> None:
    bureau.work("W1")
    named, fresh = file_of(bureau, "W1"), orphan(bureau)
    assert files_of(bureau).orphans(0) == [fresh.name]
    make_old(named, 2 * SAFE_SECONDS)
    now = [0.0]
    sweeping = ContentFiles(bureau.runtime.store, bureau.service.content_store, bureau.service.keys, lambda: now[0])
    assert sweeping.sweep_when_due() == 0 and fresh.exists()
    make_old(fresh, 2 * SAFE_SECONDS)
    assert sweeping.sweep_when_due() == 0, "once a day"
    now[0] += SWEEP_SECONDS
    assert sweeping.sweep_when_due() == 1
    assert named.exists() and not fresh.exists()


def test_a_file_that_is_stored_again_is_fresh(bureau: Bureau) -> None:
    left = orphan(bureau)
    make_old(left, 2 * SAFE_SECONDS)
    assert orphan(bureau) == left
    assert files_of(bureau).orphans(SAFE_SECONDS) == []


def test_all_files_are_compared_in_the_background_and_the_outcome_is_kept(bureau: Bureau) -> None:
    bureau.work("W1")
    bureau.work("W2")
    file_of(bureau, "W1").unlink()
    bureau.service.file_verification.begin(spawn=lambda run: run())
    progress = bureau.service.file_verification.progress
    assert (progress.state, progress.checked, progress.broken, progress.position) == ("done", 2, 1, progress.head)
    assert progress.problems[0]["state"] == "missing"
    kept = file_progress_of(bureau.runtime.kept_outcome("files").read())
    assert (kept.broken, kept.problems, kept.ended_at) == (1, progress.problems, progress.ended_at)
