"""`qihang upgrade`: migrates stores to the schema of this version without starting a service."""

import argparse
import contextlib
import dataclasses
import importlib
import sys
from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError

from chassis.process import settings
from chassis.process.data_folder import DataFolderLocked, lock_data_folder
from chassis.process.settings import SERVICES, Settings
from chassis.store.database import ROWS, Store
from chassis.store.store_checks import NoStore, StoreMismatch, require_store


def main(arguments: list[str] | None = None) -> int:
    """`SERVICE`: migrate the store in the settings of the environment; `--data DIR`: every store of an embedded system
    there."""
    parser = argparse.ArgumentParser(prog="qihang upgrade")
    parser.add_argument("service", nargs="?", choices=SERVICES)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args(arguments)
    try:
        loaded = settings.load()
        services = [given.service] if given.service else SERVICES
        chosen = dataclasses.replace(loaded, data=str(given.data), database_url="") if given.data else loaded
        urls = {name: require_store(chosen.store_url(name)) for name in services}
        with lock_data_folder(given.data) if given.data else contextlib.nullcontext():
            for name, url in urls.items():
                _upgrade(name, url, loaded)
    except (NoStore, DataFolderLocked, settings.BadSetting, StoreMismatch, SQLAlchemyError, OSError) as error:
        sys.stderr.write(f"qihang: {error}\n")
        return 1
    return 0


def _upgrade(service: str, url: str, loaded: Settings) -> None:
    migrations = importlib.import_module(f"services.{service}.migrations")
    store = Store(url, MetaData(schema=ROWS, info={"migrations": migrations.__name__}), loaded.partitions)
    try:
        store.install(service, loaded.district, migrate=True)
    finally:
        store.close()
    sys.stdout.write(f"{service} 已是最新版本\n")


if __name__ == "__main__":
    sys.exit(main())
