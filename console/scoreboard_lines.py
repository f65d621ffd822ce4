"""Which lines of the scoreboard are shown, and in which order; and the file that bears the exact figures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from flask import Response, request

from console import labels
from console.language import words
from console.table_workbook import CellValue, SheetOfTable, workbook

Line = Mapping[str, Any]
SORTS = {"rank": "名次", "score": "得分", "base": "任务完成分", "deduction": "扣分", "completion": "完成率",
         "on_time": "按时率", "name": "单位名称"}  # fmt: skip
LONGEST = 40


class Choice(NamedTuple):
    """What the address narrows the board to, and its order."""

    pool: int
    search: str
    sort: str
    known_at: str

    @property
    def query(self) -> dict[str, str]:
        """As it stands in addresses."""
        named = {"pool": str(self.pool or ""), "search": self.search, "sort": self.sort, "known_at": self.known_at}
        return {name: value for name, value in named.items() if value and (name, value) != ("sort", "rank")}


def choice() -> Choice:
    given = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("pool", "search", "sort", "known_at")}
    pool = int(given["pool"]) if given["pool"].isdecimal() and len(given["pool"]) < 4 else 0
    return Choice(pool, given["search"], given["sort"] if given["sort"] in SORTS else "rank", given["known_at"])


def pool_names(pools: Sequence[Sequence[str]]) -> dict[int, str]:
    """Each pool by the kinds of its units; nothing where all are of one."""
    if len(pools) < 2:
        return {}
    return {number: "、".join(words(labels.label(labels.KINDS, kind)) for kind in kinds)
            for number, kinds in enumerate(pools, 1)}  # fmt: skip


def chosen_lines(lines: Iterable[Line], pools: Sequence[Sequence[str]], wanted: Choice) -> list[Line]:
    """Ranked ones first; within the two groups in the order that was chosen."""
    kinds = pools[wanted.pool - 1] if 0 < wanted.pool <= len(pools) else None
    shown = [line for line in lines if (kinds is None or line["kind"] in kinds) and _is_found(line, wanted.search)]
    order = _ORDERS.get(wanted.sort, _by_rank)
    return sorted(shown, key=lambda line: (line.get("rank") is None, *order(line), line["unit_id"]))


def _is_found(line: Line, search: str) -> bool:
    sought = search.casefold()
    return sought in str(line["name"]).casefold() or sought in str(line["unit_id"]).casefold()


def _by_rank(line: Line) -> tuple[Any, ...]:
    return (int(line.get("rank") or 0),)


def _highest_first(figure: str) -> Callable[[Line], tuple[Any, ...]]:
    return lambda line: (-Decimal(line[figure]),)


_ORDERS: dict[str, Callable[[Line], tuple[Any, ...]]] = {
    "rank": _by_rank, "name": lambda line: (line["name"],),
    **{figure: _highest_first(figure) for figure in ("score", "base", "deduction", "completion", "on_time")},
}  # fmt: skip


def scoreboard_workbook(body: Mapping[str, Any], lines: Sequence[Line], about: Sequence[tuple[str, str]]) -> Response:
    """The lines with the figures as shown, and the exact ones beside them."""
    pools = pool_names(body.get("pools") or [])
    of_kind = {kind: pools.get(number, "") for number, kinds in enumerate(body.get("pools") or [], 1) for kind in kinds}
    header = ["名次", "单位编号", "单位", "类别", "评选组别", "得分", "得分（精确值）", "任务完成分",
              "任务完成分（精确值）", "季考核表", "扣分", "完成率", "按时率", "印证资料"]  # fmt: skip
    rows: list[list[CellValue]] = [
        [line["rank"], line["unit_id"], line["name"], labels.label(labels.KINDS, line["kind"]),
         of_kind.get(line["kind"], ""), Decimal(line["score"]), line["score_exact"], Decimal(line["base"]),
         line["base_exact"], Decimal(line["sheet"]) if line["sheet"] else None,
         *(Decimal(line[figure]) for figure in ("deduction", "completion", "on_time", "evidence"))]
        for line in lines
    ]  # fmt: skip
    return workbook("scoreboard", about, [SheetOfTable(words("得分榜"), [words(each) for each in header], rows)])
