"""`qihang verify`: the hash chain of every log, every inbox against its source's feed, the rows against a rebuild,
the logs against heads that were signed earlier."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from cli import output
from cli.api_client import READ_SECONDS, ApiClient, JsonObject, connect
from cli.concurrent_calls import INCOMPLETE, ask_each, incomplete, unreachable_services
from cli.content_files import SERVICES as WITH_FILES
from cli.content_files import compare_files
from cli.failure import Failure
from cli.heads import compare_heads, heads_in
from cli.maintenance import PATIENCE, POLL_SECONDS, Service
from cli.pauses import growing
from cli.settings import SERVICES

PAGE = 5000
Result = tuple[str, bool | None]
"""A line of output, and whether all is as it should be; None: it could not be compared."""


def verify(
    service: Annotated[Service | None, typer.Argument(metavar="[SERVICE]", help="服务名，缺省为全部")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="并将各服务的数据与从事件重建的结果逐行比较，不换上")] = False,
    files: Annotated[
        bool, typer.Option("--files", help="并核对作品、成品和印证资料：缺失、被改动、没有事件提到的")
    ] = False,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FOLDER", help="并核对以前签名的日志头是否都在现有日志中")
    ] = None,
) -> None:
    """核对事件的哈希链：完好则为 intact 和件数，否则给出第一个断开的位置；并将收到的事件与来源核对。"""
    names = [service.value] if service else list(SERVICES)
    kept = heads_in(heads) if heads else {}
    answering = ask_each(_parts, names)
    with output.progress() as bars:

        def verify_service(client: ApiClient, name: str) -> dict[str, Result]:
            results = _verify_logs(client, name, bars)
            if heads:
                results |= compare_heads(client, name, kept.get(name, []))
            return results | _compare_inboxes(client, name)

        there = [name for name in names if name not in unreachable_services(answering)]
        walked = ask_each(verify_service, there, READ_SECONDS) if there else {}
        missing = unreachable_services(answering) | unreachable_services(walked)
        results = {place: line for part in walked.values() if not isinstance(part, Failure)
                   for place, line in part.items()}  # fmt: skip
        for name in there if rows else ():  # one after the other: each takes as much as a rebuild
            results[f"{name} 数据"] = _compare_rows(connect(), name, bars)
        for name in there if files else ():
            if name in WITH_FILES:
                results[f"{name} 文件"] = _compare_files(name)
    for line, _ in results.values():
        output.print_line(line)
    for name, failure in missing.items():
        output.print_line(f"{name} 未核对：{failure}")
    _end(results, missing, len(names))


def _parts(client: ApiClient, service: str) -> JsonObject:
    """Whether it answers at all."""
    return client.get(service, "/feed", patience=0)


def _compare_files(service: str) -> Result:
    try:
        return compare_files(connect(), service)
    except Failure as failure:
        return f"{service} 文件 无法核对：{failure}", None


def _end(results: dict[str, Result], missing: dict[str, Failure], asked: int) -> None:
    """Failure with the exit code of what was seen: docs/cli.md."""
    if broken := [place for place, (_, is_right) in results.items() if is_right is False]:
        raise Failure(f"核对不符：{'、'.join(broken)}")
    if len(missing) == asked:
        raise Failure("没有一个服务答复")
    if missing:
        raise incomplete(missing)
    if unknown := [place for place, (_, is_right) in results.items() if is_right is None]:
        raise Failure(f"没有核对：{'、'.join(unknown)}", exit_code=INCOMPLETE)


def _verify_logs(client: ApiClient, service: str, bars: Progress) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for entry in client.get(service, "/feed").get("partitions") or ():
        partition = int(entry["partition"])
        bar = bars.add_task(f"核对 {service}/{partition}", total=int(entry["position"]) or None, note="")
        page: JsonObject = {}
        for page in _verify_pages(client, service, partition):
            bars.update(bar, completed=int(page["position"]), total=int(page["head"]) or None)
        results[f"{service}/{partition}"] = _result_line(service, partition, page), page.get("broken") is None
    return results


def _compare_inboxes(client: ApiClient, service: str) -> dict[str, Result]:
    results = {}
    for cursor in client.get(service, "/api/status").get("cursors") or ():
        place = f"{service} ← {cursor['source']}/{cursor['partition']}"
        results[place] = _compare_inbox(client, service, cursor, place)
    return results


def _compare_rows(client: ApiClient, service: str, bars: Progress) -> Result:
    """Follows the service's comparison to its end."""
    place = f"{service} 数据"
    bar = bars.add_task(f"核对 {place}", total=None, note="")
    state, pauses = client.post(service, "/api/verify/rows", patience=PATIENCE), growing(POLL_SECONDS)
    while state.get("state") == "running":
        time.sleep(next(pauses))
        state = client.get(service, "/api/verify/rows", patience=PATIENCE)
        bars.update(bar, completed=int(state.get("events") or 0), total=int(state.get("total") or 0) or None,
                    note=f"{state.get('rows') or 0} 行")  # fmt: skip
    match state.get("state"):
        case "failed":
            return f"{place} 无法核对：{state.get('detail') or '没有说明'}", None
        case "idle":
            return f"{place} 无法核对：比较中断了（服务可能重新启动过），请再试一次", None
    if not state.get("different"):
        return f"{place} 一致，{state.get('tables')} 张表 {state.get('rows')} 行，{state.get('events')} 件事件", True
    lines = [f"{place} broken 有 {state['different']} 行与重建的不同"]
    return "\n".join([*lines, *(f"  {_difference_line(item)}" for item in state.get("differences") or ())]), False


def _difference_line(item: JsonObject) -> str:
    where = f"{item['table']}（{item['key']}）"
    match item["kind"]:
        case "missing":
            return f"{where} 缺少"
        case "extra":
            return f"{where} 多出"
    return f"{where} {item['column']}：现为“{item['kept']}”，应为“{item['rebuilt']}”"


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


def _compare_inbox(client: ApiClient, service: str, cursor: JsonObject, place: str) -> Result:
    """What a service received of a source against that source's feed, page by page."""
    after, checked = 0, 0
    source, partition = cursor["source"], cursor["partition"]
    while True:
        try:
            page = client.get(service, "/api/verify/inbox", source=source, partition=partition, after=after)
        except Failure as failure:  # a feed that cannot be read is no reason to say nothing of the rest
            return f"{place} 无法核对：{failure}", None
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
