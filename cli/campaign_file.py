"""A campaign file as it is sent: one that `extends` another is that file with its own top-level keys in place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.failure import Failure

MAX_BYTES = 1 << 20
_KEY = re.compile(rb"([^\s#\-][^:#]*):(?:\s|$)")
_EXTENDS = re.compile(rb"extends:\s*[\"']?([^\"'#\r\n]+?)[\"']?\s*(?:#.*)?$")


@dataclass(frozen=True)
class SourceLine:
    """A line and where it stands."""

    file: Path
    number: int
    text: bytes


@dataclass(frozen=True)
class CampaignFile:
    """What is sent, and where its lines stand."""

    text: bytes
    lines: tuple[SourceLine, ...]

    def place(self, number: object) -> SourceLine | None:
        """Where the line of that number (from 1) of what is sent stands."""
        return self.lines[number - 1] if isinstance(number, int) and 0 < number <= len(self.lines) else None


def read_campaign_file(file: Path) -> CampaignFile:
    """The file; the keys of one that extends another replace that one's keys whole.  Failure: a base that cannot be."""
    lines = _lines(file, ())
    if all(line.file == file for line in lines):
        return CampaignFile(file.read_bytes(), tuple(lines))  # as it is, whatever its line ends
    return CampaignFile(b"".join(line.text + b"\n" for line in lines), tuple(lines))


def _lines(file: Path, extended_by: tuple[Path, ...]) -> list[SourceLine]:
    if file.resolve() in extended_by:
        raise Failure(f"{file}：extends 绕回到了自己")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Failure(f"{file} 超过 1 MiB，不像是活动方案")
        texts = file.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except OSError as error:
        where = f"{extended_by[-1].name} 的 extends 指向 " if extended_by else ""
        raise Failure(f"{where}{file}：{error.strerror}") from None
    own = [SourceLine(file, number, text) for number, text in enumerate(texts, 1)]
    extends = next((line for line in own if _EXTENDS.fullmatch(line.text)), None)
    match = _EXTENDS.fullmatch(extends.text) if extends else None
    if match is None:
        return own
    base = _lines(file.parent / match[1].decode("utf-8", "replace"), (*extended_by, file.resolve()))
    own = [line for line in own if line is not extends]
    replaced = {key for key, _ in _sections(own) if key}
    kept = [line for key, lines in _sections(base) if key not in replaced for line in lines]
    return kept + own


def _sections(lines: list[SourceLine]) -> Iterator[tuple[bytes, list[SourceLine]]]:
    """The top-level keys, each with the lines up to the next one; what stands before the first has no key."""
    key, section = b"", list[SourceLine]()
    for line in lines:
        if match := _KEY.match(line.text):
            if section:
                yield key, section
            key, section = match[1].strip(b" \"'"), []
        section.append(line)
    if section:
        yield key, section
