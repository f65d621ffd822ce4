"""`qihang up console`: the launcher reads the settings and becomes the console, on a store of its own."""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from chassis.process import tokens
from tests.support.processes import Process, free_ports, wait_until
from tests.support.system import ROOT, SERVICES


def test_the_launcher_becomes_a_console_that_answers(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    tokens.make_keys(tmp_path / "keys" / "console.key", tmp_path / "keys" / "console.pem")
    (tmp_path / "password").write_text("a-long-test-password")
    (tmp_path / "secret").write_text("s" * 32)
    settings = {
        "QIHANG_DISTRICT": "district", "QIHANG_DATA": str(tmp_path), "QIHANG_HTTP_PORT": str(port),
        "QIHANG_PEERS": ",".join(f"{name}=http://127.0.0.1:9" for name in SERVICES),
        "QIHANG_SIGNING_KEY_FILE": str(tmp_path / "keys" / "console.key"),
        "QIHANG_TRUSTED_KEYS": str(tmp_path / "keys"),
        "QIHANG_OPERATOR_PASSWORD_FILE": str(tmp_path / "password"),
        "QIHANG_SESSION_SECRET_FILE": str(tmp_path / "secret"),
        "QIHANG_DATABASE_URL": f"sqlite:///{tmp_path / 'console.db'}",
    }  # fmt: skip
    command = [sys.executable, "-m", "chassis.runtime.launcher", "console"]
    console = Process(command, tmp_path / "log", env=settings, cwd=ROOT)
    try:
        wait_until(lambda: _answers(port), 60, console.tail)
        assert b"console.server" in Path(f"/proc/{console.pid}/cmdline").read_bytes()
        assert console.stop() == 0
    finally:
        console.kill()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
