"""`qihang rebuild` and `qihang verify`: rebuild a service's read models from its event log, and verify the log's hash
chain."""

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, Problem, connect
from cli.failure import Failure
from cli.settings import SERVICES

POLL_SECONDS = 0.2
PAGE = 5000
PATIENCE = 60.0


class Service(StrEnum):
    """The services that have an event log."""

    participation = "participation"
    assessment = "assessment"
    publicity = "publicity"
    notifications = "notifications"


def rebuild(
    service: Annotated[Service, typer.Argument(metavar="SERVICE", help="服务名")],
) -> None:
    """在服务照常运行时从事件重建它的数据，位置一致后换上。"""
    client = connect()
    name = service.value
    try:
        client.post(name, "/api/rebuild", patience=PATIENCE)
    except Problem as problem:
        if problem.status != 409:  # one is running already: follow that one
            raise
    with output.progress() as bars:
        bar = bars.add_task(f"数据重建 {name}", total=None, note="")
        while True:
            state = client.get(name, "/api/rebuild", patience=PATIENCE)
            events, total = int(state.get("events") or 0), int(state.get("total") or 0)
            bars.update(bar, completed=events, total=total or None, note=f"{events} 件事件")
            match state.get("state"):
                case "done":
                    break
                case "failed":
                    raise Failure(f"{name} 没有重建成功：{state.get('detail') or '没有说明'}")
                case "idle":
                    raise Failure(f"{name} 的重建中断了（服务可能重新启动过），请再试一次")
            time.sleep(POLL_SECONDS)
    output.print_line(f"{name} 重建完毕：{events} 件事件，{_throughput(events, state)}")


def _throughput(events: int, state: JsonObject) -> str:
    seconds = float(state.get("seconds") or 0)
    pace = events / max(seconds, 0.001)
    return f"{seconds:.3f} 秒，每秒 {pace:.0f} 件（{pace:.0f} events per second）"


def verify(
    service: Annotated[Service | None, typer.Argument(metavar="[SERVICE]", help="服务名，缺省为全部")] = None,
) -> None:
    """核对事件的哈希链：完好则为 intact 和件数，否则给出第一个断开的位置；并将收到的事件与来源核对。"""
    client = connect()
    lines, broken = [], []
    with output.progress() as bars:
        for name in [service.value] if service else SERVICES:
            for entry in client.get(name, "/feed").get("partitions") or ():
                partition = int(entry["partition"])
                bar = bars.add_task(f"核对 {name}/{partition}", total=int(entry["position"]) or None, note="")
                page: JsonObject = {}
                for page in _verify_pages(client, name, partition):
                    bars.update(bar, completed=int(page["position"]), total=int(page["head"]) or None)
                lines.append(_result_line(name, partition, page))
                if page.get("broken") is not None:
                    broken.append(f"{name}/{partition}")
            for cursor in client.get(name, "/api/status").get("cursors") or ():
                place = f"{name} ← {cursor['source']}/{cursor['partition']}"
                line, is_equal = _compare_inbox(client, name, cursor, place)
                lines.append(line)
                broken += [] if is_equal else [place]
    for line in lines:
        output.print_line(line)
    if broken:
        raise Failure(f"哈希链断开或收到的事件与来源不同：{'、'.join(broken)}")


def _verify_pages(client: ApiClient, service: str, partition: int) -> Iterator[JsonObject]:
    """The pages of one chain; each request passes the position and hash with which the page before it ended."""
    after, digest = 0, ""
    while True:
        page = client.get(
            service,
            "/api/verify",
            patience=PATIENCE,
            partition=partition,
            after=after,
            hash=digest,
            limit=PAGE,
        )
        yield page
        position = int(page["position"])
        if page.get("broken") is not None or position >= int(page["head"]):
            return
        if position <= after:
            raise Failure(f"{service}/{partition} 的核对停在 {position}，应到 {page['head']}")
        after, digest = position, str(page["hash"])


def _compare_inbox(client: ApiClient, service: str, cursor: JsonObject, place: str) -> tuple[str, bool]:
    """What a service received of a source against that source's feed, page by page."""
    after, checked = 0, 0
    source, partition = cursor["source"], cursor["partition"]
    while True:
        try:
            page = client.get(service, "/api/verify/inbox", source=source, partition=partition, after=after)
        except Failure as failure:  # a feed that cannot be read is no reason to say nothing of the rest
            return f"{place} 无法核对：{failure}", False
        checked += int(page["checked"])
        if page.get("broken") is not None:
            return f"{place} broken 在位置 {page['broken']}：{page.get('detail') or ''}", False
        if int(page["position"]) <= after or int(page["position"]) >= int(page["head"]):
            return f"{place} 一致，{checked} 件", True
        after = int(page["position"])


def _result_line(service: str, partition: int, page: JsonObject) -> str:
    where = f"{service}/{partition}"
    if page.get("broken") is not None:
        return f"{where} broken 在位置 {page['broken']} 断开：{page.get('detail') or ''}"
    return f"{where} intact 完好，{page['position']} 件，head {page.get('hash') or ''}"
