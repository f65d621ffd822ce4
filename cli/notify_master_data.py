"""`qihang notify contacts` and `qihang notify calendar`: how recipients are reached, and which days are working
days."""

import csv
import io
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import JsonObject, Problem, connect
from cli.failure import Failure

contacts = typer.Typer(help="联系方式：岗位或人员怎样收到提醒。", no_args_is_help=True, rich_markup_mode=None)
calendar = typer.Typer(help="工作日历：放假与调休。", no_args_is_help=True, rich_markup_mode=None)
SERVICE = "notifications"
BATCH_SIZE = 1000
MAX_BYTES = 16 << 20
KINDS = {"work": "上班", "rest": "休息", "usual": "照常"}
File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV（UTF-8 或 GB18030）或 JSON 文件")
]


def read_rows(file: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a .csv (UTF-8 or GB18030) or .json file, only these columns, all text."""
    if file.stat().st_size > MAX_BYTES:
        raise Failure(f"{file} 太大")
    text = _text(file)
    if file.suffix == ".json":
        return [{name: str(item.get(name) or "") for name in columns} for item in _json_rows(file, text)]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if columns[0] not in (reader.fieldnames or ()):
        raise Failure(f"{file}：第一行应为列名，至少有 {columns[0]}；可用的列：{','.join(columns)}")
    return [{name: (row.get(name) or "").strip() for name in columns} for row in reader]


def _json_rows(file: Path, text: str) -> list[dict[str, Any]]:
    try:
        result = json.loads(text)
    except ValueError as error:
        raise Failure(f"{file} 不是 JSON：{error}") from None
    rows = result.get("days") if isinstance(result, dict) else result
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure(f"{file} 应是一个对象列表")
    return rows


def _text(file: Path) -> str:
    raw = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Failure(f"{file} 既不是 UTF-8 也不是 GB18030")


@contacts.command("import")
def import_contacts(file: File) -> None:
    """登记联系方式；有误的行逐行列出，其余照常登记。

    列：recipient 收件人（clerk-单位编号、head-单位编号、person-人员编号等）、name 称呼、email 邮箱、
    robot 企业微信群机器人、dingtalk 和 dingtalk_secret 钉钉群机器人；不用的列可以不写。
    """
    new_contacts = read_rows(file, ("recipient", "name", "email", "robot", "dingtalk", "dingtalk_secret"))
    client, totals = connect(), {"registered": 0, "unchanged": 0, "refused": 0}
    for start in range(0, len(new_contacts), BATCH_SIZE):
        page = {"contacts": new_contacts[start : start + BATCH_SIZE]}
        answer = client.post(SERVICE, "/api/contacts", page, patience=30)
        for name in totals:
            totals[name] += int(answer[name])
        for problem in answer["problems"]:
            output.print_line(
                f"{file}:{problem['line'] + start}: {problem['column']}: {problem['message'].partition('：')[2]}"
            )
    output.print_line(f"已登记 {totals['registered']}，无变化 {totals['unchanged']}，未接收 {totals['refused']}")


@contacts.command("list")
def list_contacts() -> None:
    """列出已登记的联系方式；群机器人的密钥不显示。"""
    client, after, rows = connect(), "", list[tuple[str, ...]]()
    while result := client.get(SERVICE, "/api/contacts", after=after or None, limit=BATCH_SIZE)["contacts"]:
        rows += [(item["recipient"], item["name"], item["email"], item["robot"], item["dingtalk"]) for item in result]
        after = result[-1]["recipient"]
    output.print_table(("收件人", "称呼", "邮箱", "企业微信群", "钉钉群"), rows, title="联系方式", left=5)


@contacts.command("remove")
def remove_contact(
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="如 clerk-X001、person-P00001")],
) -> None:
    """删除一个收件人的联系方式，并销毁其密钥。"""
    connect().call("DELETE", SERVICE, f"/api/contacts/{recipient}")
    output.print_line(f"已删除 {recipient}")


@calendar.command("import")
def import_calendar(file: File) -> None:
    """导入放假安排：列 day,kind,name，kind 为 work（调休上班）或 rest（放假）；文件中的每一年整年替换。"""
    years: dict[str, list[dict[str, str]]] = {}
    for row in read_rows(file, ("day", "kind", "name")):
        years.setdefault(row["day"][:4], []).append(row)
    if not years or not all(year.isdigit() for year in years):
        raise Failure(f"{file}：day 列应为 2027-10-01 这样的日期")
    client = connect()
    for year, days in sorted(years.items()):
        answer = _post_calendar(client, file, int(year), {"days": days, "origin": file.name})
        outcome = "无变化" if answer["outcome"] == "unchanged" else "已导入"
        output.print_line(f"{year} 年：{outcome}，{answer['days']} 天")


def _post_calendar(client: Any, file: Path, year: int, body: JsonObject) -> JsonObject:
    try:
        answer: JsonObject = client.post(SERVICE, f"/api/calendar/{year}", body)
    except Problem as problem:
        for item in problem.members.get("problems") or ():
            if isinstance(item, dict):
                output.print_line(f"{file}: {year} 年{item.get('message', '')}")
        raise
    return answer


@calendar.command("show")
def show_calendar(
    year: Annotated[int, typer.Argument(metavar="YEAR", min=1900, max=2999, help="年份，如 2023")],
) -> None:
    """列出一年中与平常不同的日子。"""
    result = connect().get(SERVICE, f"/api/calendar/{year}")
    if not result["known"]:
        output.print_line(f"注意：{year} 年放假安排未导入，暂按周一至周五为工作日。")
    rows = [(day["day"], KINDS.get(day["kind"], day["kind"]), day["name"], "手工" if day["by"] == "hand" else "导入")
            for day in result["days"]]  # fmt: skip
    if not rows:
        return
    origins = {"": "", "chinesecalendar": "（导入自随系统的节假日库）"}
    origin = origins.get(result["origin"], f"（导入自 {result['origin']}）")
    output.print_table(("日期", "安排", "名称", "来源"), rows, title=f"{year} 年{origin}", left=4)


@calendar.command("set")
def set_day(
    day: Annotated[str, typer.Argument(metavar="DAY", help="日期，如 2023-03-06")],
    kind: Annotated[str, typer.Option("--kind", help="work 上班、rest 休息、usual 照常（取消手工设定）")],
    name: Annotated[str, typer.Option("--name", help="名称，如 校庆")] = "",
) -> None:
    """手工设定一天。"""
    connect().post(SERVICE, "/api/calendar/days", {"day": day, "kind": kind, "name": name})
    output.print_line(f"{day} {KINDS.get(kind, kind)}")
