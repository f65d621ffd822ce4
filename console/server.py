"""`python -m console.server`: the console under waitress, whose one loop reads requests and writes answers.

A thread has only what came whole, so that slow clients hold sockets and nothing else (docs/decisions/0082)."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import waitress  # type: ignore[import-untyped]
from waitress.server import BaseWSGIServer  # type: ignore[import-untyped]

from console.app import create_app
from console.large_blocks import give_back_large_blocks
from console.patient_channel import PatientChannel
from console.settings import from_environ
from console.store.database import StoreMismatch

STORE_MISMATCH = 3
"""The exit code where to start again cannot help: somebody has to act."""
THREADS = 16
MOST_CONNECTIONS = 900
"""Half-open ones too; below the 1,024 files of a process, of which each thread has a few."""
QUIET_SECONDS = 60
IN_MEMORY = 512 * 1024
"""Of one request or answer; what is longer waits in a file of TMPDIR."""
LONGEST_ANSWER_AHEAD = 4 << 20
"""A thread that writes is held up by who reads slowly only when so much waits; a proxy in front takes more."""


def main() -> None:
    give_back_large_blocks()
    settings = from_environ()
    if folder := os.environ.get("TMPDIR"):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _end)
    BaseWSGIServer.channel_class = PatientChannel
    try:
        app = create_app(settings)
    except StoreMismatch as mismatch:
        sys.stderr.write(f"qihang: {mismatch}\n")
        sys.exit(STORE_MISMATCH)
    waitress.serve(
        app, host=os.environ.get("QIHANG_HTTP_HOST") or "127.0.0.1",
        port=int(os.environ.get("QIHANG_HTTP_PORT") or 8000),
        threads=THREADS, connection_limit=MOST_CONNECTIONS, channel_timeout=QUIET_SECONDS, cleanup_interval=10,
        max_request_header_size=32 * 1024, max_request_body_size=settings.upload_limit, inbuf_overflow=IN_MEMORY,
        outbuf_overflow=IN_MEMORY, outbuf_high_watermark=LONGEST_ANSWER_AHEAD, asyncore_use_poll=True, ident=None,
        clear_untrusted_proxy_headers=False,  # the application counts its proxies itself (QIHANG_TRUSTED_PROXIES)
    )  # fmt: skip


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
