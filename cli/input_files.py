"""The input files of an import: which of a folder are taken, their names at the service, SHA-256."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.failure import WrongUsage

KINDS = (
    "units", "people", "posts", "exemptions", "records", "withdrawals", "findings", "sheets", "decisions",
    "corrections",
)  # fmt: skip
"""What files hold, in the order in which they are taken: scoring.md 1."""
IF_ANY = "?"
"""In place of a kind, of what a folder holds: the service leaves it out, with a note, where it is no table of ours."""
SUFFIXES = (".csv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".tsv", ".et")
"""Of what is taken from a folder; a file that is named is taken whatever its ending."""
RESULTS = frozenset({"import.csv", "refused.csv", "notes.csv"})
"""What `--results` writes: never input, even where it stands beside it."""
CHUNK = 1 << 20
MOST = 2000


@dataclass(frozen=True)
class InputFile:
    """One input file: its path, the name by which the service knows it, what it holds ('': the service finds it)."""

    path: Path
    name: str
    kind: str = ""

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def sha256(self) -> str:
        """By it the service finds an interrupted import again; the file is read in chunks."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


@dataclass(frozen=True)
class CollectedFiles:
    """The files to import, and what was left out of the folders that were named."""

    files: list[InputFile]
    left_out: list[Path]


def collect(paths: Iterable[Path], kinds: Sequence[str] = ()) -> CollectedFiles:
    """The files of `paths` (or of folders among them).  `kinds`: one word for all of them, or `FILE=KIND` for one.
    WrongUsage."""
    taken: dict[Path, str] = {}
    left_out: list[Path] = []
    for path in paths:
        if not path.exists():
            raise WrongUsage(f"找不到 {path}")
        if not path.is_dir():
            taken[path] = ""
            continue
        for member in sorted(path.iterdir()):
            if _is_input(member):
                taken.setdefault(member, IF_ANY)
            elif not member.name.startswith("."):
                left_out.append(member)
    if not taken:
        raise WrongUsage(f"没有可导入的文件（{'、'.join(SUFFIXES)}）")
    if len(taken) > MOST:
        raise WrongUsage(f"一次最多导入 {MOST} 个文件，这里有 {len(taken)} 个")
    kind_of = _kinds(kinds, taken)
    names = _names(list(taken))
    files = [InputFile(path, names[path], kind_of.get(path.name, kind_of.get("", if_any)))
             for path, if_any in taken.items()]  # fmt: skip
    return CollectedFiles(sorted(files, key=_place), left_out)


def _is_input(path: Path) -> bool:
    is_other = path.name.startswith((".", "~$")) or path.name.lower() in RESULTS
    is_table = path.suffix.lower() in SUFFIXES or (path.suffix.lower() == ".txt" and path.stem.lower() in KINDS)
    return path.is_file() and is_table and not is_other


def _kinds(words: Sequence[str], paths: Iterable[Path]) -> dict[str, str]:
    """By a file's name; '': of all others."""
    names = {path.name for path in paths}
    result = {}
    for word in words:
        name, _, kind = word.rpartition("=")
        if kind not in KINDS:
            raise WrongUsage(f"--kind {kind} 不是可导入的类别，应为 {'、'.join(KINDS)}")
        if name and name not in names:
            raise WrongUsage(f"--kind {word}：没有要导入的文件 {name}")
        result[name] = kind
    return result


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """Each file's own name; of several alike that of its folder before it."""
    result: dict[Path, str] = {}
    taken: set[str] = set()
    plain = [path.name for path in paths]
    for path in paths:
        name = path.name if plain.count(path.name) == 1 else f"{path.resolve().parent.name}_{path.name}"
        candidate, number = name, 1
        while candidate in taken:
            number += 1
            candidate = f"{number}_{name}"
        taken.add(candidate)
        result[path] = candidate[-200:]
    return result


def _place(file: InputFile) -> tuple[int, str]:
    kind = file.kind.strip(IF_ANY) or file.path.stem.lower()
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), file.name)
