"""Starts one service, or the whole system in one process (hole 10: nameko's own command needs a package that setuptools
removed)."""

import os

os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")  # hole 11: before psycopg is imported
import warnings

# a known deprecation, accepted: docs/decisions/0001
warnings.filterwarnings("ignore", message=r"(?s)\s*Eventlet is deprecated")
import eventlet  # noqa: E402
import eventlet.debug  # noqa: E402

eventlet.monkey_patch()

import argparse  # noqa: E402
import contextlib  # noqa: E402
import ctypes  # noqa: E402
import dataclasses  # noqa: E402
import gc  # noqa: E402
import importlib  # noqa: E402
import secrets  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import requests  # noqa: E402
import structlog  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402

from chassis.messaging import any_header  # noqa: E402
from chassis.process import name_lookup, psycopg_wait, settings, structured_logging, tokens  # noqa: E402
from chassis.process.data_folder import DataFolderLocked, lock_data_folder  # noqa: E402
from chassis.process.settings import PORTS, SERVICES, Settings  # noqa: E402
from chassis.runtime import watchdog  # noqa: E402
from chassis.runtime.extensions import RuntimeExtension  # noqa: E402

psycopg_wait.install()
name_lookup.install()

_log = structlog.get_logger(__name__)
WORKERS = 64
STORE_MISMATCH = 3
"""The exit code of the console if its store does not fit: restarting it cannot help."""


def main(arguments: list[str] | None = None) -> int:
    """`python -m chassis.runtime.launcher participation|...|console|embedded --data DIR [--port-base 8000]`."""
    parser = argparse.ArgumentParser(prog="qihang up")
    parser.add_argument("what", choices=[*SERVICES, "console", "embedded"])
    parser.add_argument("--data", default="")
    parser.add_argument("--port-base", type=int, default=8000)
    given = parser.parse_args(arguments)
    os.umask(0o077)  # files written from here on (keys, stores, uploads) are readable by their owner only
    try:
        loaded = settings.load()
        if given.what == "embedded":
            return EmbeddedSystem(loaded, Path(given.data or loaded.data), given.port_base).run()
        if given.what == "console":
            return _console(loaded)
        structured_logging.configure(loaded.log_level)
        return _serve([given.what], {given.what: loaded}, lambda: None)
    except (DataFolderLocked, settings.BadSetting, ValueError, OSError) as error:
        print(f"qihang: {error}", file=sys.stderr)
        return 1


def _serve(names: list[str], each: dict[str, Settings], started: Any) -> int:
    """Run these services until SIGTERM or SIGINT; a batch in hand is finished first."""
    any_header.tolerate_any_header()
    runner = ServiceRunner({})
    for name in names:
        cls = importlib.import_module(f"services.{name}.service").Service
        own = each[name]
        port = own.http_port or PORTS[name]
        config = {"QIHANG": own, "WEB_SERVER_ADDRESS": f"{own.http_host}:{port}", "max_workers": WORKERS}
        runner.service_map[name] = ServiceContainer(cls, config)
    stopping = eventlet.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None if stopping.ready() else eventlet.spawn_n(_send, stopping))
    _start(runner)
    runtimes = [container.shared_extensions[RuntimeExtension].get_runtime() for container in runner.containers]
    monitors = {runtime.service: runtime.monitor for runtime in runtimes}
    watchdog.watch(monitors, next(iter(each.values())).watchdog)
    for runtime in runtimes:
        eventlet.spawn_n(lambda failed=runtime.failed: _send(stopping, failed.wait()))
    started()
    _settle_memory()
    ended = eventlet.spawn(runner.wait)
    ended.link(lambda _: _send(stopping))
    failure = stopping.wait()
    failed = ended.dead or failure
    runner.stop()
    if failure:
        print(f"qihang: {failure}", file=sys.stderr)
    return 1 if failed else 0


def _start(runner: ServiceRunner) -> None:
    """Start a runner and return its error, if any: raised in a green thread, the hub would also print it."""
    eventlet.debug.hub_exceptions(False)
    try:
        runner.start()
    finally:
        eventlet.debug.hub_exceptions(True)


