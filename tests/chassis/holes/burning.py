"""Work that keeps a core busy: `python -m tests.chassis.holes.burning SECONDS` answers what it was given."""

import json
import sys
import time


def burn(seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
    return "burnt"


if __name__ == "__main__":
    burn(float(sys.argv[1]))
    print(json.dumps(json.load(sys.stdin)))  # noqa: T201
