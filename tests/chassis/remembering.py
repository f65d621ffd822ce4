"""A module that is run in forks: says which process ran it and how often that one did, after some seconds."""

import json
import os
import sys
import time

RUNS: list[int] = []
PREPARED: list[int] = []


def prepare(given: dict[str, object]) -> None:
    PREPARED.append(1)
    if given.get("unprepared"):
        raise OSError("nothing to load")


def main() -> int:
    order = json.load(sys.stdin)
    RUNS.append(1)
    if order.get("fail"):
        raise ValueError(order["fail"])
    if "code" in order:
        return int(order["code"])
    time.sleep(order.get("seconds", 0))
    answer = {"runs": len(RUNS), "prepared": len(PREPARED), "pid": os.getpid(), "parent": os.getppid(),
              "text": "案" * order.get("size", 0)}  # fmt: skip
    sys.stdout.write(json.dumps(answer, ensure_ascii=False))
    return 0
