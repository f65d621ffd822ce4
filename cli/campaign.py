"""`qihang campaign`: hands a campaign file to participation, closes the campaign, lists those so far."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import JsonObject, Problem, connect
from cli.campaign_file import CampaignFile, read_campaign_file
from cli.failure import Failure

app = typer.Typer(help="主题活动。", no_args_is_help=True, rich_markup_mode=None)
OUTCOMES = {"launched": "已发布", "amended": "已更新", "closed": "已结束", "unchanged": "无变化"}
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
    print_warnings(answer)


@app.command("preview")
def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", exists=True, dir_okay=False, help="活动方案文件")],
) -> None:
    """检查活动方案，列出今后一年各任务的周期、截止日与需要留意之处；不发布。"""
    answer = _send(file, f"{_PATH}/preview")
    output.print_table(
        ("任务", "名称", "周期", "开始日", "截止日", "最晚补报日"),
        [(duty["duty"], duty["title"], period["period"], period["start"], period["due"], period["late_limit"])
         for duty in answer["duties"] for period in duty["periods"]],
        title=f"{answer['title']}：{answer['since']} 起一年内的任务", left=6,
    )  # fmt: skip
    print_warnings(answer)


def print_warnings(answer: JsonObject) -> None:
    """The warnings of an answer, one a line."""
    for warning in answer.get("warnings") or ():
        output.print_line(f"请留意：{warning['message']}")


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
    """The answer to a campaign file; every problem of the file is printed with the file and line where it stands."""
    campaign_file = read_campaign_file(file)
    try:
        return connect().call(
            "POST", "participation", path, body=lambda: campaign_file.text, content_type="application/yaml", patience=30
        )
    except Problem as problem:
        rows = problem.members.get("problems")
        if problem.code != "invalid_campaign" or not isinstance(rows, list):
            raise
        for row in rows:
            output.print_line(_problem_line(file, campaign_file, row))
        raise Failure(f"活动方案没有发布：{file} 有 {len(rows)} 处问题") from None


def _problem_line(file: Path, campaign_file: CampaignFile, row: JsonObject) -> str:
    place = campaign_file.place(row.get("line"))
    if place is None:
        return f"{file}:{row.get('line', '')}: {row.get('path', '')}: {row.get('message', '')}"
    message = str(row.get("message", "")).replace(f"第 {row['line']} 行：", f"第 {place.number} 行：", 1)
    return f"{place.file}:{place.number}: {row.get('path', '')}: {message}"
