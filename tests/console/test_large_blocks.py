"""Threads that hash passwords one after another leave no memory behind: a container of 384 MB was ended by that."""

from __future__ import annotations

import subprocess
import sys

THREADS, HASH = 12, 19
"""MiB of one hash."""
PROGRAM = f"""
import threading
from console.large_blocks import give_back_large_blocks
from console.passwords import hash_password

def resident():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) // 1024

give_back_large_blocks()
hash_password("x" * 10)
before, end = resident(), threading.Event()
for _ in range({THREADS}):  # each stays, as those of a server do
    done = threading.Event()
    threading.Thread(target=lambda done=done: (hash_password("x" * 10), done.set(), end.wait()), daemon=True).start()
    done.wait()
print(resident() - before)
end.set()
"""


def test_what_hashes_took_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout) < 2 * HASH, "not the memory of each thread's hash"
