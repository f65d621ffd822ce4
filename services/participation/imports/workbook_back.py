"""Writes an uploaded file of an import as a workbook with the outcome of each row (docs/reading.md, Back)."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from chassis.process import file_readers
from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from chassis.process.subprocesses import LimitReached
from services.participation.imports.domain import ImportProgress, PartProgress
from services.participation.imports.spool import Spool
from services.participation.imports.upload_reading import READ_LIMITS, READ_SECONDS, catalogue

MAKER = "services.reading.workbook_back"
WORDS = {"accepted": "已接收", "unchanged": "无变化"}
CORRECTED = "更正"
PAGE = 5000


class Workbook(NamedTuple):
    """The workbook's bytes, and its file extension."""

    content: bytes
    ending: str


class Texts(NamedTuple):
    """Functions that return pages of refused rows and of notes after the first `after`, as the routes answer them."""

    refused: Callable[[int, int], list[dict[str, Any]]]
    notes: Callable[[int, int], list[dict[str, Any]]]


def make_workbook(spool: Spool, progress: ImportProgress, name: str, texts: Texts) -> Workbook:
    """Problem 404 if the file was not announced, 409 before the end, 410 if it is not kept any more, 422 if it cannot
    be written."""
    if name not in progress.files:
        raise Problem(404, "unknown_file", f"本次导入没有登记 {name[:80]}。")
    if progress.is_open:
        raise Problem(409, "not_finished", "导入还没有完成，请完成后再取回工作簿。")
    number = progress.files.index(name)
    raw = spool.raw(progress.import_id, number)
    if not raw.exists():
        raise Problem(410, "upload_gone", f"{name} 已不再保存（导入后保留七天），请重新导入。")
    own = f"{number}.{os.urandom(4).hex()}"
    outcomes, target = (raw.with_name(f"{own}.{kind}") for kind in ("marks.new", "book.new"))
    try:
        _write_marks(spool, progress, name, texts, outcomes)
        return _create(raw, progress, number, outcomes, target)
    finally:
        outcomes.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


def _create(raw: Path, progress: ImportProgress, number: int, outcomes: Path, target: Path) -> Workbook:
    name, _, _, table = progress.manifest[number]
    try:
        out = file_readers.read_file(MAKER, str(raw), name, table, str(outcomes), str(target),
                                     given=catalogue(progress.unit_id), limits=READ_LIMITS,
                                     seconds=READ_SECONDS)  # fmt: skip
    except LimitReached:
        raise Problem(422, "unreadable", f"{name}：写出工作簿所需的内存或时间超出限度，请拆分后再导入。") from None
    answer = json.loads(out)
    if "unreadable" in answer:
        raise Problem(422, "unreadable", f"{name}：{answer['unreadable']}")
    return Workbook(target.read_bytes(), answer["ending"])


def _write_marks(spool: Spool, progress: ImportProgress, name: str, texts: Texts, target: Path) -> None:
    refused = _by_place(_read_pages(texts.refused), lambda row: row["file"])
    noted = _by_place(
        (note | {"message": note["text"]} for note in _read_pages(texts.notes) if note["file"] == name),
        lambda note: note["sheet"],
    )
    with target.open("w", encoding="ascii") as out:
        for part in progress.parts or ():
            if part.file == name:
                for mark in _marks(spool, progress.import_id, part, refused, noted):
                    out.write(json.dumps(mark) + "\n")
                yield_control()


def _marks(
    spool: Spool, import_id: str, part: PartProgress, refused: dict[tuple[str, int], str],
    noted: dict[tuple[str, int], str],
) -> Iterator[list[Any]]:  # fmt: skip
    """[sheet, line, text, style] for each row of the part, ascending."""
    for line, outcome in spool.outcomes(import_id, part.number):
        note = noted.get((part.sheet, line), "")
        if outcome == "refused":
            yield [part.sheet, line, refused.get((part.name, line), "未接收"), "refused"]
        else:
            word = CORRECTED if (outcome, part.table) == ("accepted", "corrections") else WORDS[outcome]
            yield [part.sheet, line, f"{word}；{note}" if note else word, "noted" if note else ""]


def _read_pages(page: Callable[[int, int], list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    after = 0
    while rows := page(after, PAGE):
        yield from rows
        after = rows[-1]["seq"]
        yield_control()


def _by_place(
    rows: Iterable[dict[str, Any]], where: Callable[[dict[str, Any]], str]
) -> dict[tuple[str, int], str]:  # fmt: skip
    result: dict[tuple[str, int], str] = {}
    for row in rows:
        if line := row["line"]:
            place = (where(row), int(line))
            result[place] = f"{result[place]} {row['message']}" if place in result else row["message"]
    return result
