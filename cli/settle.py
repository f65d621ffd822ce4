"""`qihang settle`: waits until every service has applied all events of the others and all reports of the intake."""

import time
from typing import Annotated

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, connect
from cli.failure import Failure
from cli.pauses import growing
from cli.settings import SERVICES

POLL_SECONDS = 0.5
Heads = dict[str, dict[int, int]]


def settle(
    timeout: Annotated[float, typer.Option(min=0, help="最多等待的秒数")] = 60,
) -> None:
    """等到各服务都已处理完毕；异常件和待关联只报数，不妨碍结束。"""
    client = connect()
    end, pauses = time.monotonic() + timeout, growing(POLL_SECONDS)
    before: Heads | None = None
    with output.progress() as bars:
        bar = bars.add_task("等待处理完毕", total=None, note="")
        while True:
            statuses, behind = poll(client)
            heads = heads_of(statuses)
            if not behind and heads == before:
                break
            bars.update(bar, note="；".join(behind[:2]))
            if time.monotonic() >= end:
                raise Failure(f"{timeout:g} 秒内没有处理完毕：" + ("；".join(behind) or "数据还在增加"))
            before = None if behind else heads
            time.sleep(next(pauses))
    total = {key: sum(int(status.get(key) or 0) for status in statuses.values()) for key in ("quarantine", "waiting")}
    output.print_line(f"已处理完毕 settled：异常件 quarantine {total['quarantine']}，待关联 waiting {total['waiting']}")


def poll(client: ApiClient) -> tuple[dict[str, JsonObject], list[str]]:
    """The status of every service, and a list of what is not finished yet (text)."""
    statuses: dict[str, JsonObject] = {}
    behind: list[str] = []
    for service in SERVICES:
        try:
            statuses[service] = client.get(service, "/api/status", patience=0)
        except Failure as failure:
            behind.append(f"{service} 没有答复（{failure}）")
    heads = heads_of(statuses)
    for service, status in statuses.items():
        behind += [f"{service} {words}" for words in unfinished_work(status, heads)]
    return statuses, behind


def heads_of(statuses: dict[str, JsonObject]) -> Heads:
    """The head of every service's log, as that service reports it."""
    return {
        service: {int(head["partition"]): int(head["position"]) for head in status.get("heads") or ()}
        for service, status in statuses.items()
    }


def unfinished_work(status: JsonObject, heads: Heads) -> list[str]:
    """What one service has not finished yet (text); `heads` come from the sources, since a cursor may not know the
    newest."""
    words = []
    for cursor in status.get("cursors") or ():
        source, partition, position = (
            cursor["source"],
            int(cursor["partition"]),
            int(cursor["position"]),
        )
        head = heads.get(source, {}).get(partition, int(cursor.get("head") or 0))
        if position != head or int(cursor.get("lag_events") or 0):
            state = f"，{cursor.get('reason') or cursor['state']}" if cursor.get("state") != "running" else ""
            words.append(f"处理 {source}/{partition} 到 {position}，应到 {head}{state}")
    words += [
        f"发出到 {relay['partition']}/{relay['position']}，应到 {relay['head']}"
        for relay in status.get("relay") or ()
        if int(relay["position"]) != int(relay["head"])
    ]
    for key, label in (("intake_pending", "收件"), ("receipts_pending", "回执")):
        if int(status.get(key) or 0):
            words.append(f"有 {status[key]} 件{label}待处理")
    return words
