"""What an operator says after a store came back from a backup; no service guesses it (docs/operations.md).

`python -m chassis.restore begin-epoch SERVICE`: its log goes on from here, in another epoch than the one that was lost.
`python -m chassis.restore hear-again SERVICE SOURCE`: SERVICE forgets what it heard of a past that SOURCE lost."""

from chassis import launcher  # isort: skip - patches before anything else is imported

import argparse
import importlib
import sys
from pathlib import Path
from typing import IO

import requests

from chassis import logs, settings
from chassis.folders import Held, hold
from chassis.frame import Frame
from chassis.peers import Away
from chassis.restoring import begin_epoch, hear_again
from chassis.settings import SERVICES, Settings

_alone: list[IO[str]] = []  # the folder is ours until the process ends


class NotNow(RuntimeError):
    """It cannot be done as things are; the message says what to do first."""


def _opened(service: str, found: Settings) -> Frame:
    """The service's frame on its store, while no process of it serves."""
    if not found.database_url:
        _alone.append(hold(Path(found.data)))
    try:
        requests.get(f"{found.peer(service)}/livez", timeout=3)
    except requests.RequestException:
        frame: Frame = vars(importlib.import_module(f"services.{service}.service").Service)["frame"].make(found)
        frame.store.install(service, found.district)
        frame.installed = True
        return frame
    raise NotNow(f"{service} still answers; stop it first")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chassis.restore")
    words = parser.add_subparsers(dest="word", required=True)
    for word in ("begin-epoch", "hear-again"):
        one = words.add_parser(word)
        one.add_argument("service", choices=SERVICES)
        if word == "hear-again":
            one.add_argument("source", choices=SERVICES)
    given = parser.parse_args(arguments)
    try:
        found = settings.load()
        logs.configure(found.log_level)
        frame = _opened(given.service, found)
        told = begin_epoch(frame) if given.word == "begin-epoch" else _hear_again(frame, given.source)
        sys.stdout.write(f"{given.service}: {told}\n")
        return 0
    except (Held, NotNow, Away, settings.BadSetting, ValueError, OSError) as error:
        sys.stderr.write(f"qihang: {error}\n")
        return 1


def _hear_again(frame: Frame, source: str) -> str:
    if source not in frame.inbox.sources:
        raise NotNow(f"{frame.service} does not hear {source}")
    parts = [f"partition {n}: back to {position}, {forgotten} events forgotten, {followed} of its own had followed"
             for n, (position, forgotten, followed) in enumerate(hear_again(frame, source))]  # fmt: skip
    return "; ".join(parts)


assert launcher
if __name__ == "__main__":
    sys.exit(main())
