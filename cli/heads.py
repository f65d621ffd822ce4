"""`qihang heads`: fetches the signed heads of every log, to be kept off the server; and what `verify --heads` does."""

import json
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, connect
from cli.failure import Failure, WrongUsage
from cli.maintenance import PATIENCE, Service
from cli.settings import SERVICES

AT_ONCE = 100
MOST_BYTES = 4096
MOST_DAYS = 7  # that are named
ENDING = ".head.json"
OUTCOMES = {
    "not_signed": "签名不是该服务的密钥所签",
    "another_log": "不是这个系统的日志头",
    "log_ends_before": "现有日志在此之前就结束了",
    "different": "现有日志在该位置的哈希不同，历史已被改写",
}


def heads(
    service: Annotated[Service | None, typer.Argument(metavar="[SERVICE]", help="服务名，缺省为全部")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="写入该文件夹，已有的不动")] = None,
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="从这一天起，如 2023-01-01")] = "",
    now: Annotated[bool, typer.Option("--now", help="先在当前位置各签一个")] = False,
) -> None:
    """各服务每天签名的日志头：列出，或存到服务器以外；以后用 verify --heads 核对。"""
    client = connect()
    rows = []
    for name in [service.value] if service else SERVICES:
        if now:
            client.post(name, "/api/heads", patience=PATIENCE)
        signed = client.get(name, "/api/heads", patience=PATIENCE, since=since)["heads"]
        rows += [(item["day"], f"{name}/{item['partition']}", str(item["position"]), item["hash"]) for item in signed]
        if out:
            _store_heads(out, signed)
    output.print_table(("日期", "日志", "位置", "哈希"), rows, title=f"日志头 {len(rows)}", left=4)


def _store_heads(folder: Path, signed: list[JsonObject]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for item in signed:
        name = "-".join(str(item[member]) for member in ("service", "partition", "day", "position"))
        if "/" in name or name.startswith("."):
            raise Failure(f"服务给出的日志头不对：{name}")
        path = folder / f"{name}{ENDING}"
        if not path.exists():
            path.write_text(json.dumps(item, ensure_ascii=False) + "\n", encoding="utf-8")


def heads_in(folder: Path) -> dict[str, list[JsonObject]]:
    """The heads in a folder and those below it, by service.  Failure names a file that is none."""
    if not folder.is_dir():
        raise WrongUsage(f"--heads 应是文件夹：{folder}")
    result: dict[str, list[JsonObject]] = {}
    for path in sorted(folder.rglob(f"*{ENDING}")):
        head = _read(path)
        result.setdefault(head["service"], []).append(head)
    return result


def _read(path: Path) -> JsonObject:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES)
    try:
        head = json.loads(content)
    except ValueError:
        head = None
    if not isinstance(head, dict) or not isinstance(head.get("service"), str):
        raise Failure(f"{path} 不是日志头：文件损坏，或被人改过")
    return head


def compare_heads(client: ApiClient, service: str, given: list[JsonObject]) -> dict[str, tuple[str, bool]]:
    """By partition, a line and whether the service's log contains every head."""
    if not given and is_empty(client.get(service, "/feed", patience=PATIENCE)):
        return {f"{service} 日志头": (f"{service} 日志头 还没有：这个服务的日志是空的", True)}
    if not given:
        return {f"{service} 日志头": (f"{service} 日志头 无法核对：文件夹中没有这个服务的", False)}
    wrong: dict[str, list[str]] = {}
    contained: dict[str, list[JsonObject]] = {}
    for head, check in _check_heads(client, service, given):
        place = f"{service}/{head.get('partition')} 日志头"
        lines = wrong.setdefault(place, [])
        if check["outcome"] == "contained":
            contained.setdefault(place, []).append(head)
        else:
            reason = OUTCOMES.get(check["outcome"], check["outcome"])
            lines.append(f"  {head.get('day')} 位置 {head.get('position')}：{reason}（{check['detail']}）")
    return {place: _line(place, lines, contained.get(place, [])) for place, lines in wrong.items()}


def _line(place: str, wrong: list[str], contained: list[JsonObject]) -> tuple[str, bool]:
    newest = max(contained, key=lambda head: int(head["position"]), default=None)
    covered = f"最近的是 {newest['day']} 位置 {newest['position']}" if newest else "没有一个相符"
    if wrong:
        return "\n".join([f"{place} broken 有 {len(wrong)} 个不在现有日志中，相符的{covered}", *wrong]), False
    return f"{place} 一致，都在现有日志中，{covered}{_gaps({str(head['day']) for head in contained})}", True


def _gaps(days: Collection[str]) -> str:
    """Days between the first and the last that have no head: the service was off all day, or somebody took it away."""
    present = {date.fromisoformat(day).toordinal() for day in days}
    missing = [date.fromordinal(day).isoformat() for day in range(min(present), max(present)) if day not in present]
    more = "等" if len(missing) > MOST_DAYS else ""
    return f"；其间 {len(missing)} 天没有日志头：{'、'.join(missing[:MOST_DAYS])}{more}" if missing else ""


def _check_heads(client: ApiClient, service: str, given: list[JsonObject]) -> Iterator[tuple[JsonObject, JsonObject]]:
    for first in range(0, len(given), AT_ONCE):
        part = given[first : first + AT_ONCE]
        answer = client.post(service, "/api/verify/heads", {"heads": part}, patience=PATIENCE)
        yield from zip(part, answer["results"], strict=True)


def is_empty(feed: JsonObject) -> bool:
    """Whether a service has recorded nothing yet."""
    partitions = feed.get("partitions") or ()
    return bool(partitions) and all(int(entry["position"]) == 0 for entry in partitions)
