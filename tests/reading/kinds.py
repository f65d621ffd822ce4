"""A small catalogue for the reader's own tests, and a file read by it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.reading.catalogue import Column, ColumnType, TableKind
from services.reading.read_file import NOTES, FileReader
from services.reading.table import Unreadable

_COLUMNS = """
units/单位
    unit_id:id:单位编号! name:name:单位名称! kind:code:单位类型! tags:codes:标签 zone_id:unit:中心校辖区
    community_id:unit:共同体 liaison_id:unit:包联股室 opened_on:day:启用日期! closed_on:day:停用日期
people/任职
    person_id:id:人员编号,工号! name:name:姓名! role:code:身份! unit_id:unit:单位编号,单位!
    from:day:开始日期,任职起! to:day:结束日期,任职止
exemptions/免计
    exemption_id:id:免计编号! person_id:id:人员编号 unit_id:unit:单位编号
    duty:code:任务! period:period:周期! reason:text:原因
records/填报记录
    record_id:id:记录编号! record:code:记录类型! unit_id:unit:单位编号,单位 person_id:id:人员编号
    occurred_at:instant:发生时间! period:period:周期 title:title:标题
    content_sha256:sha256:内容指纹 evidence:evidence:印证资料
withdrawals/撤回
    record_id:id:记录编号! withdrawn_at:instant:撤回时间! reason:text:原因!
findings/督查问题
    finding_id:id:问题编号! unit_id:unit:单位编号! assessor_id:unit:检查单位!
    found_on:day:发现日期! deadline:day:整改期限 points:number:扣分! rectified_on:day:整改日期
sheets/季考核表
    sheet_id:id:考核表编号! unit_id:unit:单位编号! assessor_id:unit:检查单位!
    period:period:周期! item:code:项目! points:number:得分! assessed_on:day:考核日期!
"""
"""NAME/LABEL, then its columns NAME:TYPE:LABELS, with ! where they are required."""


def _column(stated: str) -> Column:
    name, kind, labels = stated.rstrip("!").split(":")
    return Column(name, ColumnType(kind), tuple(labels.split(",")), stated.endswith("!"))


def _kinds(words: list[str]) -> list[TableKind]:
    begins = [at for at, word in enumerate(words) if "/" in word]
    return [TableKind(*words[at].split("/"), tuple(map(_column, words[at + 1 : end])))
            for at, end in zip(begins, [*begins[1:], len(words)], strict=True)]  # fmt: skip


KINDS = tuple(_kinds(_COLUMNS.split()))


@dataclass
class Read:
    """What came of a file: of each part (name, kind, [line, cells, fault]); notes without the file's name."""

    parts: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    notes: list[list[Any]] = field(default_factory=list)
    refused: str = ""
    code: str = ""
    sheets: list[str] = field(default_factory=list)
    """Of the parts."""

    @property
    def rows(self) -> list[list[str]]:
        """The cells of all parts' rows."""
        return [row[1] for _, _, rows in self.parts for row in rows]

    @property
    def note_codes(self) -> list[str]:
        return [note[3] for note in self.notes]


def read(source: Path, folder: Path, name: str = "", kind: str = "") -> Read:
    """Read a file into a folder, in this process."""
    reading = FileReader(source, name or source.name, folder, KINDS, kind)
    try:
        reading.run()
    except Unreadable as error:
        return Read(refused=str(error), code=error.code)
    parts = [(part["part"], part["kind"], _lines(folder / part["rows_file"])) for part in reading.summary()["parts"]]
    sheets = [part.sheet for part in reading.parts]
    return Read(parts, [note[1:] for note in _lines(folder / NOTES)], sheets=sheets)


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
