"""What test_forks.py runs."""

import json
import os
import signal
import sys
import time
from pathlib import Path


def main(what: str, *words: str) -> None:
    match what:
        case "shows":
            sys.stderr.write("said\n")
            shown = {"words": sys.argv[1:], "folder": str(Path.cwd()), "given": sys.stdin.read(), "name": __name__,
                     "whose": os.environ["WHOSE"], "pid": os.getpid(), "parent": os.getppid()}  # fmt: skip
            json.dump(shown, sys.stdout)
        case "ends":
            sys.exit(int(words[0]))
        case "dies":
            os.kill(os.getpid(), int(words[0]))
        case "waits":
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
            sys.stdout.write(f"{os.getpid()}\n")
            sys.stdout.flush()
            time.sleep(60)
        case "closes":
            os.close(1)
            time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
