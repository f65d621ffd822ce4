"""`qihang notify`: preview of reminders, the run of a day, a recipient's messages, deliveries."""

import time
from typing import Annotated

import typer

from cli import notify_deliveries, notify_master_data, output
from cli.api_client import ApiClient, JsonObject, connect
from cli.failure import Failure, WrongUsage
from cli.pauses import growing

HELP = """催办提醒。

初次使用：先登记联系方式（contacts import），试发一条（test），看今天谁会收到什么（preview）；
到方案的时刻系统自动发送，结果用 deliveries 查看。

收件人写作 person-人员编号、clerk-单位编号（填报员）、head-单位编号（主要负责人）、office-单位编号（包联股室、督查室）
或 campaign-office（活动领导小组办公室）。
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(notify_master_data.contacts, name="contacts")
app.add_typer(notify_master_data.calendar, name="calendar")
app.command("resend")(notify_deliveries.resend)
app.command("cancel")(notify_deliveries.cancel)
app.command("hold")(notify_deliveries.hold)
SERVICE = "notifications"
UNCHANGED_SECONDS = 15
POLL_SECONDS = 0.5
OUTCOMES = {
    "succeeded": "已发送", "inbox_only": "仅消息箱", "given_up": "未能送达", "met": "发送前已完成", "": "待发送",
    "superseded": "并入次日提醒", "unknown": "不能确定是否送达", "cancelled": "已取消发送",
}  # fmt: skip
CODES = "、".join(f"{code}（{label}）" for code, label in OUTCOMES.items() if code)
LEVELS = {
    "person": "本人", "clerk": "填报员", "head": "主要负责人", "office": "包联股室或督查室",
    "campaign_office": "活动领导小组办公室",
}  # fmt: skip
CHANNELS = {"inbox": "消息箱", "email": "邮件", "wecom": "企业微信群机器人", "dingtalk": "钉钉群机器人"}
RESULTS = {
    "succeeded": "对方已接收",
    "later": "没有发出，可稍后再试",
    "never": "对方拒收",
    "unknown": "不能确定是否发出",
}
Day = Annotated[str, typer.Option("--day", help="日期，如 2022-11-30；不写为今天")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]


@app.command("preview")
def preview(
    day: Day = "",
    recipient: Annotated[str, typer.Option("--recipient", help="只看这一个收件人，如 clerk-X001")] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, max=50_000, help="最多列出多少个收件人")] = 500,
    as_json: Json = False,
) -> None:
    """发送之前先看：这一天谁会收到什么、为什么；不写入、不发送任何内容。"""
    result = connect().get(SERVICE, "/api/preview", day=day or None, recipient=recipient or None, limit=limit)
    if as_json:
        output.print_json(result)
        return
    for line in warnings(result):
        output.print_line(line)
    levels = "、".join(f"{LEVELS.get(name, name)} {count}" for name, count in result["levels"].items())
    levels = f"（{levels}）" if levels else ""
    output.print_line(f"{result['day']} {result['send_at']}：共 {result['total']} 份汇总提醒{levels}")
    for digest in result["digests"]:
        output.print_line(
            f"\n{digest['recipient']} {digest['unit']} → {_channel_names(digest['channels'])}".replace("  ", " ")
        )
        for line in digest["lines"]:
            output.print_line(f"  【{line['heading']}】{line['words']}")
            output.print_line(f"      原因：{line['reason']}")


def _channel_names(channels: list[str]) -> str:
    return "、".join(CHANNELS.get(name, name) for name in channels)


def warnings(json_object: JsonObject) -> list[str]:
    """Lines to print before the preview: rest day, unknown calendar, already decided."""
    lines = []
    if not json_object["working_day"]:
        lines.append(f"注意：{json_object['day']} 是休息日，当天不发送，顺延到下一个工作日。")
    if json_object["unknown_years"]:
        years = "、".join(str(year) for year in json_object["unknown_years"])
        lines.append(f"注意：{years} 年放假安排未导入，暂按周一至周五为工作日；请用 notify calendar import 导入。")
    if json_object["decided"]:
        lines.append("注意：这一天的提醒已经确定，以下只列出此后新增的。")
    return lines


@app.command("run")
def run(
    day: Annotated[str, typer.Option("--day", help="只能是今天，如 2022-11-30；不写即今天")] = "",
    timeout: Annotated[float, typer.Option("--timeout", help="最多等待的秒数")] = 600,
) -> None:
    """现在就发送今天的提醒（系统也会按方案的时刻自动发送）；休息日和免打扰时段不发送。"""
    client = connect()
    started = client.post(SERVICE, "/api/runs", {"day": day} if day else {})
    result = _wait_until_finished(client, str(started["day"]), timeout)
    outcomes = "、".join(f"{OUTCOMES.get(code, code)} {count}" for code, count in result["ended"].items())
    output.print_line(f"{result['day']}：共 {result['digests']} 份汇总提醒" + (f"，{outcomes}" if outcomes else ""))
    if not result["decided"]:
        output.print_line("还在等待各服务的最新数据，稍后会自动继续。")
    elif result["waiting"]:
        output.print_line(f"{result['waiting']} 份待发送，系统会按间隔自动重试。")


def _wait_until_finished(client: ApiClient, day: str, timeout: float) -> JsonObject:
    """Polls the run until all is sent, or nothing has changed for a while."""
    end, unchanged_until = time.monotonic() + timeout, time.monotonic() + UNCHANGED_SECONDS
    before: JsonObject = {}
    pauses = growing(POLL_SECONDS)
    with output.progress() as progress:
        task = progress.add_task("发送", total=None)
        while True:
            result = client.get(SERVICE, f"/api/runs/{day}")
            progress.update(task, total=result["digests"], completed=result["digests"] - result["waiting"])
            if result != before:
                before, unchanged_until = result, time.monotonic() + UNCHANGED_SECONDS
            if (result["decided"] and not result["waiting"]) or time.monotonic() > min(end, unchanged_until):
                return result
            time.sleep(next(pauses))


@app.command("test")
def send_test_message(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="收测试邮件的电子邮箱地址")] = "",
    robot: Annotated[str, typer.Option("--robot", metavar="KEY", help="企业微信群机器人地址中 key= 后面的一段")] = "",
    dingtalk: Annotated[
        str, typer.Option("--dingtalk", metavar="TOKEN", help="钉钉群机器人地址中 access_token= 后面的一段")
    ] = "",
    secret: Annotated[
        str,
        typer.Option("--dingtalk-secret", metavar="SECRET", help="该机器人“加签”中 SEC 开头的一段，未启用加签的不写"),
    ] = "",
) -> None:
    """立即发一条测试消息，看邮件服务器或群机器人是否通；不作记录，不受发送时段限制。"""
    if not (email or robot or dingtalk):
        raise WrongUsage("请写一个电子邮箱地址，或 --robot KEY，或 --dingtalk TOKEN")
    wanted = {"email": email, "robot": robot, "dingtalk": dingtalk, "dingtalk_secret": secret}
    outcomes = connect().post(SERVICE, "/api/test-messages", wanted)["outcomes"]
    for outcome in outcomes:
        reason = f"（{outcome['code']} {outcome['detail']}）" if outcome["result"] != "succeeded" else ""
        output.print_line(f"{CHANNELS[outcome['channel']]} {outcome['to']}：{RESULTS[outcome['result']]}{reason}")
    if any(outcome["result"] != "succeeded" for outcome in outcomes):
        raise Failure("测试消息没有发出")


@app.command("inbox")
def inbox(
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="如 person-P00001、clerk-X001")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="最多列出多少条")] = 20,
    as_json: Json = False,
) -> None:
    """看一个消息箱；不写收件人则列出有消息的消息箱。姓名只对本单位显示。"""
    if not recipient:
        result = connect().get(SERVICE, "/api/inboxes", limit=500)
        rows = [(item["recipient"], item["day"], item["messages"]) for item in result["inboxes"]]
        output.print_json(result) if as_json else output.print_table(
            ("收件人", "最近", "消息"), rows, title="消息箱", left=2
        )
        return
    result = connect().get(SERVICE, f"/api/inboxes/{recipient}", limit=limit)
    if as_json:
        output.print_json(result)
        return
    if not result["messages"]:
        output.print_line("没有消息。")
    for message in result["messages"]:
        output.print_line(f"{message['day']}　{OUTCOMES.get(message['code'], message['code'])}")
        for line in message["lines"]:
            output.print_line(f"  【{line['heading']}】{line['words']}")


@app.command("deliveries")
def deliveries(
    day: Day = "",
    code: Annotated[str, typer.Option("--code", help=f"只看这一种结果：{CODES}")] = "",
    as_json: Json = False,
) -> None:
    """这一天每份提醒怎样发出、结果如何。"""
    result = connect().get(SERVICE, "/api/deliveries", day=day or None, code=code or None, limit=50_000)
    if as_json:
        output.print_json(result)
        return
    rows = [
        (
            delivery["recipient"],
            _channel_names([delivery["channel"]] if delivery["channel"] else []),
            OUTCOMES.get(delivery["code"], f"待重试（{delivery['code']}）"),
            delivery["detail"],
            delivery["attempt"],
        )
        for delivery in result["deliveries"]
    ]
    if not rows:
        output.print_line("没有这样的提醒：这一天还没有确定提醒（休息日不发送），或没有这种结果。")
        return
    output.print_table(("收件人", "通道", "结果", "说明", "次数"), rows, title="发送结果", left=4)
