"""A report's files as offices read them: headers, codes and figures of a workbook in Chinese, numbers as numbers."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from console import labels
from console.report_files import Sheet

FILES = {
    "unit_scores": "单位得分", "units_awarded": "拟表彰单位与递补", "individuals": "拟表彰个人",
    "outstanding": "未完成事项", "official": "正式数据", "differences": "变动",
}  # fmt: skip
COLUMNS = {
    "window": "统计时段", "as_of": "截至", "unit_id": "单位编号", "unit_name": "单位", "base": "任务完成分",
    "sheet": "季考核表", "deduction": "扣分", "score": "得分", "rank": "名次", "completion": "完成率",
    "on_time": "按时率", "evidence": "印证资料", "band": "档次", "year": "年度", "pool": "评选组别", "seats": "名额",
    "status": "结果", "position": "位次", "person_id": "人员编号", "person_name": "姓名", "points": "积分",
    "duty": "任务编号", "duty_title": "任务", "period": "周期", "due": "截止日", "counted": "已有", "count": "应有",
    "overdue": "是否逾期", "official": "正式数据", "known_at": "数据时点", "what": "内容", "present": "当前数据",
    "figures": "变动的数据", "table": "数据表", "id": "编号", "event": "变动", "recorded_at": "记录时间",
    "actor": "办理人", "correction_id": "更正编号", "changed": "更改的栏目", "position_of_event": "事件位置",
}  # fmt: skip
"""Column -> what people call it; another stays as it is."""
NUMBERS = frozenset(
    ("base", "sheet", "deduction", "score", "rank", "completion", "on_time", "evidence", "seats", "position", "points",
     "counted", "count")
)  # fmt: skip
CODES: Mapping[str, Mapping[str, str]] = {
    "band": {"front": "前列", "middle": "中段", "below": "待加强"}, "status": labels.AWARD_STATUS,
    "overdue": {"yes": "是", "no": "否"}, "official": {"yes": "是", "no": "否"},
    "what": {"score": "得分", "award": "拟表彰单位", "individual": "拟表彰个人"}, "table": labels.TABLES,
}  # fmt: skip
PERIODS = frozenset(("window", "period", "year"))
ONCE = "once"


def in_words(sheet: Sheet) -> Sheet:
    """The sheet with its title, header and cells in words.  Columns of names stand beside their ids."""
    return Sheet(FILES.get(sheet.title, sheet.title), _rows(sheet))


def _rows(sheet: Sheet) -> Iterator[list[str | Decimal]]:
    header = [str(each) for each in next(sheet.rows, [])]
    yield [COLUMNS.get(column, column) for column in header]
    for row in sheet.rows:
        yield [_cell(column, str(value)) for column, value in zip(header, row, strict=False)]


def _cell(column: str, value: str) -> str | Decimal:
    if column in NUMBERS:
        return _number(value)
    if column in PERIODS:
        return "一次性" if value == ONCE else labels.window_label(value)
    return CODES.get(column, {}).get(value, value)


def _number(text: str) -> str | Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
