"""`qihang roster`: compares a roster with the registry, shows the differences in groups, applies what is confirmed."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, connect
from cli.failure import Failure, WrongUsage

GROUPS: Final = {
    "joined": "新增", "moved": "调动", "role_changed": "岗位变动", "renamed": "更名", "left": "离任",
    "missing": "未出现", "unsure": "需确认", "unchanged": "无变化",
}  # fmt: skip
CERTAIN: Final = ("joined", "moved", "role_changed", "renamed", "left")
ROLES: Final = {"cadre": "干部", "teacher": "教师", "other": "其他"}
RUNNING: Final = {"waiting": "等待", "reading": "正在读取", "comparing": "正在比对"}
ALL: Final = "all"
LEFT_OPEN: Final = 3
"""The exit code when something was left that needs a decision; who is not listed simply serves on."""
SHOWN: Final = 50
HEADINGS: Final = ("行", "编号", "姓名", "原任职", "现任职", "说明")


def roster(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="花名册：工号、姓名、岗位、单位，可有任职起、任职止")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="花名册是哪一天的，如 2023-03-01")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，办理不需要确认的各组；有未办理的，退出码为 3")] = False,
    end_missing: Annotated[
        list[str] | None,
        typer.Option("--end-missing", metavar="PERSON", help="未出现的人员离任：写编号，可多次；all 为全部"),
    ] = None,
    missing_on: Annotated[
        str, typer.Option("--missing-on", metavar="DAY", help="未出现人员的离任日期，默认为花名册的日期")
    ] = "",
    choose: Annotated[
        list[str] | None,
        typer.Option("--choose", metavar="LINE=OPTION", help="需确认的行选哪一项，如 row-12=keep，可多次"),
    ] = None,
    unit_names: Annotated[
        list[str] | None,
        typer.Option("--unit-name", metavar="NAME=UNIT", help="花名册中的单位名称是哪个单位，以后照此，可多次"),
    ] = None,
    role_names: Annotated[
        list[str] | None,
        typer.Option("--role-name", metavar="NAME=ROLE", help="花名册中的岗位属于 cadre、teacher 或 other，以后照此"),
    ] = None,
    unit: Annotated[str, typer.Option("--unit", metavar="UNIT", help="只是这个单位的花名册")] = "",
    older: Annotated[bool, typer.Option("--older", help="允许早于上次花名册的日期")] = False,
) -> None:
    """按花名册更新任职：先分组列出差异，确认后办理；文件中没有的人员，不经确认不会离任。"""
    if not file.is_file():
        raise WrongUsage(f"没有这个文件：{file}")
    choices, words = _pairs(choose, "--choose"), _words(unit_names, role_names)
    client = connect()
    if words:
        client.post("participation", "/api/roster-words", {"words": words}, patience=15)
    summary = _wait_until_compared(client, _begin(client, file, as_of, unit, older))
    lines = list(_lines(client, summary))
    _show(summary, lines)
    selection = _selection(summary, lines, yes, end_missing or [], missing_on, choices)
    if selection["groups"] or selection["lines"]:
        _confirm(client, summary, selection)
    open_lines = _left_open(client, summary)
    if open_lines:
        output.print_line(f"还有 {open_lines} 行没有办理，预览编号 {summary['roster_id']}，保留 7 天。")
        raise typer.Exit(LEFT_OPEN)


def _begin(client: ApiClient, file: Path, as_of: str, unit: str, older: bool) -> JsonObject:
    query = {"as_of": as_of, "unit_id": unit or None, "name": file.name, "older": "yes" if older else None}
    return client.call("POST", "participation", "/api/rosters", params=query, body=file.read_bytes,
                       content_type="application/octet-stream", patience=15)  # fmt: skip


def _wait_until_compared(client: ApiClient, summary: JsonObject) -> JsonObject:
    """Once the service has read and compared it; a service that starts anew meanwhile goes on with it."""
    with output.progress() as bars:
        bar = bars.add_task("比对", total=None, note="")
        while summary["state"] in RUNNING:
            bars.update(bar, total=summary["total"] or None, completed=summary["done"], note=RUNNING[summary["state"]])
            path = f"/api/rosters/{summary['roster_id']}/progress"
            summary = client.get("participation", path, patience=120)
    if summary["fault"]:
        raise Failure(summary["fault"])
    return summary


def _lines(client: ApiClient, summary: JsonObject) -> Iterator[JsonObject]:
    after = 0
    while True:
        page = client.get("participation", f"/api/rosters/{summary['roster_id']}", after=after, limit=1000)
        yield from page["lines"]
        after += len(page["lines"])
        if not page["more"]:
            return


def _show(summary: JsonObject, lines: list[JsonObject]) -> None:
    counts = summary["groups"]
    output.print_line(f"花名册 {summary['file']}（截至 {summary['as_of']}）")
    for sheet, line, _, _, text in summary["notes"]:
        output.print_line(f"导入提示：{sheet} {line or ''} {text}")
    output.print_table(("组", "人数"), [(label, counts[group]) for group, label in GROUPS.items()])
    for group, label in GROUPS.items():
        of_group = [line for line in lines if line["group"] == group]
        if not of_group or group == "unchanged":
            continue
        shown = [_cells(line) for line in of_group[:SHOWN]]
        output.print_table(HEADINGS, shown, title=f"{label}（{len(of_group)}）", left=6)
        if len(of_group) > SHOWN:
            output.print_line(f"另有 {len(of_group) - SHOWN} 行，见 {summary['roster_id']}。")
    for words, option in (("unknown_units", "--unit-name"), ("unknown_roles", "--role-name")):
        for word in summary[words]:
            output.print_line(f"请指明：{option} '{word}=…'")


def _cells(line: JsonObject) -> tuple[object, ...]:
    options = line["options"]
    shown: Mapping[str, Any] = options[0] if options and line["group"] != "unsure" else {}
    about = [line["message"], *line["notes"]]
    if line["group"] == "unsure":
        about += [f"{option['option']}：{_service(option['after']) or '无'}" for option in options]
    return (line["line"], line["person_id"], line["name"], _service(shown.get("before")), _service(shown.get("after")),
            "；".join(filter(None, about)))  # fmt: skip


def _service(service: Mapping[str, str] | None) -> str:
    if not service:
        return ""
    until = f" 至 {service['until']}" if service["until"] else ""
    unit = service["unit_name"] or service["unit_id"]
    return f"{unit} {ROLES.get(service['role'], service['role'])} {service['since']} 起{until}"


def _selection(
    summary: JsonObject, lines: list[JsonObject], yes: bool, end_missing: list[str], missing_on: str,
    choices: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """What is confirmed by the options or, on a terminal, by the answers."""
    missing = {line["person_id"]: line["line"] for line in lines if line["group"] == "missing"}
    if unknown := [person for person in end_missing if person != ALL and person not in missing]:
        raise WrongUsage(f"--end-missing：{unknown[0]} 不在未出现的人员中")
    ended = missing.values() if ALL in end_missing else [missing[person] for person in end_missing]
    chosen = {**dict.fromkeys(ended, "end"), **choices}
    groups = [group for group in CERTAIN if summary["groups"][group]]
    if not yes:
        groups = [
            group for group in groups if _confirmed_in_terminal(f"办理{GROUPS[group]} {summary['groups'][group]} 人？")
        ]
    return {"revision": summary["revision"], "groups": groups, "lines": chosen, "missing_on": missing_on}


def _confirmed_in_terminal(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return output.confirmed(question)


def _confirm(client: ApiClient, summary: JsonObject, selection: JsonObject) -> None:
    address = f"/api/rosters/{summary['roster_id']}/confirm"
    total = None
    with output.progress() as bars:
        bar = bars.add_task("办理", total=None, note="")
        while True:
            state = client.post("participation", address, selection, patience=60)
            total = total or state["left"] or 1
            bars.update(bar, total=total, completed=total - state["left"])
            if not state["left"]:
                break
    output.print_line(f"已办理 {state['accepted']}，无变化 {state['unchanged']}，未接收 {state['refused']}")
    if state["refused"]:
        outcomes = client.get("participation", f"/api/rosters/{summary['roster_id']}/outcomes", limit=5000)
        refused = [(line["line"], line["message"]) for line in outcomes["lines"] if line["outcome"] == "refused"]
        output.print_table(("行", "原因"), refused, title="未接收", left=2)


def _left_open(client: ApiClient, summary: JsonObject) -> int:
    """Whoever is not listed serves on: that is no open question."""
    return sum(
        line["group"] not in ("unchanged", "missing") and line["outcome"] in ("", "refused")
        for line in _lines(client, summary)
    )


def _pairs(texts: Iterable[str] | None, option: str) -> dict[str, str]:
    pairs = dict(text.rpartition("=")[::2] for text in texts or ())
    if "" in pairs:
        raise WrongUsage(f"{option} 应写成 名称=值")
    return pairs


def _words(units: list[str] | None, roles: list[str] | None) -> list[dict[str, str]]:
    named = (("unit_id", _pairs(units, "--unit-name")), ("role", _pairs(roles, "--role-name")))
    return [{"column": column, "word": word, "value": value} for column, pairs in named
            for word, value in pairs.items()]  # fmt: skip