def _settle_memory() -> None:
    """Exclude the objects created at the start from garbage collection, and collect the oldest generation less often:
    it would otherwise run in the midst of requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _send(event: Any, sentence: str = "") -> None:
    if not event.ready():
        event.send(sentence)


def _console(loaded: Settings) -> int:
    command, environment = _console_command(loaded, loaded.http_host, loaded.http_port or PORTS["console"])
    os.execve(command[0], command, environment)


def _console_command(loaded: Settings, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    command = [sys.executable, "-m", "console.server"]
    environment = {k: v for k, v in os.environ.items() if k != "PSYCOPG_WAIT_FUNC"}
    environment |= {"QIHANG_HTTP_HOST": host, "QIHANG_HTTP_PORT": str(port), "QIHANG_PEERS": loaded.peers}
    return command, environment


class EmbeddedSystem:
    """The whole system in one process: SQLite stores under one folder, the in-memory broker, the console as a child
    process."""

    def __init__(self, loaded: Settings, data: Path, base: int) -> None:
        self.data, self.base = data.absolute(), base
        self.keys = self.data / "keys"
        ports = {name: base + number - PORTS["console"] for name, number in PORTS.items()}
        peers = ",".join(f"{name}=http://127.0.0.1:{ports[name]}" for name in SERVICES)
        self.common = dataclasses.replace(
            loaded, data=str(self.data), peers=peers, trusted_keys=str(self.keys), signing_key_file="",
            http_host="127.0.0.1",
        )  # fmt: skip
        self.each = {name: dataclasses.replace(self.common, http_port=ports[name]) for name in SERVICES}
        self.address = f"http://127.0.0.1:{base}"
        self.child: Any = None
        self.refused = False
        self.token_until = 0.0

    def run(self) -> int:
        with lock_data_folder(self.data):
            return self._live()

    def _live(self) -> int:
        self._log_to_file()
        for name in ("operator", "console", *SERVICES):
            if not (self.keys / f"{name}.key").exists():
                tokens.make_keys(self.keys / f"{name}.key", self.keys / f"{name}.pem")
        self._secret("operator.password", secrets.token_urlsafe(9))
        self._secret("session.secret", secrets.token_urlsafe(32))
        self._secret("second-step.key", secrets.token_urlsafe(32))
        self._renew_token()
        (self.data / "address").write_text(self.address + "\n")
        try:
            return _serve(list(SERVICES), self.each, self._start_console) or int(self.refused)
        finally:
            self._end_console()

    def _log_to_file(self) -> None:
        structured_logging.configure(self.common.log_level)

    def _secret(self, name: str, value: str) -> None:
        path = self.data / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(value + "\n")

    def _renew_token(self) -> None:
        """Replace the operator's token well before it expires."""
        signer = tokens.Signer("operator", self.common.district, tokens.private_key(self.keys / "operator.key"))
        fresh = self.data / "operator.token.new"
        fresh.touch(mode=0o600)
        fresh.write_text(signer.issue("operator", ["operator"], tokens.OPERATOR_SECONDS) + "\n")
        fresh.replace(self.data / "operator.token")
        self.token_until = time.monotonic() + tokens.OPERATOR_SECONDS / 2

    def _start_console(self) -> None:
        command, environment = _console_command(self.common, "127.0.0.1", self.base)
        environment |= {
            "QIHANG_DISTRICT": self.common.district,
            "QIHANG_SIGNING_KEY_FILE": str(self.keys / "console.key"),
            "QIHANG_OPERATOR_PASSWORD_FILE": str(self.data / "operator.password"),
            "QIHANG_SESSION_SECRET_FILE": str(self.data / "session.secret"),
            "QIHANG_SECOND_STEP_KEY_FILE": str(self.data / "second-step.key"),
            "QIHANG_DATABASE_URL": f"sqlite:///{self.data / 'console.db'}",
            "QIHANG_TRUSTED_KEYS": str(self.keys),
        }
        here = str(Path(__file__).parents[2])
        environment["PYTHONPATH"] = os.pathsep.join([here, environment.get("PYTHONPATH", "")])
        self.child = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one prctl, no lock: a console must not outlive a kill -9
        )  # fmt: skip
        eventlet.spawn_n(self._look_after)

    def _look_after(self) -> None:
        addresses = [f"{self.address}/livez", *(f"http://127.0.0.1:{s.http_port}/readyz" for s in self.each.values())]
        while not all(map(_answers, addresses)):
            if self.child.poll() == STORE_MISMATCH:
                self.refused = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            eventlet.sleep(0.1)
        print(f"ready {self.address}", flush=True)
        while True:
            eventlet.sleep(30)
            if time.monotonic() > self.token_until:
                self._renew_token()
            if self.child.poll() is not None:
                _log.error("the console ended; started again")
                self._start_console()
                return

    def _end_console(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()


def _end_with_parent() -> None:
    """Linux: have the kernel send SIGTERM to this child when its parent dies, however it dies."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).status_code == 200
    except requests.RequestException:
        return False


if __name__ == "__main__":
    sys.exit(main())
