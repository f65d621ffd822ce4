"""`qihang campaign`: hands a campaign file to participation, closes the campaign, lists those so far."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import JsonObject, Problem, connect
from cli.failure import Failure

app = typer.Typer(help="主题活动。", no_args_is_help=True, rich_markup_mode=None)
OUTCOMES = {"launched": "已发布", "amended": "已更新", "closed": "已结束", "unchanged": "无变化"}
MAX_BYTES = 1 << 20
_PATH = "/api/campaign"


@app.callback()
def campaign() -> None:
    """主题活动。"""


@app.command("launch")
def launch(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", exists=True, dir_okay=False, help="活动方案文件")],
) -> None:
    """检查整个活动方案并发布；以更高的 version 再次执行即为更新方案版本。"""
    answer = _send(file, _PATH)
    outcome = str(answer.get("outcome", ""))
    output.print_line(
        f"{OUTCOMES.get(outcome, '')} {outcome}：{answer.get('campaign')} 方案版本 {answer.get('version')}"
    )


@app.command("close")
def close(
    on: Annotated[
        str, typer.Option("--on", metavar="DAY", help="从这一天起不再产生任务，如 2023-09-01；默认今天")
    ] = "",
) -> None:
    """结束当前的主题活动；此后可启动下一个活动，已结束的仍可查看和出报表。"""
    answer = connect().post("participation", f"{_PATH}/close", {"on": on}, patience=30)
    outcome = str(answer.get("outcome", ""))
    output.print_line(
        f"{OUTCOMES.get(outcome, '')} {outcome}：{answer.get('campaign')}，自 {answer.get('closed_on')} 起不再产生任务"
    )


@app.command("list")
def list_campaigns() -> None:
    """历次主题活动，最近的在前。"""
    rows = connect().get("participation", "/api/campaigns").get("campaigns") or []
    output.print_table(
        ("活动编号", "名称", "方案版本", "状态", "开始日", "结束日"),
        [(row["campaign"], row["title"], row["version"], "进行中" if row["open"] else "已结束", row["starts_on"],
          row["closes_on"]) for row in rows],
        title="主题活动", left=6,
    )  # fmt: skip


def _send(file: Path, path: str) -> JsonObject:
    """The answer to a campaign file; every problem of the file is printed with its line."""
    if file.stat().st_size > MAX_BYTES:
        raise Failure(f"{file} 超过 1 MiB，不像是活动方案")
    text = file.read_bytes()
    try:
        return connect().call(
            "POST", "participation", path, body=lambda: text, content_type="application/yaml", patience=30
        )
    except Problem as problem:
        rows = problem.members.get("problems")
        if problem.code != "invalid_campaign" or not isinstance(rows, list):
            raise
        for row in rows:
            output.print_line(f"{file}:{row.get('line', '')}: {row.get('path', '')}: {row.get('message', '')}")
        raise Failure(f"活动方案没有发布：{file} 有 {len(rows)} 处问题") from None
