"""Events of participation on imports of files: what was read in them, how far each part is, and the rows refused."""

from chassis.events.definition import Event, event, meaning


class _OfImport(Event):
    """An event of one import."""

    import_id: str

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"


@event("participation.import_started", label="导入开始")
class ImportStarted(_OfImport):
    """An import of these files began, in that order."""

    import_id: str = meaning("the import")
    files: tuple[tuple[str, ...], ...] = meaning(
        "[name, SHA-256, bytes, kind, or empty or ?: to be found] of each file"
    )
    late_entry: str = meaning("why its records are entered late (补录); empty: they are not", default="")
    campaign: str = meaning(
        "the earlier campaign by whose rules its rows are judged; empty: the one in force", default=""
    )
    source: str = meaning("the source of an outside system that its rows are of; empty: nobody's", default="")
    unit_id: str = meaning("the unit by whose post it is brought in; empty: the whole district's", default="")


@event("participation.import_read", label="导入文件已读取")
class ImportRead(_OfImport):
    """All files were read: the parts found in them, in the order in which their rows are decided."""

    import_id: str = meaning("the import")
    parts: tuple[tuple[str, ...], ...] = meaning("[name, kind, file, sheet or empty, rows] of each part")


@event("participation.import_advanced", label="导入进展")
class ImportAdvanced(_OfImport):
    """A batch of rows of one part was decided.  The figures are those of the whole part so far; `refused_rows` lists
    [line, column, code] of the rows that this batch refused; `done_bytes` is how much of the spooled part is done."""

    import_id: str = meaning("the import")
    part: int = meaning("the part's place among all parts, from 0")
    file: str = meaning("the part's name")
    rows: int = meaning("rows of the part decided so far")
    accepted: int = meaning("rows of the part accepted so far")
    unchanged: int = meaning("rows of the part already known")
    refused: int = meaning("rows of the part refused so far")
    refused_rows: tuple[tuple[str, ...], ...] = meaning("[line, column, code] of each row that this batch refused")
    done_bytes: int = meaning("how much of the spooled part is decided")
    file_done: bool = meaning("whether the whole part is decided")


@event("participation.import_finished", label="导入完成")
class ImportFinished(_OfImport):
    """Every row of the import was decided."""

    import_id: str = meaning("the import")


@event("participation.import_stopped", label="导入中止")
class ImportStopped(_OfImport):
    """The import ended before a row of it was decided."""

    import_id: str = meaning("the import")
    reason: str = meaning("unreadable: a file cannot be read; abandoned: its files did not come for a day")


@event("participation.import_undone", label="导入撤销")
class ImportUndone(_OfImport):
    """What the import brought was voided, what it voided or withdrew restored, but for rows on which others built."""

    import_id: str = meaning("the import")
    reason: str = meaning("why it was undone")
