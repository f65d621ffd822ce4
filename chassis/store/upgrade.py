"""Migrates a store's tables to the version of this code, by Alembic."""

import importlib
import os
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from eventlet.semaphore import Semaphore
from sqlalchemy import Connection, MetaData, Table

from chassis.store import migrations
from chassis.store.store_checks import StoreMismatch

HERE = Path(migrations.__file__).parent
MIGRATIONS = "migrations"
_REMEDY = "; run the version that made it, or restore a backup of this one's"
_alone = Semaphore(1)  # Alembic's `op` is global to the process, and embedded services start concurrently


def upgrade(connection: Connection, rows: MetaData, migrate: bool) -> None:
    """Create the tables of an empty store or, with `migrate`, apply the missing migrations; in the caller's transaction
    and lock.

    `rows.info["migrations"]` names the package with the migrations of the service's tables; tables without it (those of
    the chassis' own tests) are created as declared.  Raises StoreMismatch when the store is newer than this code, or
    older and `migrate` is not set."""
    config = configuration(rows)
    config.attributes["connection"] = connection
    with _alone:
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        stored = set(MigrationContext.configure(connection).get_current_heads())
        if newer := sorted(stored - known):
            raise StoreMismatch(f"the store was made by a newer version of qihang ({', '.join(newer)}): run that one")
        if not stored and sa.inspect(connection).has_table("log_meta"):
            raise StoreMismatch("the store was made before its tables had versions: it cannot be upgraded")
        if stored and not migrate and (ahead := sorted(set(scripts.get_heads()) - stored)):
            raise StoreMismatch(
                f"the store's tables are older than this program ({', '.join(ahead)} is missing): back up, then say "
                "`qihang upgrade`"
            )
        command.upgrade(config, "heads")
    if MIGRATIONS not in rows.info:
        rows.create_all(connection)


def check_columns(connection: Connection, declared: Iterable[Table], schema_of_rows: str | None) -> None:
    """Raise StoreMismatch when a declared table or column is missing in the database: somebody has changed the store,
    or a migration, by hand, so that the stored version number does not show it."""
    inspector = sa.inspect(connection)
    places = {None, schema_of_rows}
    present: dict[tuple[str | None, str], set[str]] = {}
    for place in places:
        for (_, name), columns in inspector.get_multi_columns(schema=place).items():
            present[place, name] = {column["name"] for column in columns}
    for table in declared:
        place = schema_of_rows if table.schema else None
        kept = present.get((place, table.name))
        if kept is None:
            raise StoreMismatch(f"the store does not fit this program: the table {table.name} is missing{_REMEDY}")
        if missing := [column.name for column in table.columns if column.name not in kept]:
            raise StoreMismatch(
                f"the store does not fit this program: the table {table.name} has no column {missing[0]}{_REMEDY}"
            )


def configuration(rows: MetaData) -> Config:
    """Alembic's configuration for a store with these read models: the chassis' migrations and the service's own."""
    config = Config()
    folders = [HERE / "versions"]
    if MIGRATIONS in rows.info:
        folders.append(Path(importlib.import_module(rows.info[MIGRATIONS]).__file__ or "").parent)
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, folders)).replace("%", "%%"))
    return config
