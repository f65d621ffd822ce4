"""`qihang campaign launch`: hands a campaign file to participation and shows every problem with its line."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import Problem, connect
from cli.failure import Failure

app = typer.Typer(help="主题活动。", no_args_is_help=True, rich_markup_mode=None)
OUTCOMES = {"launched": "已发布", "amended": "已更新", "unchanged": "无变化"}
MAX_BYTES = 1 << 20


@app.callback()
def campaign() -> None:
    """主题活动。"""


@app.command("launch")
def launch(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", exists=True, dir_okay=False, help="活动方案文件")],
) -> None:
    """检查整个活动方案并发布；以更高的 version 再次执行即为更新方案版本。"""
    if file.stat().st_size > MAX_BYTES:
        raise Failure(f"{file} 超过 1 MiB，不像是活动方案")
    text = file.read_bytes()
    try:
        answer = connect().call(
            "POST",
            "participation",
            "/api/campaign",
            body=lambda: text,
            content_type="application/yaml",
            patience=30,
        )
    except Problem as problem:
        rows = problem.members.get("problems")
        if problem.code != "invalid_campaign" or not isinstance(rows, list):
            raise
        for row in rows:
            output.print_line(f"{file}:{row.get('line', '')}: {row.get('path', '')}: {row.get('message', '')}")
        raise Failure(f"活动方案没有发布：{file} 有 {len(rows)} 处问题") from None
    outcome = str(answer.get("outcome", ""))
    label = OUTCOMES.get(outcome, "")
    output.print_line(f"{label} {outcome}：{answer.get('campaign')} 方案版本 {answer.get('version')}")
