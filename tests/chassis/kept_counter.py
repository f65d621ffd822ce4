"""A worker that counts its questions, for tests: it keeps the count, sleeps, dies or repeats a text when told to."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from chassis.process.worker_process import serve


class Counter:
    def __init__(self) -> None:
        self.asked = 0

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        if question.get("die_first") and not Path(question["die_first"]).exists():
            Path(question["die_first"]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if question.get("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(question.get("seconds", 0))
        sys.stdout.write("a library's words\n")
        return {"asked": self.asked, "pid": os.getpid(), "text": "案" * question.get("size", 0)}


if __name__ == "__main__":
    serve(Counter().answer)
    sys.exit(0)
