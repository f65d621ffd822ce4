"""The district at a glance (全区总览): what was owed, done and on time, by duty, month, kind, zone and liaison office,
and which units have had nothing on record for long; each picture with its table and its file."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console import labels, second_hands
from console.charts import Chart, Series
from console.concurrent_calls import call_all
from console.guard import signed_in
from console.language import words
from console.page_registry import OVERVIEW
from console.print_head import print_head
from console.service_client import ServiceResponse
from console.table_workbook import CellValue, SheetOfTable, workbook
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import reader

blueprint = Blueprint("overview", __name__)
FILTERS = ("kind", "zone", "liaison", "duty")
LONGEST, STILL_DAYS, MOST_DAYS = 80, 30, 400
SUMS = ("应完成", "已完成", "按时完成", "完成率", "按时率")
SERIES = {"按时完成": 3, "逾期补报": 2, "未完成": 4}
"""Parts of every bar, and their colours."""
PARTS = {
    "months": "各月完成情况", "duties": "各项任务完成情况", "grid": "各项任务分月", "kinds": "各类单位完成情况",
    "zones": "各中心校辖区完成情况", "liaisons": "各包联股室完成情况", "still": "长期没有填报的单位",
}  # fmt: skip
NONE_OF_IT = {"zones": "不属于任何辖区", "liaisons": "没有包联股室"}


@blueprint.get(OVERVIEW.path)
@signed_in(OVERVIEW.right)
def overview(user: User) -> ResponseReturnValue:
    response, *to_confirm = call_all(partial(_answer, user), *second_hands.questions(user))
    body = response.body
    return render_template(
        "overview.html", response=response, body=body, page=OVERVIEW, labels=labels, asked=query_of_request(),
        second_hands=second_hands.steps(user, to_confirm),
        window=str(body.get("window") or query_of_request().get("window", "")), of_all=may_see_units(user),
        as_of=str(body.get("as_of") or query_of_request().get("as_of", "")), percent=percent, parts=PARTS,
        charts=charts(body) if response.ok else {}, grid=grid(body), days=_days(),
    )  # fmt: skip


@blueprint.get(f"{OVERVIEW.path}/<part>.xlsx")
@signed_in(OVERVIEW.right)
def file(user: User) -> ResponseReturnValue:
    """The table of one picture, or of all."""
    part = str((request.view_args or {})["part"])
    if part != "all" and part not in PARTS:
        abort(404)
    response = _answer(user)
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    about = [(words("内容"), print_head(words(OVERVIEW.title))),
             (words("统计时段"), labels.window_label(str(response.body["window"]))),
             (words("截至"), str(response.body["as_of"])), *_filter_in_words(response.body)]  # fmt: skip
    return workbook(f"overview-{part}", about, tables(response.body, PARTS if part == "all" else [part]))


def query_of_request() -> dict[str, str]:
    """What the address asks for, without what is empty."""
    query = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("window", *FILTERS)}
    query |= {"as_of": date_or_empty(request.args.get("as_of", "")), "days": str(_days())}
    query["days"] = "" if query["days"] == str(STILL_DAYS) else query["days"]
    return {name: value for name, value in query.items() if value}


def _days() -> int:
    given = request.args.get("days", "")
    return min(max(int(given), 1), MOST_DAYS) if given.isdecimal() and len(given) < 6 else STILL_DAYS


def _answer(user: User) -> ServiceResponse:
    query = query_of_request()
    return reader(user)(
        "assessment", "/api/overview", window=query.get("window"), as_of=query.get("as_of"), kind=query.get("kind"),
        zone_id=query.get("zone"), liaison_id=query.get("liaison"), duty=query.get("duty"), still_days=str(_days()),
    )  # fmt: skip


def may_see_units(user: User) -> bool:
    """Whether every unit's own page opens to the user; the supervision office sees those that it stands over."""
    return user.is_operator or any(post.post in ("leader", "campaign_office") for post in user.profile.posts)


def percent(share: str | None) -> str:
    """`0.9310` as people read it: 93.1%; a dash where nothing is owed."""
    return "—" if share is None else f"{Decimal(share) * 100:.1f}%"


