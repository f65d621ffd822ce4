"""A file of CloudEvents, one a line: checked whole before anything is sent, then cut into batches in file order."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from cli.failure import Failure

MAX_EVENT_BYTES = (1 << 20) - 2  # the intake's limit of a body, less the brackets of a batch
MAX_BATCH_EVENTS = 500
MAX_BATCH_BYTES = 512 * 1024
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One line: its bytes as they stand in the file, and what is needed to route it and to match its receipt."""

    line: int
    raw: bytes
    key: int
    type: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive events of the file."""

    events: list[Event]

    @property
    def body(self) -> bytes:
        """A CloudEvents batch; the events are not written anew, so that nothing in them changes."""
        return b"[" + b",".join(event.raw for event in self.events) + b"]"

    @property
    def lines(self) -> str:
        first, last = self.events[0].line, self.events[-1].line
        return f"第 {first} 行" if first == last else f"第 {first}–{last} 行"


def key_of(source: str, event_id: str) -> int:
    """64 bits that stand for (source, id): a million events are remembered in little memory."""
    text = f"{source}\0{event_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def read_events(path: Path, on_progress: Callable[[int], None] = lambda _: None) -> Iterator[Event]:
    """Every event of the file, blank lines passed over; a malformed line is a Failure that names it."""
    with path.open("rb") as file:
        for number, line in _numbered_lines(file, path):
            on_progress(len(line))
            raw = line.removeprefix(BOM).strip() if number == 1 else line.strip()
            if raw:
                yield _event(number, raw, path)


def batches(events: Iterator[Event]) -> Iterator[Batch]:
    """Consecutive events, at most 500 and 512 KiB a batch (a longer event stands alone)."""
    held: list[Event] = []
    size = 0
    for event in events:
        if held and (len(held) >= MAX_BATCH_EVENTS or size + len(event.raw) + 1 > MAX_BATCH_BYTES):
            yield Batch(held)
            held, size = [], 0
        held.append(event)
        size += len(event.raw) + 1
    if held:
        yield Batch(held)


def _numbered_lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(MAX_EVENT_BYTES + 3):
        number += 1
        if len(line.strip()) > MAX_EVENT_BYTES:
            _fail_malformed(path, number, "超过 1 MiB")
        yield number, line


def _event(number: int, raw: bytes, path: Path) -> Event:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        _fail_malformed(path, number, "不是 UTF-8")
    except (ValueError, RecursionError) as error:
        _fail_malformed(path, number, f"不是 JSON（{error}）")
    if not isinstance(value, dict):
        _fail_malformed(path, number, "不是 JSON 对象")
    source, event_id, kind = (_text(value, name, path, number) for name in ("source", "id", "type"))
    return Event(number, raw, key_of(source, event_id), kind)


def _text(value: dict[str, Any], name: str, path: Path, number: int) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text:
        _fail_malformed(path, number, f"缺少 {name}")
    return text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} 不是 JSON 数字")


def _fail_malformed(path: Path, number: int, words: str) -> NoReturn:
    raise Failure(f"{path} 第 {number} 行{words}；没有发送任何事件")
