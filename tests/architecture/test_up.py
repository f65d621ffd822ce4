"""`make up` waits until every container passes its own check, and does not wait until Docker looks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.architecture.kept import ROOT

DOCKER = r"""#!/bin/bash
here=$(dirname "$0")
case "$*" in
ps*) awk '{print $5}' "$here/states" ;;
inspect*Healthcheck.Test*) printf 'CMD\0bash\0-c\0one  two\nthree\0%s\0\n' "${@: -1}" ;;
inspect*RestartCount*) cat "$here/states" ;;
exec*) printf '%s\0' "$@" >>"$here/asked"; [ ! -e "$here/fails-$2" ] ;;
esac
"""
STARTING = "rabbitmq running healthy 0 broker\nparticipation running starting 0 service\n"


def waiting(folder: Path, states: str) -> subprocess.CompletedProcess[str]:
    (folder / "states").write_text(states)
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "QIHANG_PROJECT": "district-7"}
    return subprocess.run(["bash", "-euo", "pipefail", "-c", ". deploy/compose.sh; wait_healthy 1"], cwd=ROOT,
                          env=environment, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def test_a_container_that_docker_has_not_looked_at_is_asked_by_its_own_check(tmp_path: Path) -> None:
    done = waiting(tmp_path, STARTING)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().split("\0") == ["exec", "service", "bash", "-c", "one  two\nthree",
                                                            "service", ""]  # fmt: skip


def test_one_that_does_not_pass_is_named(tmp_path: Path) -> None:
    (tmp_path / "fails-service").touch()
    done = waiting(tmp_path, STARTING)
    assert done.returncode == 1
    assert "participation running starting" in done.stderr and "rabbitmq" not in done.stderr


def test_one_that_does_not_run_is_not_well_whatever_its_check_says(tmp_path: Path) -> None:
    done = waiting(tmp_path, STARTING.replace("running starting", "restarting starting"))
    assert done.returncode == 1 and "participation restarting" in done.stderr


def test_where_nothing_was_started_nothing_is_well(tmp_path: Path) -> None:
    assert waiting(tmp_path, "").returncode == 1
