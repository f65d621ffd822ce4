"""`python -m chassis.process.run_limited MEMORY CPU_SECONDS MODULE ARGUMENTS...` runs a module under rlimits.

MEMORY is in bytes.  It imports as little as possible, since the caller waits for it to start."""

import resource
import runpy
import sys

OUT_OF_MEMORY = 86
"""Exit status of a run that exceeded its memory limit (MemoryError)."""
MAPPED = 1 << 30
"""Bytes of address space allowed beyond the memory limit, for the mapped code of the program and its libraries."""


def limit_this_process(memory: int, cpu_seconds: int) -> None:
    """Set hard limits of memory (bytes) and processor time, which the process cannot raise again; no core dumps."""
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, memory + MAPPED),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def main(arguments: list[str]) -> int:
    memory, cpu_seconds, module, *rest = arguments
    limit_this_process(int(memory), int(cpu_seconds))
    sys.argv = [module, *rest]
    try:
        runpy.run_module(module, run_name="__main__")
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
