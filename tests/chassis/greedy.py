"""A module that is run in forks under limits: takes what its argument says."""

import os
import sys
import time


def main(arguments: list[str]) -> int:
    given = sys.stdin.buffer.read()
    match arguments:
        case ["memory"]:
            bytearray(200 << 20)
        case ["processor"]:
            while True:
                pass
        case ["time"]:
            time.sleep(60)
        case ["killed"]:
            os.abort()
        case ["fault"]:
            raise ValueError("no such table")
    sys.stdout.write(f"{os.getppid()} {given.decode()}")
    return 0
