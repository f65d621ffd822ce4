"""What a bare machine lacks is installed by one at a time: apt refuses while another one runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.architecture.kept import ROOT

INSTALL = ". deploy/machine/packages; install_packages 'something is missing' something"
LOGGED = """#!/bin/bash
echo begin >>"$0.log"; sleep 0.2; echo end >>"$0.log"
[ "$1" = update ] || [ ! -e "$0.broken" ]
"""


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def installing(folder: Path) -> subprocess.Popen[bytes]:
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(["bash", "-ec", INSTALL], cwd=ROOT, env={"PATH": path, "START_SERVICES": "yes"})


def test_two_that_miss_something_at_once_install_it_one_after_the_other(tmp_path: Path) -> None:
    apt = program(tmp_path / "apt-get", LOGGED)
    program(tmp_path / "id", "#!/bin/sh\necho 0\n")
    both = [installing(tmp_path), installing(tmp_path)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert Path(f"{apt}.log").read_text().split() == ["begin", "end"] * 4


def test_what_could_not_be_installed_fails_who_asked(tmp_path: Path) -> None:
    apt = program(tmp_path / "apt-get", LOGGED)
    program(tmp_path / "id", "#!/bin/sh\necho 0\n")
    Path(f"{apt}.broken").touch()
    assert installing(tmp_path).wait(60) != 0
