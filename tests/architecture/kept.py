"""What of the repository is ours to judge: the files that git keeps or would keep."""

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPILED = ".mo"
"""Of a catalogue of texts, whose source is the .po beside it."""


def kept(*suffixes: str) -> list[Path]:
    """Repository paths (relative) with one of these suffixes, without vendored files; all without a suffix."""
    return [path for path in _ours() if not suffixes or path.suffix in suffixes]


@functools.cache
def _ours() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = [Path(name) for name in sorted(set(listed)) if name and (ROOT / name).is_file()]
    return [path for path in paths if "vendor" not in path.parts and path.suffix != COMPILED]
