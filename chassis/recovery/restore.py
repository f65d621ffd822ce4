"""Operators' commands after a store was restored from a backup (docs/operations.md).

`python -m chassis.recovery.restore begin-epoch SERVICE...`: the log continues in a new epoch; tables of an older backup
are upgraded first.  `python -m chassis.recovery.restore erase PERSON...`: participation destroys the keys of persons
erased after the backup again.  `python -m chassis.recovery.restore hold-reminders REASON`: notifications sends nothing
until `qihang notify hold everybody --release`: what it sent since the backup is unknown.  `python -m
chassis.recovery.restore replay-from SERVICE SOURCE`: SERVICE deletes the events that it received and that SOURCE no
longer has."""

from chassis.runtime import launcher  # isort: skip - patches before anything else is imported

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import IO, Any

import requests

from chassis.process import settings, structured_logging
from chassis.process.data_folder import DataFolderLocked, lock_data_folder
from chassis.process.peers import PeerUnavailable
from chassis.process.problems import Problem
from chassis.process.settings import SERVICES, Settings
from chassis.recovery.epochs import begin_epoch, replay_from_source
from chassis.runtime.extensions import unstarted
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.store_checks import NoStore, StoreMismatch, require_store

ACTOR = "operator:restore"
DONE_BY = {"erase": "participation", "hold-reminders": "notifications"}
_locks: list[IO[str]] = []  # the data folder stays locked until the process ends


class PreconditionFailed(RuntimeError):
    """The command cannot be run now; the message says what to do first."""


def _lock_services(services: list[str], loaded: Settings) -> None:
    """Ensure that no process of these services runs, and lock the folder of an embedded system.  Raises
    PreconditionFailed."""
    for service in services:
        require_store(loaded.store_url(service))
    if not loaded.database_url:
        _locks.append(lock_data_folder(Path(loaded.data)))
        return  # what answers at the default ports is another system
    for service in services:
        try:
            requests.get(f"{loaded.peer(service)}/livez", timeout=3)
        except requests.RequestException:
            continue
        raise PreconditionFailed(f"{service} still answers; stop it first")


def _open_service(service: str, loaded: Settings, *, migrate: bool) -> Any:
    """The service on its store, without its loops.  `migrate`: upgrade the store first; a backup taken before an
    upgrade needs it."""
    result = unstarted(importlib.import_module(f"services.{service}.service").Service, loaded)
    result.runtime.store.install(service, loaded.district, migrate=migrate)
    return result


def main(arguments: list[str] | None = None) -> int:
    os.umask(0o077)
    given = _parser().parse_args(arguments)
    services: list[str] = (
        given.services if given.word == "begin-epoch" else [getattr(given, "service", DONE_BY.get(given.word, ""))]
    )
    try:
        loaded = settings.load()
        structured_logging.configure(loaded.log_level)
        _lock_services(services, loaded)
        for name in services:
            service = _open_service(name, loaded, migrate=given.word == "begin-epoch")
            match given.word:
                case "begin-epoch":
                    outcome = begin_epoch(service.runtime)
                case "replay-from":
                    outcome = _replay_from(service.runtime, given.source)
                case "hold-reminders":
                    outcome = _hold_reminders(service, given.reason)
                case _:
                    outcome = _erase(service, given.persons)
            sys.stdout.write(f"{name}: {outcome}\n")
        return 0
    except (
        DataFolderLocked, NoStore, PreconditionFailed, PeerUnavailable, StoreMismatch, settings.BadSetting, ValueError,
        OSError,
    ) as error:  # fmt: skip
        sys.stderr.write(f"qihang: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chassis.recovery.restore")
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("begin-epoch").add_argument("services", choices=SERVICES, nargs="+")
    words.add_parser("erase").add_argument("persons", nargs="+")
    words.add_parser("hold-reminders").add_argument("reason")
    replay = words.add_parser("replay-from")
    replay.add_argument("service", choices=SERVICES)
    replay.add_argument("source", choices=SERVICES)
    return parser


def _replay_from(runtime: ServiceRuntime, source: str) -> str:
    if source not in runtime.inbox.sources:
        raise PreconditionFailed(f"{runtime.service} does not subscribe to {source}")
    parts = [f"partition {n}: back to {position}, {forgotten} events forgotten, {followed} of its own followed"
             for n, (position, forgotten, followed) in enumerate(replay_from_source(runtime, source))]  # fmt: skip
    return "; ".join(parts)


def _hold_reminders(notifications: Any, reason: str) -> str:
    holds = importlib.import_module("services.notifications.delivery.holds")
    with notifications.units_of_work.begin(ACTOR) as work:
        work.execute(holds.HOLD, holds.HoldRecipient(holds.EVERYBODY, reason))
    return "sends nothing"


def _erase(participation: Any, persons: list[str]) -> str:
    """Erase persons as the route does; those that this store does not know are skipped."""
    erase_person = importlib.import_module("services.participation.registry.handlers").erase_person
    unknown = []
    for person in persons:
        try:
            erase_person(participation.store, participation.units_of_work, participation.erase_files, person,
                         ACTOR, "")  # fmt: skip
        except Problem:
            unknown.append(person)
    return f"{len(persons) - len(unknown)} erased" + (f", not there: {' '.join(unknown)}" if unknown else "")


assert launcher
if __name__ == "__main__":
    sys.exit(main())
