"""Brings a store's tables to the version that this code knows, by Alembic; what stands in them is kept."""

import importlib
import os
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from eventlet.semaphore import Semaphore
from sqlalchemy import Connection, MetaData

from chassis.store import migrations
from chassis.store.known_store import StoreMismatch

HERE = Path(migrations.__file__).parent
MIGRATIONS = "migrations"
_alone = Semaphore(1)  # Alembic's `op` is one for the process, and embedded services start at once


def upgrade(connection: Connection, rows: MetaData) -> None:
    """Apply what is missing, within the caller's transaction and lock.  `rows.info["migrations"]` names the package of
    the versions of its tables; rows without it are made as they are now.  StoreMismatch: the store is newer."""
    config = configuration(rows)
    config.attributes["connection"] = connection
    with _alone:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        stored = set(MigrationContext.configure(connection).get_current_heads())
        if newer := sorted(stored - known):
            raise StoreMismatch(f"the store was made by a newer version of qihang ({', '.join(newer)}): run that one")
        if not stored and sa.inspect(connection).has_table("log_meta"):
            raise StoreMismatch("the store was made before its tables had versions: it cannot be upgraded")
        command.upgrade(config, "heads")
    if MIGRATIONS not in rows.info:
        rows.create_all(connection)


def configuration(rows: MetaData) -> Config:
    """Alembic's configuration for a store with these rows."""
    config = Config()
    folders = [HERE / "versions"]
    if MIGRATIONS in rows.info:
        folders.append(Path(importlib.import_module(rows.info[MIGRATIONS]).__file__ or "").parent)
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, folders)).replace("%", "%%"))
    return config
