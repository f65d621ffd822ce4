"""Events of participation on imports of files: how far each is, and the rows that it refused."""

from chassis.events.definition import Event, event, meaning


@event("participation.import_started", label="导入开始")
class ImportStarted(Event):
    """An import of these files began, in that order."""

    import_id: str = meaning("the import")
    files: tuple[tuple[str, ...], ...] = meaning("[name, SHA-256, bytes] of each file, in order")
    late_entry: str = meaning("why its records are entered late (补录); empty: they are not", default="")
    campaign: str = meaning(
        "the earlier campaign by whose rules its rows are judged; empty: the one in force", default=""
    )

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"


@event("participation.import_advanced", label="导入进展")
class ImportAdvanced(Event):
    """A batch of rows of one file was decided.  The figures are those of the whole file so far; `refused_rows` lists
    [line, column, code] of the rows that this batch refused; `done_bytes` is how much of the spooled file is done."""

    import_id: str = meaning("the import")
    file: str = meaning("the file that advanced")
    rows: int = meaning("rows of the file decided so far")
    accepted: int = meaning("rows of the file accepted so far")
    unchanged: int = meaning("rows of the file already known")
    refused: int = meaning("rows of the file refused so far")
    refused_rows: tuple[tuple[str, ...], ...] = meaning("[line, column, code] of each row that this batch refused")
    done_bytes: int = meaning("how much of the spooled file is decided")
    file_done: bool = meaning("whether the whole file is decided")

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"


@event("participation.import_finished", label="导入完成")
class ImportFinished(Event):
    """Every row of the import was decided."""

    import_id: str = meaning("the import")

    @property
    def stream(self) -> str:
        return f"import-{self.import_id}"
