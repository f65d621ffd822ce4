"""`qihang accounts`: who may sign in to the console; one-time passwords are printed on slips and stand nowhere else."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import JsonObject, connect
from cli.failure import WrongUsage
from cli.settings import load_connection_settings
from cli.slips import ZONE, Slip, SlipFile

app = typer.Typer(help="控制台登录账号。", no_args_is_help=True, rich_markup_mode=None)
BATCH_SIZE = 50
STATES = {"active": "使用中", "must_change": "待首次登录", "expired": "初始密码已过期", "disabled": "已停用"}
PersonIds = Annotated[list[str] | None, typer.Argument(metavar="[PERSON]...", help="人员编号")]
AccountId = Annotated[str, typer.Argument(metavar="ACCOUNT", help="人员编号，或 operator")]
Slips = Annotated[
    Path | None,
    typer.Option("--slips", metavar="FILE", help="登录账号条，一个可打印的网页文件（.html），仅本人可读；须是新文件"),
]
Address = Annotated[str, typer.Option("--address", metavar="URL", help="账号条上印的网址，不写则为本命令所用的地址")]


@app.command("create")
def create(
    people: PersonIds = None,
    unit: Annotated[str, typer.Option("--unit", metavar="UNIT", help="为这个单位的所有在职人员开通")] = "",
    everybody: Annotated[bool, typer.Option("--all", help="为花名册上所有单位的在职人员开通")] = False,
    slips: Slips = None,
    address: Address = "",
) -> None:
    """为还没有账号的人员开通账号；初始密码只印在账号条上，或只显示这一次。"""
    if sum((bool(people), bool(unit), everybody)) != 1:
        raise WrongUsage("请写人员编号，或 --unit UNIT，或 --all，三者选一")
    if not people and slips is None:
        raise WrongUsage("成批开通时请写 --slips FILE，初始密码印在其中")
    client = connect()
    file = _slip_file(slips, address)
    issued, present = list[Slip](), 0
    for names, unit_name in _selected_people(client, people, unit, everybody, with_names=file is not None):
        for batch in _batches(list(names)):
            given = client.post("console", "/api/accounts", {"person_ids": batch})["accounts"]
            present += len(batch) - len(given)
            issued += [_slip(item, names[item["account_id"]], unit_name) for item in given]
            if file:
                file.write(issued)
    _print(issued, slips)
    if present:
        output.print_notice(f"{present} 人已有账号，没有变化")


@app.command("reset")
def reset(account: AccountId, slips: Slips = None, address: Address = "") -> None:
    """换成一次性的初始密码，原来的密码和登录立即失效；首次登录时由本人重新设定。"""
    file = _slip_file(slips, address)
    given = connect().post("console", f"/api/accounts/{quote(account, safe='')}/reset", {})
    issued = [_slip(given, "", "")]
    if file:
        file.write(issued)
    _print(issued, slips)


@app.command("reset-second-step")
def reset_second_step(account: AccountId) -> None:
    """停用账号的两步验证（手机和备用码都丢失时），登录立即失效；密码不变，由本人重新启用。"""
    _post(account, "second-step/reset")
    output.print_line(f"已停用 {account} 的两步验证")


@app.command("disable")
def disable(account: AccountId) -> None:
    """停用账号，登录立即失效；可以再启用。"""
    _post(account, "disable")
    output.print_line(f"已停用 {account}")


@app.command("enable")
def enable(account: AccountId) -> None:
    """启用已停用的账号，密码不变。"""
    _post(account, "enable")
    output.print_line(f"已启用 {account}")


@app.command("rename")
def rename(
    account: AccountId, name: Annotated[str, typer.Argument(metavar="NAME", help="登录账号，小写字母开头")]
) -> None:
    """改用另一个登录账号（如姓名拼音），人员编号不变。"""
    _post(account, "name", {"sign_in_name": name})
    output.print_line(f"{account} 的登录账号是 {name.lower()}")


@app.command("remove")
def remove(account: AccountId) -> None:
    """注销账号，登录立即失效。"""
    connect().call("DELETE", "console", f"/api/accounts/{quote(account, safe='')}")
    output.print_line(f"已注销 {account}")


@app.command("list")
def list_accounts() -> None:
    """列出账号、状态和密码设定的日期。"""
    result = connect().get("console", "/api/accounts")["accounts"]
    rows = [
        (item["account_id"], item["sign_in_name"], STATES.get(item["state"], item["state"]),
         "已启用" if item["second_step"] else "", f"{datetime.fromtimestamp(item['changed_at'], ZONE):%Y-%m-%d}")
        for item in result
    ]  # fmt: skip
    headings = ("人员编号", "登录账号", "状态", "两步验证", "密码设定于")
    output.print_table(headings, rows, title=f"登录账号 {len(rows)}", left=5)


def _slip_file(slips: Path | None, address: str) -> SlipFile | None:
    return SlipFile(slips, address or load_connection_settings().address()) if slips else None


def _post(account: str, what: str, body: JsonObject | None = None) -> None:
    connect().post("console", f"/api/accounts/{quote(account, safe='')}/{what}", body or {})


def _selected_people(
    client: Any, people: list[str] | None, unit: str, everybody: bool, *, with_names: bool
) -> Iterator[tuple[dict[str, str], str]]:
    """Persons by id with their names, and their unit's name.  `with_names`: also of those who are named by id."""
    if people:
        for batch in _batches(people):
            names = client.post("participation", "/api/names", {"people": batch})["people"] if with_names else {}
            yield {person: names.get(person, "") for person in batch}, ""
        return
    units = [item["unit_id"] for item in client.get("participation", "/api/units")["units"]] if everybody else [unit]
    for unit_id in units:
        answer = client.get("participation", "/api/people", unit_id=unit_id)
        yield {person["person_id"]: person["name"] for person in answer["people"]}, answer["unit_name"]


def _batches(items: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), BATCH_SIZE):
        yield list(items[start : start + BATCH_SIZE])


def _slip(item: JsonObject, name: str, unit: str) -> Slip:
    return Slip(name, unit, item["sign_in_name"], item["code"], item["expires_at"])


def _print(issued: list[Slip], slips: Path | None) -> None:
    if slips:
        output.print_line(f"开通 {len(issued)} 个账号，账号条在 {slips}，印发后请删除")
        return
    for slip in issued:
        until = datetime.fromtimestamp(slip.expires_at, ZONE)
        output.print_line(f"{slip.sign_in_name}  {slip.code}  （{until:%Y-%m-%d} 前首次登录有效）")
