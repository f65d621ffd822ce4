"""Children of a test that run a module of the product, forked from a process that has loaded it (fork_server.py)."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.processes import Process, tied_to_this_thread, wait_until

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
"""The real one, whatever a test puts in its place."""
CHASSIS = (
    "chassis.runtime.launcher", "chassis.store.upgrade", "chassis.recovery.restore", "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg", "kombu.transport.memory", "kombu.transport.pyamqp",
)  # fmt: skip
"""The launcher first: it patches before anything else is imported."""
SERVICES = (
    *CHASSIS,
    *(f"services.{name}.service" for name in ("participation", "assessment", "publicity", "notifications")),
)

COMMANDS = ("cli.main", "cli.imports", "cli.maintenance", "cli.roster")
"""`qihang` with those of its commands that tests kill, or run beside something else: a fresh Python loads them for 0.25
seconds of processor time."""
CONSOLE = ("console.server", "sqlalchemy.dialects.postgresql.psycopg", "alembic.command")
RUNS = ("services.assessment.scores.score_worker", "services.assessment.scores.score_run",
        "services.assessment.effects.effect_run", "services.assessment.freezes.difference_run",
        "services.assessment.commendation.commendation_run", "services.notifications.digests.decision",
        "services.notifications.digests.preview_worker",
        "services.participation.imports.deciding_process", "services.participation.roster.comparing")  # fmt: skip
"""All that loads a service's tables (tests/support_check/test_forks.py)."""
WITH_RUNS = (*RUNS, "chassis.process.preloaded_workers", "sqlalchemy.dialects.sqlite",
             "sqlalchemy.dialects.postgresql.psycopg")  # fmt: skip
OPENS_FILES = ("services.reading.read_file", "services.reading.workbook_back",
               "services.participation.evidence.take_file", "services.participation.bundle.make_bundle",
               "services.publicity.rendering.read_manuscript", "services.publicity.rendering.render_anthology",
               "services.publicity.rendering.render_article", "services.publicity.rendering.render_proof")  # fmt: skip
"""Run under limits, which a fork sets itself; who looks at the limits themselves starts the real Python."""
WITH_OPENED = (*OPENS_FILES, "chassis.process.run_limited", "chassis.process.preloaded_workers", "openpyxl.styles",
               "services.publicity.rendering.word.document", "services.publicity.rendering.word.package",
               "services.publicity.rendering.fonts", "services.reading.pictures", "fontTools.cffLib",
               "fontTools.ttLib.tables.otTables", "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin",
               "PIL.PngImagePlugin")  # fmt: skip
STARTED_BY_SERVICES = {
    "console.server": (*CONSOLE, "sqlalchemy.dialects.sqlite"),
    **dict.fromkeys(RUNS, WITH_RUNS),
    **dict.fromkeys(OPENS_FILES, WITH_OPENED),
}
"""What a service starts as a plain process of its own, and what is loaded where that is forked."""


class ForkedProcess(Process):
    """`python -m module arguments` in a child that need not load what it runs; otherwise as any Process."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str | os.PathLike[str]],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        loaded: Sequence[str] = SERVICES,
    ) -> None:
        words = [os.fspath(word) for word in arguments]
        self._begin([PYTHON, "-m", module, *words], log)
        self.name = module
        server = _server(tuple(loaded))
        pid = server.ask(module=module, arguments=words, log=str(log.absolute()), folder=str(ROOT),
                         environment={**os.environ, **(env or {})}, python=str(services_python()))  # fmt: skip
        self._child = ForkedChild(server, pid)


def forked_command(words: Sequence[str | os.PathLike[str]], log: Path, env: Mapping[str, str]) -> ForkedProcess:
    """`qihang WORDS` in a process of its own."""
    return ForkedProcess("cli.main", words, log, env=env, loaded=COMMANDS)


class ForkedChild:
    """What Popen is for a child of one's own."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self.pid = pid
        self._server = server
        self._handle = os.pidfd_open(pid)  # ready to be read when the child ended
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._server.ask(ended=self.pid)
            if self._code is not None:
                os.close(self._handle)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            select.select([self._handle], [], [], left)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)


class ForkServer:
    """The process that forks; it ends with this one."""

    def __init__(self, modules: Sequence[str]) -> None:
        command = [PYTHON, "-u", "-W", "ignore", "-m", "tests.support.fork_server", *modules]
        self._process = subprocess.Popen(tied_to_this_thread(command), cwd=ROOT, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True, start_new_session=True)  # fmt: skip
        self._lock = threading.Lock()

    def ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        assert answer, f"the fork server ended with {self._process.poll()}"
        return json.loads(answer)


@functools.cache
def _server(modules: tuple[str, ...]) -> ForkServer:
    return ForkServer(modules)


@functools.cache
def services_python() -> Path:
    """The Python of services that are forked here, or run in this process."""
    folder = Path(tempfile.mkdtemp(prefix="qihang-python-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return forking_python(folder, STARTED_BY_SERVICES)


def forking_python(folder: Path, loaded: Mapping[str, tuple[str, ...]]) -> Path:
    """A Python that forks these modules from a process that has loaded those; the processes end with this one."""
    sockets: dict[tuple[str, ...], str] = {}
    for modules in loaded.values():
        if modules not in sockets:
            sockets[modules] = str(folder / f"{len(sockets)}.socket")
            command = [PYTHON, "-W", "ignore", "-m", "tests.support.module_server", sockets[modules], *modules]
            subprocess.Popen(tied_to_this_thread(command), cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: all(map(os.path.exists, sockets.values())), 60, "the servers of modules listen")
    paths = {module: sockets[modules] for module, modules in loaded.items()}
    source = (ROOT / "tests" / "support" / "forking_python.py").read_text(encoding="utf-8")
    python = folder / "python"
    python.write_text(f"#!{PYTHON} -IS\n{source}\n\nmain({PYTHON!r}, {paths!r})\n", encoding="utf-8")
    python.chmod(0o755)
    return python
