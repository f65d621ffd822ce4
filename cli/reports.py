"""`qihang report` and `qihang scoreboard`: results exactly as the assessment service computes and writes them."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, Problem, connect
from cli.failure import Failure
from cli.pauses import growing
from cli.report_names import add_names
from cli.result_files import write_atomically

COLUMNS = ("what", "id", "as_of")
POLL_SECONDS = 0.3
WORKBOOK = "report.xlsx"
TRIES = 3
PATIENCE = 60.0
ProgressCallback = Callable[[int, int | None], None]
FILES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")


def report(
    windows: Annotated[
        Path,
        typer.Option(metavar="FILE.csv", exists=True, dir_okay=False, help="统计时段：what,id,as_of"),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="结果放在 DIR")],
    known_at: Annotated[str | None, typer.Option(help="数据时点（缺省为现在）")] = None,
    campaign: Annotated[str | None, typer.Option(metavar="ID", help="哪个主题活动（缺省为最近启动的）")] = None,
    names: Annotated[bool, typer.Option("--names", help="各列之后加上单位名称和姓名")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help=f"另存为一个工作簿 {WORKBOOK}")] = False,
) -> None:
    """生成四个结果文件：unit_scores、units_awarded、individuals、outstanding。"""
    request_body: JsonObject = {"windows": read_windows(windows)}
    if known_at:
        request_body["known_at"] = known_at
    if campaign:
        request_body["campaign"] = campaign
    client = connect()
    out.mkdir(parents=True, exist_ok=True)
    with output.progress() as bars:
        bar = bars.add_task("统计", total=None, note="")
        report_id, files = _compute(
            client, request_body, lambda done, total: bars.update(bar, completed=done, total=total)
        )
        for name in files:
            _download(client, report_id, name, out / name)
        written = [out / name for name in files]
        if names:
            add_names(client, written, known_at)
        if xlsx:
            from cli.report_workbook import write_workbook  # slow to load, and seldom asked for

            write_workbook(out / WORKBOOK, written)
            written.append(out / WORKBOOK)
    for path in written:
        output.print_line(str(path))


def read_windows(path: Path) -> list[JsonObject]:
    """The rows of a windows file; blank lines are none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            reader = csv.DictReader(file)
            if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
                raise Failure(f"{path} 第 1 行缺少列：{'、'.join(missing)}")
            rows = [{column: row[column] or "" for column in COLUMNS} for row in reader]
        except (UnicodeDecodeError, csv.Error) as error:
            raise Failure(f"{path} 不是 UTF-8 的 CSV 文件（{error}）") from None
    if not rows:
        raise Failure(f"{path} 没有列出任何统计时段")
    return rows


def _compute(client: ApiClient, request_body: JsonObject, on_progress: ProgressCallback) -> tuple[str, list[str]]:
    for attempt in range(TRIES):
        report_id, pauses = _order_report(client, request_body), growing(POLL_SECONDS)
        try:
            while True:
                state = client.get("assessment", f"/api/reports/{report_id}", patience=PATIENCE)
                match state.get("state"):
                    case "done":
                        return report_id, [str(name) for name in state.get("files") or FILES]
                    case "failed":
                        raise Failure(f"统计没有完成：{state.get('detail') or '没有说明'}")
                on_progress(int(state.get("done") or 0), int(state.get("total") or 0) or None)
                time.sleep(next(pauses))
        except Problem as problem:
            # A service that was restarted has forgotten the report: order it again.
            if problem.status != 404 or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _order_report(client: ApiClient, request_body: JsonObject) -> str:
    try:
        return str(client.post("assessment", "/api/reports", request_body, patience=PATIENCE)["report_id"])
    except Problem as problem:
        rows = problem.members.get("problems")
        if isinstance(rows, list) and rows:
            words = "；".join(f"第 {row.get('line')} 行：{row.get('message')}" for row in rows)
            raise Failure(f"统计时段有误：{words}") from None
        raise


def _download(client: ApiClient, report_id: str, name: str, target: Path) -> None:
    if Path(name).name != name:
        raise Failure(f"服务答复的文件名不可用：{name}")
    with (
        write_atomically(target) as draft,
        draft.open("wb") as file,
        client.open("GET", "assessment", f"/api/reports/{report_id}/{name}", patience=PATIENCE, stream=True) as answer,
    ):
        for chunk in answer.iter_content(1 << 16):
            file.write(chunk)


def scoreboard(
    window: Annotated[str | None, typer.Option(help="统计时段，如 2023 或 2023-spring")] = None,
    as_of: Annotated[str | None, typer.Option(help="截至日期，如 2023-12-31")] = None,
    present: Annotated[bool, typer.Option("--present", help="已锁定的时段也显示当前数据")] = False,
) -> None:
    """显示得分榜；已锁定的时段显示正式数据。"""
    figures = "present" if present else None
    board = connect().get("assessment", "/api/scoreboard", window=window, as_of=as_of, figures=figures)
    heading = ("名次", "单位", "得分", "任务完成分", "季考核表", "扣分", "完成率", "按时率")
    keys = ("score", "base", "sheet", "deduction", "completion", "on_time")
    output.print_table(
        heading,
        [(unit.get("rank") or "", unit.get("name"), *(unit.get(key) or "" for key in keys)) for unit in board["units"]],
        title=f"{board.get('title') or '得分榜'}　{board.get('window')}　截至 {board.get('as_of')}",
        left=2,
    )
    if freeze := board.get("freeze"):
        kind = "正式数据" if board["figures"] == "official" else "当前数据，不作为正式结果"
        output.print_line(f"{kind}；{freeze['since'][:16].replace('T', ' ')} 由 {freeze['actor']} 锁定")
