"""The input files: names, order of import, SHA-256."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cli.failure import WrongUsage

# The order in which files are taken: scoring.md 1.
STEMS = (
    "units", "people", "posts", "exemptions", "records", "withdrawals", "findings", "sheets", "decisions",
    "corrections",
)  # fmt: skip
SUFFIXES = (".csv", ".xlsx")
CHUNK = 1 << 20


@dataclass(frozen=True)
class InputFile:
    """One input file: its path, and the name by which the service knows it."""

    path: Path
    stem: str

    @property
    def name(self) -> str:
        """The name at the service and in results; it ends in .csv whatever was sent (scoring.md 8)."""
        return self.stem + ".csv"

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


def collect(paths: Iterable[Path]) -> list[InputFile]:
    """The files of `paths` (or of folders among them), in the order in which they are taken."""
    result: dict[str, InputFile] = {}
    for path in paths:
        if not path.exists():
            raise WrongUsage(f"找不到 {path}")
        members = sorted(path.iterdir()) if path.is_dir() else [path]
        for member in members:
            stem = member.stem.lower()
            if not member.is_file() or stem not in STEMS or member.suffix.lower() not in SUFFIXES:
                if path.is_dir():
                    continue  # a folder may hold other things besides
                names = "、".join(f"{known}.csv" for known in STEMS)
                raise WrongUsage(f"{member.name} 不是可导入的文件名，应为 {names}（或 .xlsx）")
            if stem in result and result[stem].path != member:
                raise WrongUsage(f"{stem} 有两个文件：{result[stem].path} 和 {member}")
            result[stem] = InputFile(member, stem)
    if not result:
        raise WrongUsage(f"没有可导入的文件（{'、'.join(STEMS)}）")
    return [result[stem] for stem in STEMS if stem in result]
