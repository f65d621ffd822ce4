"""A console at a port: in a thread for a real browser, or under its server in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from flask import Flask
from werkzeug.serving import make_server

from console.settings import Settings
from tests.support.processes import free_ports, wait_until


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address, as long as it lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


class Running:
    """A console under its server, as the launcher starts it."""

    def __init__(self, settings: Settings, upload_limit: int) -> None:
        """The secrets are written beside the password; `upload_limit` in bytes."""
        folder = settings.password_file.parent
        port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{port}"
        for name, content in (("key", settings.signing_key), ("secret", settings.session_secret)):
            (folder / name).write_bytes(content)
        environment = {
            "QIHANG_DISTRICT": settings.district,
            "QIHANG_PEERS": ",".join(f"{name}={address}" for name, address in settings.peers.items()),
            "QIHANG_SIGNING_KEY_FILE": str(folder / "key"),
            "QIHANG_SESSION_SECRET_FILE": str(folder / "secret"),
            "QIHANG_OPERATOR_PASSWORD_FILE": str(settings.password_file),
            "QIHANG_DATABASE_URL": settings.database_url,
            "QIHANG_UPLOAD_LIMIT": str(upload_limit),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "console.server"],
            env={**os.environ, **environment, "QIHANG_HTTP_PORT": str(port)},
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, 30, "the console answers")
        self._peak_at_start = self._peak()

    def growth(self) -> int:
        """The most memory that the worker ever held beyond what it took to start, in bytes."""
        return self._peak() - self._peak_at_start

    def _peak(self) -> int:
        match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self._process.pid}/status").read_text())
        assert match
        return int(match[1]) * 1024

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _answers(self) -> bool:
        try:
            return requests.get(self.url + "/livez", timeout=2).ok
        except (requests.ConnectionError, requests.Timeout):  # a busy machine takes long to load the console
            return False
