"""Validation of a filled-in form, field by field, with messages for the person.  Pure."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from duties.record_kinds import TEXTS, WORKS, RecordField, RecordKind
from services.participation.domain.cells import is_day, is_id, is_instant, is_sha256, is_text
from services.participation.domain.people_messages import sentence_for_people
from services.participation.filings.domain.contents import Content


class FieldProblem(NamedTuple):
    """One problem: the column or field, the code, and the message to show there; `deed`: the number of the form in an
    entry."""

    field: str
    code: str
    message: str
    deed: int = 1


_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "请填写{title}",
    "unknown_field": "这个表单没有这一项",
    "bad_type": "{title}的写法不对",
    "too_long": "{title}最多 {max} 个字",
    "too_many": "{title}最多 {max} 项",
    "too_high": "{title}应当在 0 到 {max} 之间",
    "bad_text": "{title}里有不能使用的字符",
    "bad_date": "{title}不是有效日期，请写成 2022-11-01 这样",
    "not_a_choice": "{title}请从所列选项中选择",
    "no_work": "没有内容，不能提交：请{ways}，至少一项",
    "too_few_files": "请至少附 {min} 份印证资料",
    "too_many_files": "印证资料最多 {max} 份",
    "wrong_files": "印证资料请交{types}",
    "only_oneself": "{title}只能由本人填写",
    "not_of_unit": "{person}当日不在本单位任职",
    "not_for_unit": "{title}不由这类单位填报",
    "no_people": "请选择人员",
    "people_of_a_unit": "单位的填报记录不写人员",
    "several_people": "{title}只能是一个人的",
}
_TITLES: Final[Mapping[str, str]] = {"people": "人员", "occurred_at": "时间", "title": "标题", "evidence": "印证资料",
                                     "period": "周期", "content_sha256": "校验值"}  # fmt: skip

EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
TYPE_TITLES: Final[Mapping[str, str]] = {"image": "图片", "pdf": "PDF", "document": "文档", "sheet": "表格",
                                         "slides": "演示文稿", "video": "视频"}  # fmt: skip


def problem_at(name: str, code: str, **params: object) -> FieldProblem:
    words = {"title": _TITLES.get(name, name), **params}
    return FieldProblem(name, code, _MESSAGES[code].format(**words))


def row_problem(column: str, code: str, cell: str, person_id: str = "") -> FieldProblem:
    """A refusal code of scoring.md 1 at the field of the form for its column."""
    text = sentence_for_people(code, column, cell)
    return FieldProblem({"person_id": "people", "record": "kind"}.get(column, column), code,
                        f"{person_id}：{text}" if person_id else text)  # fmt: skip


def draft_problems(content: Content, kind: RecordKind, by_oneself: bool) -> Iterator[FieldProblem]:
    """Problems that even a draft must not have: another form's fields, values of another type, a private text by
    somebody else."""
    if kind.of == "unit" and content.people:
        yield problem_at("people", "people_of_a_unit")
    if content.title and not is_text(content.title, 400):
        yield problem_at("title", "bad_text" if len(content.title) <= 400 else "too_long", max=400)
    if content.occurred_at and not is_instant(content.occurred_at):
        yield row_problem("occurred_at", "bad_instant", content.occurred_at)
    if content.content_sha256 and not is_sha256(content.content_sha256):
        yield row_problem("content_sha256", "bad_sha256", content.content_sha256)
    if not all(map(is_sha256, content.evidence)):
        yield problem_at("evidence", "bad_type")
    for name, value in content.fields.items():
        item = kind.field(name)
        if item is None:
            yield problem_at(name[:60], "unknown_field")
        elif item.private and value and not by_oneself:
            yield problem_at(name, "only_oneself", title=item.title)
        elif item.private and value and len(content.people) != 1:
            yield problem_at(name, "several_people", title=item.title)
        elif not is_empty(value):
            yield from value_problems(item, value, name)


def submission_problems(content: Content, kind: RecordKind, by_oneself: bool = False) -> Iterator[FieldProblem]:
    """Problems that a draft may have, but not a submitted form."""
    if kind.work == "required" and not _has_work(content, kind):
        yield _no_work(kind, by_oneself)
    if kind.of == "person" and not content.people:
        yield problem_at("people", "no_people")
    for item in kind.fields:
        if item.required and is_asked(item, content.fields) and is_empty(content.fields.get(item.id)):
            yield problem_at(item.id, "missing", title=item.title)
    if len(content.evidence) < kind.evidence.min:
        yield problem_at("evidence", "too_few_files", min=kind.evidence.min)
    if len(content.evidence) > kind.evidence.max:
        yield problem_at("evidence", "too_many_files", max=kind.evidence.max)


def _has_work(content: Content, kind: RecordKind) -> bool:
    if content.evidence or content.content_sha256 not in ("", EMPTY_SHA256):
        return True
    values = (content.fields.get(item.id) for item in kind.fields if item.type in WORKS)
    return any(value.strip() if isinstance(value, str) else value for value in values)


def _no_work(kind: RecordKind, by_oneself: bool) -> FieldProblem:
    """At the first field that could contain the work, else at the files."""
    asked = [item for item in kind.fields if item.type in WORKS and (by_oneself or not item.private)]
    ways = [f"填写{item.title}" for item in asked] + ["添加文件"] * bool(kind.evidence.max)
    if kind.filed_by == "person" and by_oneself:
        ways.append("填写校验值")
    return problem_at(asked[0].id if asked else "evidence", "no_work", ways="、".join(ways))


def is_asked(item: RecordField, values: Mapping[str, Any]) -> bool:
    if item.when is None:
        return True
    chosen = values.get(item.when.field)
    return bool(set(chosen if isinstance(chosen, list) else [chosen]) & set(item.when.codes))


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def value_problems(item: RecordField, value: Any, name: str) -> Iterator[FieldProblem]:
    """The problems of one given value."""
    words = {"title": item.title, "max": item.max}
    match item.type, value:
        case (("text" | "long_text"), str()) if len(value) > item.max:
            yield problem_at(name, "too_long", **words)
        case (("text" | "long_text"), str()) if not is_text(value, item.max):
            yield problem_at(name, "bad_text", **words)
        case "number", int() if not isinstance(value, bool):
            if not 0 <= value <= item.max:
                yield problem_at(name, "too_high", **words)
        case "number", _:
            yield FieldProblem(name, "bad_type", f"{item.title}请写整数，如 12")
        case "date", str():
            if not is_day(value):
                yield problem_at(name, "bad_date", **words)
        case "choice", str():
            if value not in item.choices:
                yield problem_at(name, "not_a_choice", **words)
        case "record", str() if is_id(value):
            return
        case (("choices" | "people" | "units" | "files" | "lines"), list()):
            yield from _list_problems(item, value, name)
        case _ if item.type in TEXTS and isinstance(value, str):
            return
        case _:
            yield problem_at(name, "bad_type", **words)


def _list_problems(item: RecordField, values: list[Any], name: str) -> Iterator[FieldProblem]:
    if len(values) > item.max:
        yield problem_at(name, "too_many", title=item.title, max=item.max)
        return
    if item.type == "lines":
        for place, line in enumerate(values):
            yield from _line_problems(item, line, f"{name}.{place}")
        return
    checks: Mapping[str, Callable[[str], bool]] = {
        "people": is_id, "units": is_id, "files": is_sha256, "choices": item.choices.__contains__,
    }  # fmt: skip
    good = checks[item.type]
    if not all(isinstance(value, str) and good(value) for value in values):
        yield problem_at(name, "not_a_choice" if item.type == "choices" else "bad_type", title=item.title)


def _line_problems(item: RecordField, line: Any, at: str) -> Iterator[FieldProblem]:
    if not isinstance(line, dict) or line.keys() - {column.id for column in item.columns}:
        yield problem_at(at, "bad_type", title=item.title)
        return
    for column in item.columns:
        value = line.get(column.id)
        if not is_empty(value):
            yield from value_problems(column, value, f"{at}.{column.id}")
        elif column.required:
            yield problem_at(f"{at}.{column.id}", "missing", title=column.title)
