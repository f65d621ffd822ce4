"""`qihang erase`: destroys a person's key, every plain copy and the account, and waits for every service."""

import sys
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import ApiClient, connect
from cli.failure import Failure
from cli.settings import SERVICES
from cli.terminal_text import escape_controls

PATIENCE = 60.0
COPIES = {"pending_reports": "待关联的报送", "quarantine": "异常件", "import_rows": "导入中的数据行",
          "statements": "学习平台的学习记录"}  # fmt: skip
MENTIONING = ("participation", "publicity")
ERASED_BY = {
    "participation": "密钥、姓名、标题和原因，任职和岗位上的权限",
    "assessment": "岗位上的权限",
    "publicity": "作品标题、退回原因和授权，展示的作品下架",
    "notifications": "本人和所任岗位的联系方式、姓名密钥缓存、退回提醒",
}


def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="人员编号")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """删除一个人的个人信息，不能恢复；得分和编号不变，事件仍可核对。"""
    if not yes and sys.stdin.isatty():
        output.confirmed(f"删除 {person} 的个人信息，不能恢复。确定吗？", abort=True)
    client = connect()
    name = client.post("participation", "/api/names", {"people": [person]})["people"].get(person, "")
    result = client.post("participation", f"/api/people/{quote(person, safe='')}/erase", patience=PATIENCE)
    copies = "、".join(f"{label} {result['erased'][name]}" for name, label in COPIES.items())
    output.print_line(f"participation  {ERASED_BY['participation']}；{copies}")
    if not result["scrubbed"]:
        output.print_line("数据库文件中可能还有密钥的残留，有查询正在使用；请稍后再次执行本命令")
    left = [name for name in SERVICES if name != "participation" and not _is_erased_at(client, name, result)]
    if not _is_account_removed(client, person):
        left.append("console")
    if name:
        _print_mentions(client, name)
    if left:
        raise Failure(f"还没有完成：{'、'.join(left)}；服务恢复后会自行完成，可再次执行本命令查看")


def _print_mentions(client: ApiClient, name: str) -> None:
    """Texts on units, articles and operations have no person's key: whoever knows what they mean corrects them."""
    for service in MENTIONING:
        answer = client.post(service, "/api/mentions", {"name": name}, patience=PATIENCE)
        for each in answer["mentions"]:
            where = f"{each['stream']} {each['field']}（{each['label']}，{each['recorded_at'][:10]}）"
            output.print_line(escape_controls(f"{service}  姓名还出现在 {where}，请核对后更正"))
        if answer["more"]:
            output.print_line(f"{service}  还有更多，未全部列出")
        for entry in answer["quarantine"]:
            output.print_line(f"{service}  姓名还出现在异常件 {entry}，请查看后处理或放弃")


def _is_account_removed(client: ApiClient, person: str) -> bool:
    """The console keeps accounts apart: sign-in name, sessions and devices go with the account, if there is one."""
    try:
        accounts = client.call("GET", "console", "/api/accounts", patience=PATIENCE)["accounts"]
        if any(account["account_id"] == person for account in accounts):
            client.call("DELETE", "console", f"/api/accounts/{quote(person, safe='')}", patience=PATIENCE)
    except Failure:
        return False
    output.print_line("console  登录账号和登录状态")
    return True


def _is_erased_at(client: ApiClient, service: str, result: dict[str, list[str]]) -> bool:
    """A read that waits for the event; what handles it commits with it."""
    after = {"X-Qihang-After": ",".join(result["positions"])}
    try:
        client.call("GET", service, "/api/status", headers=after, patience=PATIENCE)
    except Failure:
        return False
    output.print_line(f"{service}  {ERASED_BY[service]}")
    return True
