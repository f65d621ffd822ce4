"""How a private PostgreSQL cluster is made: whose programs, its folder and its settings."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

MISSING = "PostgreSQL is not installed: `apt-get install postgresql`, or set QIHANG_POSTGRES_BIN to its programs"
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 600
dynamic_shared_memory_type = mmap
fsync = {fsync}
log_line_prefix = '%m [%p] %u@%d '
log_min_duration_statement = 2000
"""


def programs_folder() -> Path:
    """Where initdb and postgres are: the newest version that Debian has installed."""
    named = os.environ.get("QIHANG_POSTGRES_BIN")
    if named:
        return Path(named)
    result = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if result:
        return max(result, key=lambda folder: int(folder.parent.name))
    elsewhere = shutil.which("initdb")
    if elsewhere:
        return Path(elsewhere).parent
    raise RuntimeError(MISSING)


def initialise(folder: Path, admin: str, password: str, port: int, fsync: bool) -> None:
    """An empty cluster in `folder`/data."""
    (folder / "log").mkdir()
    password_file = folder / "password"
    password_file.write_text(password)
    if runs_as_root():
        user = pwd.getpwnam("postgres")
        for path in (folder, password_file):
            os.chown(path, user.pw_uid, user.pw_gid)
    done = subprocess.run(
        [
            *(["setpriv", *user_change(), "--"] if runs_as_root() else []),
            str(programs_folder() / "initdb"),
            f"--pgdata={folder / 'data'}",
            f"--username={admin}",
            f"--pwfile={password_file}",
            "--auth=md5",  # each SCRAM handshake takes 10 ms; that of the product is proven in containers
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",  # the cluster itself syncs; making an empty one need not
            "--no-instructions",
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout.decode("utf-8", "replace"))
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS.format(port=port, fsync="on" if fsync else "off"))


def user_change() -> Sequence[str]:
    """What setpriv needs to become `postgres`; PostgreSQL refuses to run as root."""
    if not runs_as_root():
        return ()
    return ("--reuid=postgres", "--regid=postgres", "--init-groups")


def runs_as_root() -> bool:
    return os.geteuid() == 0
