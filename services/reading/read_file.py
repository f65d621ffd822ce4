"""`python -m services.reading.read_file SOURCE NAME KIND FOLDER`, the catalogue as JSON on standard input: reads
one file into plain rows, in a process of its own under limits.

FOLDER gets a file of JSON lines for each part, [line, [cells in the kind's order], null or [column, code, value]], and
notes.jsonl, [file, sheet, line, column, code, text].  Standard output is {"parts": [{"part", "sheet", "kind", "rows",
"rows_file"}], "notes": how many}, or {"unreadable": sentence, "code": code}.  KIND is a kind's name, or empty: found by
the file's name and header."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from services.reading.catalogue import Column, TableKind, kinds_from_json
from services.reading.cell_notes import cell_note_sentence
from services.reading.cells import ReadCell, read_cell
from services.reading.formats import damage_as_unreadable, open_tables
from services.reading.headers import Findings, labelled
from services.reading.layout import Note, Table, TableRow, find_table
from services.reading.table import Cell, Sheet, Unreadable

NOTES = "notes.jsonl"
MOST_WRITTEN, WRITTEN_BY_BYTE = 64 << 20, 100
"""The limit of rows written to disk: so many bytes, plus so many for each byte of the file (a shared text may be in all
cells)."""
MOST_NOTES = 10_000
"""Further ones are only counted."""
LONGEST_SHOWN = 200


@dataclass
class Part:
    """A table that was read."""

    sheet: str
    kind: str
    rows: int
    rows_file: str


@dataclass
class FileReader:
    """Reads one file."""

    source: Path
    name: str
    folder: Path
    kinds: Sequence[TableKind]
    asked: str = ""
    parts: list[Part] = field(default_factory=list)
    left_out: list[tuple[str, Findings]] = field(default_factory=list)
    notes: int = 0
    written: int = 0

    @property
    def preferred(self) -> str:
        """The kind in the file's name, if any."""
        stem = Path(self.name).stem.strip().lower()
        return self.asked or (stem if stem in {kind.name for kind in self.kinds} else "")

    def run(self) -> None:
        """Read the file's sheets and write the result into the folder.  Raises Unreadable."""
        kinds = [kind for kind in self.kinds if not self.asked or kind.name == self.asked]
        with (self.folder / NOTES).open("w", encoding="ascii") as notes, damage_as_unreadable():
            for sheet in open_tables(self.source):
                self._read_sheet(sheet, kinds, notes)
            if not self.parts:
                raise Unreadable(self._nothing_found(kinds), "no_kind")
            for sheet_name, _ in self.left_out:
                text = f"工作表“{sheet_name}”没有认识的表头，没有读取。"
                self._write_notes(notes, [Note(sheet_name, 0, "", "sheet_left_out", text)])

    def _read_sheet(self, sheet: Sheet, kinds: Sequence[TableKind], notes: IO[str]) -> None:
        if sheet.hidden:
            text = f"工作表“{sheet.name}”是隐藏的，没有读取。"
            self._write_notes(notes, [Note(sheet.name, 0, "", "sheet_left_out", text)])
            return
        table = find_table(sheet, kinds, self.preferred)
        if isinstance(table, Findings):
            self.left_out.append((sheet.name, table))
            return
        part = Part(sheet.name, table.kind.name, 0, f"{len(self.parts)}.rows")
        with (self.folder / part.rows_file).open("w", encoding="ascii") as out:
            for row in table.rows():
                self._write_row(out, self._row(table, row), row.line)
                part.rows += 1
                self._write_notes(notes, table.notes)
                table.notes.clear()
        self._write_notes(notes, table.notes)
        self.parts.append(part)

    def _row(self, table: Table, row: TableRow) -> list[Any]:
        fault: list[str] | None = None
        texts = []
        self.written += sum(len(cell.text) for cell in row.cells)  # a long text costs even if it turns out to be blanks
        for column, cell in zip(table.kind.columns, row.cells, strict=True):
            read = read_cell(column.type, cell)
            texts.append(read.text)
            if read.fault and not fault:
                fault = [column.name, read.fault, cell.text[:LONGEST_SHOWN]]
            if read.note:
                table.notes.append(_cell_note(table, row, column, cell, read))
        return [row.line, texts, fault]

    def _write_row(self, out: IO[str], row: list[Any], line: int) -> None:
        self.written += out.write(json.dumps(row, separators=(",", ":")) + "\n")
        if self.written > MOST_WRITTEN + WRITTEN_BY_BYTE * self.source.stat().st_size:
            raise Unreadable(f"展开后过大（到第 {line} 行为止），请另存为 CSV 或拆分后导入。")

    def _write_notes(self, out: IO[str], notes: Sequence[Note]) -> None:
        for note in notes:
            self.notes += 1
            if self.notes <= MOST_NOTES:
                out.write(json.dumps([self.name, *note], separators=(",", ":")) + "\n")

    def _nothing_found(self, kinds: Sequence[TableKind]) -> str:
        if self.left_out and all(findings.is_empty for _, findings in self.left_out):
            return "文件里没有内容，缺少表头，请检查是否导出或保存完整。"
        nearest = [item for _, findings in self.left_out for item in findings.missing]
        nearest = [item for item in nearest if item[0].name == self.preferred] or nearest
        if nearest:
            kind, lacking = min(nearest, key=lambda item: len(item[1]))
            names = "、".join(labelled(kind, name) for name in lacking)
            return (
                f"表头缺少列：{names}（按“{kind.label}”表 {kind.name} 看），请补上该列或改正列名后再导入。{kind.hint}"
            )
        names = "、".join(f"{kind.label}（{kind.name}）" for kind in kinds)
        return f"前十行里没有认识的表头，不知道是哪种表；可以导入：{names}。请加上表头，或使用填报模板。"

    def summary(self) -> dict[str, Any]:
        """The content of standard output."""
        counts: dict[str, int] = {}
        for part in self.parts:
            counts[part.kind] = counts.get(part.kind, 0) + 1
        return {"parts": [{"part": self._part_name(part, counts[part.kind]), "sheet": part.sheet, "kind": part.kind,
                           "rows": part.rows, "rows_file": part.rows_file} for part in self.parts],
                "notes": self.notes}  # fmt: skip

    def _part_name(self, part: Part, of_kind: int) -> str:
        if part.kind == self.preferred and not self.asked and of_kind == 1:
            return f"{part.kind}.csv"
        return self.name if len(self.parts) == 1 else f"{self.name}/{part.sheet}"


def _cell_note(table: Table, row: TableRow, column: Column, cell: Cell, read: ReadCell) -> Note:
    text = f"{labelled(table.kind, column.name)}：{cell_note_sentence(read.note, cell.text, read.text)}"
    return Note(table.sheet.name, row.line, column.name, read.note, text)


def main(arguments: list[str]) -> int:
    """See the module's docstring."""
    source, name, kind, folder = arguments
    reading = FileReader(Path(source), name, Path(folder), kinds_from_json(sys.stdin.buffer.read()), kind)
    try:
        reading.run()
        answer = reading.summary()
    except Unreadable as error:
        answer = {"unreadable": str(error), "code": error.code}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
