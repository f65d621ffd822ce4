"""Parses a campaign file (YAML) into plain data, or reports every problem with its line, in words for a bureau's clerk.

It creates only strings, integers, booleans, null, lists and dicts; aliases and tags are rejected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

import yaml

from duties.campaign import Campaign, campaign_data
from duties.problems import CampaignProblems, Path, Problem
from services.participation.campaign.file_messages import ITEMS, LABELS, MESSAGES, REMEDIES

LARGEST: Final = 128 * 1024
_DEEPEST: Final = 12
_LONGEST_LINE: Final = 200
_LINE_ENDS: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""Line ends as YAML counts lines."""
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")
_TOUCHING: Final = re.compile(r"(?<=[0-9A-Za-z_])(?=[\u4e00-\u9fff])")
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class FileProblem:
    """`message`: a Chinese sentence without the line; `str()` puts the line before it.  `column` counts from 1; `text`:
    the content of the line; `remedy`: what to do, if the sentence does not say it."""

    line: int
    path: Path
    code: str
    message: str
    column: int = 1
    text: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.message}"


class CampaignFileProblems(ValueError):
    """The file is no valid campaign; all problems in the order of lines."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda item: (item.line, item.column)))
        super().__init__("\n".join(map(str, self.problems)))


def load(text: bytes) -> dict[str, object]:
    """The campaign's data in normal form, for `Campaign.from_data` and events.  Raises CampaignFileProblems."""
    source = _Source()
    try:
        data = source.read(_decode_text(text))
    except _Unreadable as unreadable:
        raise CampaignFileProblems(
            _with_line_texts([*source.file_problems(), unreadable.file_problem()], text)
        ) from None
    problems = list(source.problems)
    if isinstance(data, dict):
        try:
            Campaign.from_data(data)
        except CampaignProblems as error:
            problems += error.problems
    elif not problems:
        problems.append(Problem((), "not_mapping"))
    if problems:
        placed = [_file_problem(problem, data, *source.place_of(problem.path)) for problem in problems]
        raise CampaignFileProblems(_with_line_texts(placed + source.doubled, text))
    return campaign_data(cast("dict[str, object]", data))


def _with_line_texts(problems: Sequence[FileProblem], text: bytes) -> list[FileProblem]:
    """The problems, each with its line."""
    lines = _LINE_ENDS.split(text[:LARGEST].decode("utf-8-sig", "replace"))
    return [
        replace(problem, text=lines[problem.line - 1][:_LONGEST_LINE] if problem.line <= len(lines) else "")
        for problem in problems
    ]


class _Unreadable(Exception):
    """The file cannot be parsed beyond this line."""

    def __init__(self, line: int, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.line = line
        self.problem = Problem((), code, params)

    def file_problem(self) -> FileProblem:
        return _file_problem(self.problem, None, self.line, int(self.problem.params.get("column", 1)))


def _decode_text(text: bytes) -> str:
    if len(text) > LARGEST:
        raise _Unreadable(1, "file_too_large", most=LARGEST // 1024)
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(text.count(b"\n", 0, error.start) + 1, "not_utf8") from None


@dataclass
class _Source:
    """The parsed data, and the line and column of each path."""

    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubled: list[FileProblem] = field(default_factory=list)

    def place_of(self, path: Path) -> tuple[int, int]:
        """The line and column of the value, or of its nearest parent."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def file_problems(self) -> list[FileProblem]:
        placed = [_file_problem(problem, None, *self.place_of(problem.path)) for problem in self.problems]
        return placed + self.doubled

    def read(self, text: str) -> object:
        try:
            return self._document(yaml.parse(text, Loader=yaml.SafeLoader))
        except yaml.reader.ReaderError as error:
            raise _Unreadable(text.count("\n", 0, error.position) + 1, "bad_character") from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            tab = "'\\t'" in str(error.problem)
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise _Unreadable(line, "tab" if tab else "syntax", column=column) from None

    def _document(self, events: Iterator[yaml.Event]) -> object:
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            raise _Unreadable(1, "empty_file")
        data = self._node(next(events), events, ())
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Unreadable(_line(after), "several_documents")
        return data

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        line = _line(event)
        self.places.setdefault(path, (line, _column(event)))
        if len(path) > _DEEPEST:
            raise _Unreadable(line, "too_deep", most=_DEEPEST)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _Unreadable(line, "alias")
        if getattr(event, "tag", None) not in (None, "!"):
            raise _Unreadable(line, "tag")
        match event:
            case yaml.SequenceStartEvent():
                return self._sequence(events, path)
            case yaml.MappingStartEvent():
                return self._mapping(events, path)
            case yaml.ScalarEvent():
                return _scalar(event)
        raise _Unreadable(line, "syntax", column=1)

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        result: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            result.append(self._node(event, events, (*path, len(result))))
        return result

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, object]:
        result: dict[str, object] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable(line, "odd_key")
            if event.value == "<<":
                raise _Unreadable(line, "alias")
            self._node(event, events, (*path, event.value))
            value = self._node(next(events), events, (*path, event.value))
            if event.value in result:
                doubled = Problem((*path, event.value), "doubled_key", {"key": event.value})
                self.doubled.append(_file_problem(doubled, None, line, _column(event)))
            result.setdefault(event.value, value)
        return result


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _column(event: yaml.Event) -> int:
    return event.start_mark.column + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> object:
    """Dates, fractions and decimals stay text, so that nothing becomes a binary float."""
    if not event.implicit[0]:
        return event.value
    if event.value in _WORDS:
        return _WORDS[event.value]
    return int(event.value) if _INTEGER.fullmatch(event.value) else event.value


def _file_problem(problem: Problem, data: object, line: int, column: int) -> FileProblem:
    params = {key: _label_of_key(str(value)) if key == "key" else value for key, value in problem.params.items()}
    sentence = MESSAGES[problem.code].format(at=_place(problem.path, data), **params)
    if problem.params.get("similar"):
        sentence += f"，是不是想写 {problem.params['similar']}？"
    message = _TOUCHING.sub(" ", sentence)
    return FileProblem(line, problem.path, problem.code, message, column, remedy=REMEDIES.get(problem.code, ""))


def _place(path: Path, data: object) -> str:
    """The place in the file in words: `任务 forum 的截止日 due`."""
    words: list[str] = []
    for place, step in enumerate(path):
        data = _child_at(data, step)
        if isinstance(step, str) or not words:  # at the top level a number is a name like any other
            words.append(_label_of_key(str(step)))
        elif isinstance(data, dict):
            name = data.get("id") or data.get("record")
            words[-1] = f"{ITEMS.get(path[place - 1], '')} {name}" if name else f"{words[-1]}第 {step + 1} 项"
        else:
            words[-1] += f"第 {step + 1} 项"
    return "的".join(words).strip() or "方案文件"


def _child_at(data: object, step: str | int) -> object:
    match data, step:
        case dict(), str():
            return data.get(step)
        case list(), int() if step < len(data):
            return data[step]
    return None


def _label_of_key(key: str) -> str:
    return f"{LABELS[key]} {key}" if key in LABELS else f"“{key[:40]}”"
