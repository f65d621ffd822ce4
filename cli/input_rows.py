"""Rows of an input file with the line numbers that scoring.md 1 gives them; for showing, never for deciding."""

import codecs
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.failure import Failure

Line = tuple[int, list[str]]
MEMORY, CPU_SECONDS = 192 << 20, 270
"""As the service's own reader has (docs/decisions/0081): what that refuses is not opened here either."""
ROOT = str(Path(__file__).parents[1])
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # an unclosed quote makes one cell of the rest of the file


def read_lines(path: Path) -> Iterator[Line]:
    """(line, cells) of every row that is not blank; the header is line 1."""
    return _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)


def _csv(path: Path) -> Iterator[Line]:
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        reader = csv.reader(file)
        first = 1
        for cells in reader:
            if cells:
                yield first, cells
            first = reader.line_num + 1


def _encoding(path: Path) -> str:
    """UTF-8 when it decodes as such, else GB18030 when that does; else UTF-8 with marks in place of bad bytes."""
    for name in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(name)()
        with path.open("rb") as file:
            try:
                while chunk := file.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
        return name
    return "utf-8-sig"


def _xlsx(path: Path) -> Iterator[Line]:
    """By a process under limits of memory and time, as the services open such files.  Failure."""
    command = [sys.executable, "-m", "chassis.process.limited", str(MEMORY), str(CPU_SECONDS), "cli.workbook_rows"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([ROOT, os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        [*command, str(path)], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as reader:  # fmt: skip
        assert reader.stdout is not None
        try:
            for line in reader.stdout:
                number, cells = json.loads(line)
                yield number, cells
            is_complete = reader.wait() == 0
        finally:
            if reader.poll() is None:  # nobody reads on
                reader.kill()
    if not is_complete:
        raise Failure(f"{path} 无法作为工作簿读取，或读取所需的内存或时间超出限度：请重新保存，或另存为 CSV 后再试")
