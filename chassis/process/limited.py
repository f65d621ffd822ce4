"""`python -m chassis.process.limited MEMORY CPU_SECONDS MODULE ARGUMENTS...`: runs it under the kernel's limits.

It loads nothing but what this needs: the module's caller waits for its start."""

import resource
import runpy
import sys

OUT_OF_MEMORY = 86
"""The exit status that says so."""
MAPPED = 1 << 30
"""What may be mapped besides: the program's own text and its libraries, which are files and shared."""


def limit_this_process(memory: int, cpu_seconds: int) -> None:
    """For good: not even the process itself can raise them again."""
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
