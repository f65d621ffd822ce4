"""`qihang quarantine`: list and show events that could not be applied; retry, edit or discard them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, Problem, connect
from cli.concurrent_calls import ask_each, incomplete, unreachable_services
from cli.failure import Failure, WrongUsage
from cli.settings import SERVICES

app = typer.Typer(help="异常件。", no_args_is_help=True, rich_markup_mode=None)
Id = Annotated[str, typer.Argument(metavar="ID", help="list 给出的编号，如 participation/12")]
ORIGINS = {"intake": "接入", "inbox": "服务之间", "dead": "死信"}
STATES = {"open": "待处理", "parked": "排在其后", "retried": "已重试", "discarded": "已放弃"}
MAX_BODY = 1 << 20


@app.command("list")
def list_entries(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")] = False,
    everything: Annotated[bool, typer.Option("--all", help="连同已处理的")] = False,
) -> None:
    """列出异常件。"""
    answers = ask_each(lambda client, service: _entries(client, service, everything))
    missing = unreachable_services(answers)
    entries = [entry for answer in answers.values() if not isinstance(answer, Failure) for entry in answer]
    if as_json:
        output.print_json(entries)
    else:
        _show_list(entries)
    for service, failure in missing.items():
        output.print_notice(f"{service}：{failure}")
    if len(missing) == len(answers):
        raise Failure("没有一个服务答复")
    if missing:
        raise incomplete(missing)


def _show_list(entries: list[JsonObject]) -> None:
    columns = ("id", "origin", "state", "type", "code", "attempts", "at", "detail")
    rows = [{**e, "origin": ORIGINS.get(e.get("origin", ""), ""), "state": _state(e)} for e in entries]
    output.print_table(
        ("编号", "来处", "状态", "类型", "原因", "次数", "时间", "说明"),
        [[row.get(column) for column in columns] for row in rows],
        title=f"异常件 {len(entries)}",
        left=len(columns),
    )


@app.command("show")
def show(entry_id: Id) -> None:
    """显示一个异常件的全文。"""
    client = connect()
    service, number = _find(client, entry_id)
    entry = client.get(service, f"/api/quarantine/{number}")
    entry["id"] = f"{service}/{number}"
    body, trace = entry.pop("body", ""), entry.pop("trace", "")
    for key, value in entry.items():
        output.print_line(f"{key}: {'' if value is None else value}")
    output.print_line(f"\n{body}")
    if trace:
        output.print_line(f"\n{trace}")


@app.command("retry")
def retry(
    entry_ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="编号")] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部")] = False,
    reason: Annotated[str | None, typer.Option(metavar="CODE", help="此原因的全部")] = None,
) -> None:
    """重试异常件。"""
    if sum(map(bool, (entry_ids, everything, reason))) != 1:
        raise WrongUsage("请给出 ID...、--all 或 --reason CODE 之一")
    client = connect()
    request_bodies: dict[str, JsonObject] = {}
    if entry_ids:
        for service, number in (_find(client, entry_id) for entry_id in entry_ids):
            request_bodies.setdefault(service, {"ids": []})["ids"].append(number)
    else:
        request_bodies = {service: {"all": True} if everything else {"code": reason} for service in SERVICES}
    answers = [
        client.post(service, "/api/quarantine/retry", request_body) for service, request_body in request_bodies.items()
    ]
    retried, still = (sum(int(answer.get(key) or 0) for answer in answers) for key in ("retried", "still"))
    output.print_line(f"已重试 retried {retried}，仍是异常件 still {still}")


@app.command("edit")
def edit(
    entry_id: Id,
    body: Annotated[
        Path,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="更正后的全文（UTF-8）"),
    ],
) -> None:
    """更正一个接入来的异常件并重新提交；只有接入来的可以更正。"""
    if body.stat().st_size > MAX_BODY:
        raise Failure(f"{body} 超过 1 MiB")
    try:
        text = body.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Failure(f"{body} 不是 UTF-8 文本") from None
    client = connect()
    service, number = _find(client, entry_id)
    answer = client.post(service, f"/api/quarantine/{number}/edit", {"body": text})
    receipts = [receipt.get("data") or receipt for receipt in answer.get("receipts") or ()]
    for data in receipts:
        output.print_line(
            " ".join(
                str(data[key]) for key in ("source", "id", "outcome", "column", "code", "message") if data.get(key)
            )
        )
    if not receipts:
        output.print_line(f"已提交：{answer.get('outcome', '')}")


@app.command("discard")
def discard(
    entry_id: Id,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="放弃的理由，留在记录里")],
) -> None:
    """放弃一个异常件。"""
    if not reason.strip():
        raise WrongUsage("--reason 不能为空")
    client = connect()
    service, number = _find(client, entry_id)
    client.post(service, f"/api/quarantine/{number}/discard", {"reason": reason})
    output.print_line(f"已放弃 {service}/{number}")


def _entries(client: ApiClient, service: str, everything: bool) -> list[JsonObject]:
    states = tuple(STATES) if everything else ("open", "parked")
    result: dict[int, JsonObject] = {}
    for state in states:
        for entry in _pages(client, service, state):
            number = int(entry["id"])
            result[number] = {
                **entry,
                "service": service,
                "number": number,
                "id": f"{service}/{number}",
            }
    return [result[number] for number in sorted(result)]


def _pages(client: ApiClient, service: str, state: str) -> Iterator[JsonObject]:
    after, more = 0, True
    while more:
        page = client.get(service, "/api/quarantine", patience=0, state=state, after=after)
        yield from page["entries"]
        more = bool(page.get("more"))
        after = max((int(entry["id"]) for entry in page["entries"]), default=0)


def _find(client: ApiClient, entry_id: str) -> tuple[str, int]:
    """The service and number of an id; a bare number is looked for in every service."""
    service, _, text = entry_id.rpartition("/")
    if not text.isdecimal() or (service and service not in SERVICES):
        raise WrongUsage(f"编号应像 participation/12：{entry_id}")
    if service:
        return service, int(text)
    services = [name for name in SERVICES if _has_entry(client, name, int(text))]
    if len(services) != 1:
        raise Failure(f"{'不止一个服务' if services else '没有服务'}有编号 {text}，请写成 服务名/{text}")
    return services[0], int(text)


def _has_entry(client: ApiClient, service: str, number: int) -> bool:
    try:
        client.get(service, f"/api/quarantine/{number}", patience=0)
    except Problem as problem:
        if problem.status == 404:
            return False
        raise
    return True


def _state(entry: dict[str, Any]) -> str:
    return STATES.get(entry.get("state", ""), "")
