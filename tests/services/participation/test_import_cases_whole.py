"""Every problem file of tests/samples/imports through a whole import, dry and in earnest: each row becomes what
import_cases.json says, the workbook back says it in words, and sent in again it changes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pytest

from chassis.process import file_readers
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica
from tests.services.participation.importing import uploaded, worked
from tests.services.participation.test_import_cases import CASES, EXPECTED

WORDS = {"accepted": "已接收", "unchanged": "无变化"}
NO_BOOK = frozenset({"20e-strict-ooxml"})
"""openpyxl, which looks at the workbook here, does not know the format."""
SPENT = frozenset({"41-corrections-a"})
"""A record that the same import withdraws: its id is spent, so that the row is a conflict the second time."""


@dataclass
class Whole:
    """What an import said: of each row (part, line, outcome), of refused rows the column and code too; of each file
    the workbook back with what stands in 结果 by sheet and line."""

    state: str
    rows: list[list[Any]] = field(default_factory=list)
    notes: list[list[Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    books: dict[str, bytes] = field(default_factory=dict)

    def marks(self) -> list[str]:
        return [mark for content in self.books.values() for mark in marks_of(content)]


def whole(replica: Replica, files: dict[str, bytes], dry_run: bool) -> Whole:
    import_id = uploaded(replica, files, dry_run=dry_run)
    worked(replica)
    imports = replica.service.imports
    shown = imports.show_import(import_id)
    if shown["state"] == "unreadable":
        return Whole("unreadable", messages=[shown["fault"]])
    refused = {(row["file"], row["line"]): row for row in imports.refused_rows(import_id, 0, 1000)}
    result = Whole(shown["state"], messages=[row["message"] for row in refused.values()])
    result.notes = sorted([note["file"], note["line"], note["code"]] for note in imports.notes(import_id, 0, 1000))
    for number, part in enumerate(shown["files"]):
        for line, outcome in imports._spool.outcomes(import_id, number):
            row = refused.get((part["file"], line))
            result.rows.append([part["file"], line, outcome, *([row["column"], row["code"]] if row else [])])
    for name in files:
        result.books[name] = imports.workbook(import_id, name).content
    return result


def marks_of(content: bytes) -> list[str]:
    """What stands in the last column of each row that has something there, headings left out."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    texts = [[row[-1].value for row in sheet.iter_rows()] for sheet in book.worksheets]
    return [str(text) for column in texts if "结果" in column for text in column if text and text != "结果"]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Whole]]]:
    """Of each case the dry run, the import, and the import of the workbooks back."""
    patch = pytest.MonkeyPatch()
    replica = cluster.make_replica(tmp_path_factory.mktemp("store"), "")
    cluster.campaign(replica)
    result = {}
    # hundreds of workbooks are written: by forks of a process that has loaded what writes them, as uploads are read
    patch.setattr(file_readers, "read_file", file_readers.read_of_many)
    for folder in sorted(path for path in CASES.iterdir() if path.is_dir()):
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".jsonl"}
        dry, wet = whole(replica, files, True), whole(replica, files, False)
        back = {f"{name}.xlsx": content for name, content in wet.books.items()}
        again = whole(replica, back, False) if back else wet
        result[folder.name] = [dry, wet, again]
    patch.undo()
    yield result
    replica.runtime.store.close()


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_a_problem_file_through_a_whole_import(case: str, outcomes: dict[str, list[Whole]]) -> None:
    dry, wet, again = outcomes[case]
    assert (dry.state, dry.rows, dry.notes, dry.messages) == (wet.state, wet.rows, wet.notes, wet.messages)
    expected = [row for row in EXPECTED[case] if len(row) > 2]
    if wet.state == "unreadable":
        assert expected == [] and all(row[0] in wet.messages[0] for row in EXPECTED[case])
        return
    assert sorted(row[1:] for row in wet.rows) == sorted(_without_notes(row) for row in expected)
    if case not in NO_BOOK:
        marks = wet.marks()
        assert sorted(mark.partition("；")[0] for mark in marks if mark not in wet.messages) == sorted(
            WORDS[row[2]] for row in wet.rows if row[2] != "refused")  # fmt: skip
        assert sorted(mark for mark in marks if mark in wet.messages) == sorted(wet.messages)
    refused = [row[1:3] for row in wet.rows if row[2] == "refused"]
    assert case in SPENT or [row[1:3] for row in again.rows if row[2] != "unchanged"] == refused


def _without_notes(row: list[Any]) -> list[Any]:
    return row[1:5] if row[2] == "refused" else row[1:3]
