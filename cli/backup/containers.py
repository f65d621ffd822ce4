"""The district server in containers: its databases, its volumes, its secrets; asked for by Docker."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.backup.archive import Json, Writer
from cli.backup.cut import ORDER, erased_persons, take_cut
from cli.backup.postgres import DUMP, STORE_DUMPS, Dumps, PostgresSnapshots, output_of
from cli.failure import Failure

ROOT = Path(__file__).resolve().parents[2]
HOME = "/var/lib/qihang"
LEFT_OUT = ("./participation/imports", "./tmp", "*.part")
"""Uploads in progress and what is half written."""
SECRETS_LEFT_OUT = ("operator.token", "operator.token.new")
NAMES = '. deploy/compose.sh && printf "%s\\n" "$QIHANG_PROJECT" "$QIHANG_SECRETS"'


class Containers:
    """A running district server of this folder."""

    kind = "containers"

    def __init__(self) -> None:
        done = subprocess.run(["bash", "-c", NAMES], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"找不到容器的设置：{done.stderr.strip()}")
        self._project, secrets = done.stdout.splitlines()
        self._secrets = ROOT / secrets

    def write(self, about: Json, out: Writer) -> None:
        """All of the system into the archive.  Failure."""
        prefix = self._inside("postgres")

        def dump(snapshots: Any, states: Json) -> None:
            about["stores"] = states
            about["district"] = states["participation"]["district"]
            about["erased"] = erased_persons(snapshots)
            out.add_about(about)
            for store in ORDER:
                out.add_stream(f"{STORE_DUMPS}{store}{DUMP}", snapshots.dump(store))

        take_cut(lambda: PostgresSnapshots(prefix, {store: store for store in ORDER}), dump)
        for service in ORDER:
            words = [*self._inside(service, user=""), "tar", "-C", HOME, *(f"--exclude={name}" for name in LEFT_OUT),
                     "-cf", "-", "."]  # fmt: skip
            # 1: a file went or grew meanwhile; contents never change, and what the log needs was there before
            out.add_stream(f"volumes/{service}.tar", output_of(words, f"{service} 的文件没有读完", (0, 1)))
        for at, _, files in os.walk(self._secrets):
            for path in (Path(at) / name for name in sorted(files) if name not in SECRETS_LEFT_OUT):
                out.add_file(f"secrets/{path.relative_to(self._secrets).as_posix()}", path)

    @contextmanager
    def checking(self) -> Iterator[Dumps]:
        dumps = Dumps(self._inside("postgres"))
        try:
            yield dumps
        finally:
            dumps.end()

    def _inside(self, service: str, user: str = "postgres") -> Sequence[str]:
        """`docker exec` in the running container of a service.  Failure."""
        words = ["docker", "ps", "--quiet", "--filter", f"label=com.docker.compose.project={self._project}",
                 "--filter", f"label=com.docker.compose.service={service}"]  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode or not done.stdout.split():
            raise Failure(f"{self._project} 的容器 {service} 没有运行")
        as_user = ["--env", f"PGUSER={user}", "--user", user] if user else []
        return ["docker", "exec", "--interactive", *as_user, done.stdout.split()[0]]
