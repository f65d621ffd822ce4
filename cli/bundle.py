"""`qihang bundle`: a unit's evidence of a semester as one zip, and its check without any system."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import connect
from cli.failure import Failure
from cli.pauses import growing
from cli.result_files import write_atomically
from cli.terminal_text import escape_controls

app = typer.Typer(help="印证资料包（一校一档）：生成，离线核对。", no_args_is_help=True)
LOOK_SECONDS = 1.0


@app.command("make")
def make(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="单位编号")],
    semester: Annotated[str, typer.Argument(metavar="SEMESTER", help="学期，如 2022-autumn")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="写到这个文件")],
) -> None:
    """生成一个单位一个学期的印证资料包。"""
    client = connect()
    order = {"unit_id": unit, "semester": semester}
    pauses = growing(LOOK_SECONDS)
    bundle_id = client.call("POST", "participation", "/api/bundles", json=order)["bundle_id"]
    while (state := client.get("participation", f"/api/bundles/{bundle_id}")["state"]) == "queued":
        time.sleep(next(pauses))
    if state != "ready":
        raise Failure("资料包没有生成，请运维人员查看日志")
    with (
        client.open("GET", "participation", f"/api/bundles/{bundle_id}/file") as answer,
        write_atomically(out) as draft,
        draft.open("wb") as file,
    ):
        for piece in answer.iter_content(1 << 16):
            file.write(piece)
    output.print_line(escape_controls(str(out)))


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="印证资料包")],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE.pem", help="participation 的公钥，从可信的途径得来")
    ] = None,
) -> None:
    """离线核对：每个文件、目录、清单与日志证明；被改、被删、多出的逐一指出。"""
    from cli.bundle_check import check_bundle

    problems, facts = check_bundle(file, key.read_bytes() if key else None)
    if problems:
        raise Failure("\n".join(escape_controls(line) for line in problems))
    for line in facts:
        output.print_line(escape_controls(line))
