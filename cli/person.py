"""`qihang person export`: a person's own record, whole, as a JSON file and a printable page."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import connect
from cli.terminal_text import escape_controls

PATIENCE = 60.0
FORMS = ("json", "html")
app = typer.Typer(no_args_is_help=True, help="个人信息")


@app.callback()
def _person() -> None:
    """个人信息：导出一个人的全部信息。"""


@app.command("export")
def export(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="人员编号")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="写到这个文件夹")],
) -> None:
    """导出系统中关于一个人的全部信息：JSON 文件和可打印的网页文件；导出记入安全日志。"""
    client = connect()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for form in FORMS:
        path = f"/api/people/{quote(person, safe='')}/record.{form}"
        target = out / f"person-record.{form}"
        with client.open("GET", "console", path, patience=PATIENCE) as answer:
            target.touch(mode=0o600)
            target.write_bytes(answer.content)
        output.print_line(escape_controls(str(target)))
