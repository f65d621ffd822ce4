"""`qihang find`: units, persons, records and imports by id, name, pinyin or initials."""

from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import JsonObject, connect

SORTS = {
    "units": ("单位", (("编号", "unit_id"), ("名称", "name"), ("类别", "kind"), ("撤销", "closed_on"))),
    "people": ("人员", (("编号", "person_id"), ("姓名", "name"), ("单位", "unit_id"), ("单位名称", "unit_name"),
                      ("岗位", "role"), ("起", "since"), ("止", "until"))),
    "records": ("填报记录", (("编号", "record_id"), ("类别", "kind"), ("单位", "unit_id"), ("单位名称", "unit_name"),
                         ("人员", "person_id"), ("日期", "day"), ("标题", "title"), ("撤回", "withdrawn"))),
    "imports": ("导入", (("编号", "import_id"), ("开始", "started_at"), ("完成", "finished_at"))),
}  # fmt: skip


def find(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="编号、名称或其中一部分，也可用拼音或拼音首字母")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="每类最多显示的条数")] = 20,
) -> None:
    """查找单位、人员、填报记录和导入：按编号、名称、拼音或首字母。"""
    matches = connect().post("participation", "/api/look-up", {"text": text, "limit": limit})
    shown = [sort for sort in SORTS if matches.get(sort)]
    for sort in shown:
        _show(sort, matches[sort], sort in matches["more"])
    if not shown:
        output.print_line("没有找到。")


def _show(sort: str, rows: list[JsonObject], more: bool) -> None:
    title, columns = SORTS[sort]
    output.print_table(
        [label for label, _ in columns],
        [[_cell(row[key]) for _, key in columns] for row in rows],
        title=f"{title}（还有其他，请写得更具体）" if more else title,
    )


def _cell(value: Any) -> str:
    return ("是" if value else "") if isinstance(value, bool) else str(value)
