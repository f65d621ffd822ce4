"""The district server in containers as a backup takes it: databases, volumes, signed heads, secrets and `.env`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cli.backup.archive import Json, Writer
from cli.backup.consistent_cut import ORDER, erased_persons, take_cut
from cli.backup.dumped_logs import heads_in_folder
from cli.backup.postgres import DUMP, HEADS, STORE_DUMPS, Dumps, PostgresSnapshots, output_of
from cli.backup.project import ALONE, ROOT, Project

HOME, HEADS_HOME = "/var/lib/qihang", "/var/lib/qihang-heads"
ENV = ROOT / ".env"
LEFT_OUT = ("./participation/imports", "./participation/bundles", "./participation/evidence/uploads", "./tmp", "*.part")
"""Uploads in progress and what is half written."""
SECRETS, SECRETS_LEFT_OUT = "secrets/", ("operator.token", "operator.token.new")
VOLUMES, VOLUME = "volumes/", ".tar"


class Containers:
    """The district server of this folder.  `heads`: a folder of signed heads that were kept elsewhere."""

    kind = "containers"

    def __init__(self, project: Project, heads: Sequence[Json] = ()) -> None:
        self.project, self._heads = project, heads

    def write(self, about: Json, out: Writer) -> None:
        """All of the running system into the archive.  Failure."""
        prefix = self.project.inside("postgres", "postgres")
        # before the moment of the stores: no head in the backup is of what came after
        heads = b"".join(self._tar("participation", HEADS_HOME))
        about["env"] = ENV.read_text(encoding="utf-8") if ENV.is_file() else None
        secrets = {path.relative_to(self.project.secrets).as_posix(): path for path in self._secrets()}
        about["secrets"] = {name: path.stat().st_mode & 0o777 for name, path in secrets.items()}

        def dump(snapshots: Any, states: Json) -> None:
            about["stores"] = states
            about["district"] = states["participation"]["district"]
            about["erased"] = erased_persons(snapshots)
            out.add_about(about)
            out.add_stream(HEADS, [heads])
            for store in ORDER:
                out.add_stream(f"{STORE_DUMPS}{store}{DUMP}", snapshots.dump(store))

        take_cut(lambda: PostgresSnapshots(prefix, {store: store for store in ORDER}), dump)
        for service in ORDER:
            out.add_stream(f"{VOLUMES}{service}{VOLUME}", self._tar(service, HOME))
        for name, path in secrets.items():
            out.add_file(SECRETS + name, path)

    def _tar(self, service: str, folder: str) -> Iterator[bytes]:
        words = [*self.project.inside(service), "tar", "-C", folder, *(f"--exclude={name}" for name in LEFT_OUT),
                 "-cf", "-", "."]  # fmt: skip
        # 1: a file went or grew meanwhile; contents never change, and what the log needs was there before
        return output_of(words, f"{service} 的文件没有读完", (0, 1))

    def _secrets(self) -> Iterator[Any]:
        for at, folders, files in os.walk(self.project.secrets):
            folders.sort()
            yield from (self.project.secrets / at / name for name in sorted(files) if name not in SECRETS_LEFT_OUT)

    @contextmanager
    def checking(self) -> Iterator[Dumps]:
        """With programs of the image: the system need not run."""
        words = [*ALONE, "--entrypoint", "env", self.project.postgres_image]
        folder = self.project.heads_folder
        dumps = Dumps(words, [*self._heads, *(heads_in_folder(folder) if folder and folder.is_dir() else ())])
        try:
            yield dumps
        finally:
            dumps.end()
