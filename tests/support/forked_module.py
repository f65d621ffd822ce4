"""How a module is run, and ends, in a fork of a process that has loaded it: as `python -m module` would, but that what
was loaded is not taken apart again, which takes 0.1 s of processor time where it is a service."""

from __future__ import annotations

import atexit
import contextlib
import os
import runpy
import sys
import threading
from typing import NoReturn


def run_to_the_end(module: str) -> NoReturn:
    code = _exit_code(module)
    threading._shutdown()  # type: ignore[attr-defined]  # as Python does before its exit functions
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _exit_code(module: str) -> int:
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - Python shows it and ends
        sys.excepthook(*sys.exc_info())
        return 1
    return 0
