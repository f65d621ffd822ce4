"""What the log in a dump holds, read off the script that pg_restore makes: its ends, the hashes at signed heads."""

import io
import json
import tarfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.failure import Failure

Json = dict[str, Any]
Place = tuple[int, int]
"""Partition and position."""
COPY, FROM, END = b"COPY ", b" FROM stdin;", b"\\."
LOG = b"COPY public.log_events ("
HEAD_ENDING = ".head.json"
MOST_BYTES = 4096


class DumpedLog:
    """Of each partition how many events there are and the last one's hash; the hashes at `wanted` places."""

    def __init__(self, wanted: Collection[Place]) -> None:
        self._wanted = frozenset(wanted)
        self.count: dict[int, int] = {}
        self.last: dict[int, tuple[int, str]] = {}
        self.hashes: dict[Place, str] = {}

    def read(self, script: Iterable[bytes]) -> None:
        """Takes the rows of the log from a script, in any order, and passes over the rest."""
        columns: list[int] = []
        inside = False
        for line in script:
            if not inside:
                if line.startswith(COPY) and line.rstrip().endswith(FROM):
                    inside, columns = True, _columns(line) if line.startswith(LOG) else []
            elif line.rstrip(b"\r\n") == END:
                inside = False
            elif columns:
                cells = line.rstrip(b"\n").split(b"\t")
                self._take_event(int(cells[columns[0]]), int(cells[columns[1]]), cells[columns[2]].decode())

    def _take_event(self, partition: int, position: int, digest: str) -> None:
        self.count[partition] = self.count.get(partition, 0) + 1
        if position > self.last.get(partition, (0, ""))[0]:
            self.last[partition] = position, digest
        if (partition, position) in self._wanted:
            self.hashes[partition, position] = digest

    def fits(self, heads: Iterable[Json]) -> bool:
        """Whether every partition ends where it should, and nothing before is missing."""
        return all(
            self.count.get(head["partition"], 0) == head["position"]
            and (not head["position"] or self.last[head["partition"]] == (head["position"], head["hash"]))
            for head in heads
        )


def _columns(line: bytes) -> list[int]:
    names = [name.strip(b' "') for name in line[len(LOG) : line.rindex(b")")].split(b",")]
    return [names.index(name) for name in (b"partition", b"position", b"hash")]


def heads_in_tar(content: bytes) -> list[Json]:
    """The signed heads in a tar of their folder.  Failure names a file that is none."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = [(info.name, archive.extractfile(info)) for info in archive if info.name.endswith(HEAD_ENDING)]
        return [_head(name, file.read(MOST_BYTES)) for name, file in files if file]


def heads_in_folder(folder: Path) -> list[Json]:
    """The signed heads in a folder and those below it.  Failure names a file that is none."""
    if not folder.is_dir():
        raise Failure(f"没有日志头的文件夹 {folder}")
    return [_head(str(path), path.read_bytes()[:MOST_BYTES]) for path in sorted(folder.rglob(f"*{HEAD_ENDING}"))]


def _head(name: str, content: bytes) -> Json:
    try:
        head = json.loads(content)
        texts = {member: str(head[member]) for member in ("service", "hash", "day", "district")}
        return {**head, **texts, "partition": int(head["partition"]), "position": int(head["position"])}
    except (ValueError, TypeError, KeyError):
        raise Failure(f"{name} 不是日志头：文件损坏，或被人改过") from None


def places(heads: Iterable[Json], service: str) -> list[Place]:
    return [(head["partition"], head["position"]) for head in heads if head["service"] == service]


def compare_heads(heads: Sequence[Json], logs: Mapping[str, DumpedLog], district: str) -> tuple[list[Json], list[str]]:
    """The heads that the dumps contain, and those, in words, that they should contain and do not.  One past a log's end
    says nothing of it."""
    contained, wrong = [], []
    for head in heads:
        log, partition, position = logs.get(head["service"]), head["partition"], head["position"]
        name = f"{head['service']}/{partition} {head['day']} 位置 {position}"
        if head["district"] != district:
            wrong.append(f"{name}（区县 {head['district']}）")
        elif log and position <= log.count.get(partition, 0):
            if log.hashes.get((partition, position)) == head["hash"]:
                contained.append(head)
            else:
                wrong.append(name)
    return contained, wrong
