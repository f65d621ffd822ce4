"""The commands after a store was restored from a backup, given by an operator only (docs/operations.md).

`python -m chassis.recovery.restore begin-epoch SERVICE`:
its log continues from here, in a new epoch.
`python -m chassis.recovery.restore replay-from SERVICE SOURCE`:
SERVICE forgets the events that it received and that SOURCE no longer has."""

from chassis.runtime import launcher  # isort: skip - patches before anything else is imported

import argparse
import importlib
import sys
from pathlib import Path
from typing import IO

import requests

from chassis.process import settings, structured_logging
from chassis.process.data_folder import DataFolderLocked, lock_data_folder
from chassis.process.peers import PeerUnavailable
from chassis.process.settings import SERVICES, Settings
from chassis.recovery.epochs import begin_epoch, replay_from_source
from chassis.runtime.extensions import unstarted
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.known_store import NoStore, StoreMismatch, existing

_locks: list[IO[str]] = []  # the data folder stays locked until the process ends


class PreconditionFailed(RuntimeError):
    """It cannot be done as things are; the message says what to do first."""


def _open_runtime(service: str, loaded: Settings) -> ServiceRuntime:
    """The service's runtime on its store, while no process of it is running."""
    existing(loaded.store_url(service))
    if not loaded.database_url:
        _locks.append(lock_data_folder(Path(loaded.data)))
    try:
        requests.get(f"{loaded.peer(service)}/livez", timeout=3)
    except requests.RequestException:
        service_class = importlib.import_module(f"services.{service}.service").Service
        runtime: ServiceRuntime = unstarted(service_class, loaded).runtime
        runtime.store.install(service, loaded.district)
        return runtime
    raise PreconditionFailed(f"{service} still answers; stop it first")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chassis.recovery.restore")
    words = parser.add_subparsers(dest="word", required=True)
    for word in ("begin-epoch", "replay-from"):
        item = words.add_parser(word)
        item.add_argument("service", choices=SERVICES)
        if word == "replay-from":
            item.add_argument("source", choices=SERVICES)
    given = parser.parse_args(arguments)
    try:
        loaded = settings.load()
        structured_logging.configure(loaded.log_level)
        runtime = _open_runtime(given.service, loaded)
        outcome = begin_epoch(runtime) if given.word == "begin-epoch" else _replay_from(runtime, given.source)
        sys.stdout.write(f"{given.service}: {outcome}\n")
        return 0
    except (
        DataFolderLocked, NoStore, PreconditionFailed, PeerUnavailable, StoreMismatch, settings.BadSetting, ValueError,
        OSError,
    ) as error:  # fmt: skip
        sys.stderr.write(f"qihang: {error}\n")
        return 1


def _replay_from(runtime: ServiceRuntime, source: str) -> str:
    if source not in runtime.inbox.sources:
        raise PreconditionFailed(f"{runtime.service} does not subscribe to {source}")
    parts = [f"partition {n}: back to {position}, {forgotten} events forgotten, {followed} of its own followed"
             for n, (position, forgotten, followed) in enumerate(replay_from_source(runtime, source))]  # fmt: skip
    return "; ".join(parts)


assert launcher
if __name__ == "__main__":
    sys.exit(main())
