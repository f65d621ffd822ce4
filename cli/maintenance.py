"""`qihang rebuild`: rebuild a service's read models from its event log."""

import time
from enum import StrEnum
from typing import Annotated

import typer

from cli import output
from cli.api_client import JsonObject, Problem, connect
from cli.failure import Failure
from cli.pauses import growing

POLL_SECONDS = 0.2
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
        bar, pauses = bars.add_task(f"数据重建 {name}", total=None, note=""), growing(POLL_SECONDS)
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
            time.sleep(next(pauses))
    output.print_line(f"{name} 重建完毕：{events} 件事件，{_throughput(events, state)}")


def _throughput(events: int, state: JsonObject) -> str:
    seconds = float(state.get("seconds") or 0)
    pace = events / max(seconds, 0.001)
    return f"{seconds:.3f} 秒，每秒 {pace:.0f} 件（{pace:.0f} events per second）"