def charts(body: Mapping[str, Any]) -> dict[str, Chart]:
    """By part; a part with nothing in it has none."""
    window = str(body["window"])
    months = [labels.short_window_label(line["month"], window) for line in body["months"]]
    result = {"trend": Chart(words("各月完成率和按时率（%）"), months, [
        Series(words("完成率"), [_percentage(line["completion"]) for line in body["months"]]),
        Series(words("按时率"), [_percentage(line["on_time"]) for line in body["months"]])], most=100)}  # fmt: skip
    result["months"] = _stacked_chart("months", months, body["months"])
    result["duties"] = _stacked_chart("duties", [line["title"] for line in body["duties"]], body["duties"])
    for part in ("kinds", "zones", "liaisons"):
        result[part] = _stacked_chart(part, [group_name(part, line) for line in body[part]], body[part])
    return {part: chart for part, chart in result.items() if chart.labels}


def group_name(part: str, line: Mapping[str, Any]) -> str:
    """What a group of units is called, and how many they are."""
    name = labels.label(labels.KINDS, line["id"]) if part == "kinds" else line["name"]
    return words("{name}（{count} 个单位）").format(name=words(name or NONE_OF_IT[part]), count=line["units"])


def _stacked_chart(part: str, names: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> Chart:
    values = [(line["punctual"], line["done"] - line["punctual"], line["owed"] - line["done"]) for line in lines]
    series = [Series(words(name), [each[place] for each in values], tone)
              for place, (name, tone) in enumerate(SERIES.items())]  # fmt: skip
    return Chart(words(PARTS[part]), names, series)


def _percentage(share: str | None) -> Decimal | None:
    return None if share is None else Decimal(f"{Decimal(share) * 100:.1f}")


def grid(body: Mapping[str, Any]) -> tuple[list[str], list[tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]]]:
    """The months, and each duty with its months."""
    months = [line["month"] for line in body.get("months") or []]
    return months, [(line, {each["month"]: each for each in line["months"]}) for line in body.get("duties") or []]


def tables(body: Mapping[str, Any], parts: Iterable[str]) -> list[SheetOfTable]:
    """The figures of these parts as sheets."""
    return [_table(body, part) for part in parts]


def _table(body: Mapping[str, Any], part: str) -> SheetOfTable:
    title, sums = words(PARTS[part]), [words(name) for name in SUMS]
    if part == "months":
        return SheetOfTable(title, [words("月份"), *sums], [[line["month"], *_cells(line)] for line in body["months"]])
    if part == "duties":
        return SheetOfTable(title, [words("任务"), *sums], [[line["title"], *_cells(line)] for line in body["duties"]])
    if part == "grid":
        rows: list[Sequence[CellValue]] = [[duty["title"], month["month"], *_cells(month)]
                                           for duty in body["duties"] for month in duty["months"]]  # fmt: skip
        return SheetOfTable(title, [words("任务"), words("月份"), *sums], rows)
    if part == "still":
        header = ["单位编号", "单位", "类别", "最近一次填报", "已隔天数", "应完成", "已完成"]
        return SheetOfTable(title, [words(each) for each in header], [
            [line["unit_id"], line["name"], labels.label(labels.KINDS, line["kind"]), line["last"], line["days"],
             line["owed"], line["done"]] for line in body["still"]["lines"]])  # fmt: skip
    rows = [[line["id"], labels.label(labels.KINDS, line["id"]) if part == "kinds" else line["name"], line["units"],
             *_cells(line)] for line in body[part]]  # fmt: skip
    return SheetOfTable(title, [words("编号"), words("名称"), words("单位数"), *sums], rows)


def _cells(line: Mapping[str, Any]) -> list[CellValue]:
    rates = [None if line[name] is None else Decimal(line[name]) for name in ("completion", "on_time")]
    return [line["owed"], line["done"], line["punctual"], *rates]


def _filter_in_words(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the figures are narrowed to, in words."""
    query, choices = query_of_request(), body["choices"]
    named = {name: {each["id"]: each["name"] for each in choices[f"{name}s" if name != "duty" else "duties"]}
             for name in ("zone", "liaison", "duty")}  # fmt: skip
    pairs = [(words("单位类别"), labels.label(labels.KINDS, query.get("kind", "")))]
    pairs += [(words(title), named[name].get(query.get(name, ""), query.get(name, "")))
              for name, title in (("zone", "中心校辖区"), ("liaison", "包联股室"), ("duty", "任务"))]  # fmt: skip
    return pairs
