"""Stores are upgraded by Alembic: what the migrations make is what the code declares, and rows are kept."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, Text

from chassis.process.settings import SERVICES, Settings
from chassis.runtime import upgrade as upgrade_command
from chassis.store import schema
from chassis.store.database import ROWS, Store
from chassis.store.store_checks import StoreMismatch
from chassis.store.upgrade import configuration
from tests.chassis import toys, worlds

Make = Callable[[], str]
FIRST = """
import sqlalchemy as sa
from alembic import op
from chassis.store.migrations import rows_schema
revision, down_revision, branch_labels, depends_on = "toys_0001", None, ("toys",), None
def upgrade():
    columns = [sa.Column(name, sa.Text(), nullable=False) for name in ("thing_id", "text", "name", "grams")]
    op.create_table("things", *columns, sa.PrimaryKeyConstraint("thing_id"), schema=rows_schema())
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
from chassis.store.migrations import rows_schema
revision, down_revision, branch_labels, depends_on = "toys_0002", "toys_0001", None, None
def upgrade():
    op.add_column("things", sa.Column("colour", sa.Text(), nullable=False, server_default="grey"), schema=rows_schema())
    op.create_index("things_colour", "things", ["colour"], schema=rows_schema())
"""


@pytest.fixture(autouse=True)
def _replayed_upgrades() -> None:
    """Not here: each of these upgrades is a real one."""


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_migrations_make_is_what_the_code_declares(url: Make, service: str) -> None:
    declared = _rows_of(service)
    store = Store(url(), declared)
    store.install(service, "district")
    assert _differences(store, declared) == []
    store.install(service, "district")  # and again: nothing is missing
    store.close()


def _rows_of(service: str) -> MetaData:
    importlib.import_module(f"services.{service}.service")  # with every module that declares tables
    modules = [module for name, module in sys.modules.items() if name.startswith(f"services.{service}.")]
    declared = {
        id(value): value for module in modules for value in vars(module).values() if isinstance(value, MetaData)
    }
    (rows,) = declared.values()
    return rows


def _differences(store: Store, rows: MetaData) -> list[Any]:
    declared = MetaData()
    for table in [*schema.metadata.sorted_tables, *rows.sorted_tables]:
        table.to_metadata(declared, schema=table.schema if store.postgresql else None)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_schemas": store.postgresql})
        differences = compare_metadata(context, declared)
    return [item for item in differences if "alembic_version" not in str(item)]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a package with the toys' first version."""
    folder = tmp_path / "toy_versions"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "toys_0001.py").write_text(FIRST)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop("toy_versions", None)


def _toys(*more: Column[Any]) -> MetaData:
    metadata = MetaData(schema=ROWS, info={"migrations": "toy_versions"})
    columns = [Column(name, Text, nullable=False) for name in ("text", "name", "grams")]
    Table("things", metadata, Column("thing_id", Text, primary_key=True), *more, *columns)
    return metadata


def test_an_upgrade_keeps_what_a_filled_store_has(
    url: Make, versions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = url()
    monkeypatch.setattr(toys, "source_rows", _toys())
    monkeypatch.setattr(toys, "REPORTED", toys.source_rows.tables["rows.things"])
    source = worlds.installed(toys.source(Settings(data=str(tmp_path), database_url=place)))
    worlds.append(source, *worlds.things("a:1", "b:2"))
    before = worlds.texts(source)
    source.store.close()

    (versions / "toys_0002.py").write_text(SECOND)
    monkeypatch.setattr(toys, "source_rows", _toys(Column("colour", Text, nullable=False, server_default="grey")))
    monkeypatch.setattr(toys, "REPORTED", toys.source_rows.tables["rows.things"])
    source = toys.source(Settings(data=str(tmp_path), database_url=place))
    with pytest.raises(StoreMismatch, match=r"toys_0002 is missing.*`qihang upgrade`"):
        source.store.install("participation", "district")
    source.store.install("participation", "district", migrate=True)
    assert worlds.rows(source) == {"a": "1", "b": "2"}
    assert worlds.rows(source, "colour") == {"a": "grey", "b": "grey"}
    assert worlds.texts(source) == before
    assert worlds.append(source, *worlds.things("c:3")) == ["participation/0/3"]
    source.rebuild.run()  # the new column is not where the declaration has it
    assert worlds.rows(source) == {"a": "1", "b": "2", "c": "3"}
    source.store.close()

    (versions / "toys_0002.py").unlink()  # the older code again
    older = Store(place, _toys())
    with pytest.raises(StoreMismatch, match="newer version of qihang"):
        older.install("participation", "district")
    older.close()


def test_a_store_whose_tables_are_not_the_code_s_is_not_served(url: Make, versions: Path) -> None:
    place = url()
    store = Store(place, _toys())
    store.install("participation", "district")
    store.close()
    declared = Store(place, _toys(Column("colour", Text, nullable=False)))
    with pytest.raises(StoreMismatch, match="the table things has no column colour"):
        declared.install("participation", "district")
    with pytest.raises(StoreMismatch, match="no column colour"):  # its version says that nothing is to be done
        declared.install("participation", "district", migrate=True)
    with declared.writing() as connection:
        connection.exec_driver_sql("DROP TABLE intake_seen")
    declared.close()
    store = Store(place, _toys())
    with pytest.raises(StoreMismatch, match="the table intake_seen is missing"):
        store.install("participation", "district")
    store.close()


def test_a_store_made_before_its_tables_had_versions_is_left_alone(url: Make, versions: Path) -> None:
    store = Store(url(), _toys())
    schema.metadata.create_all(store.engine)
    with pytest.raises(StoreMismatch, match="before its tables had versions"):
        store.install("participation", "district")
    with store.engine.connect() as connection:
        assert connection.execute(sa.select(schema.meta)).all() == []
    store.close()


def test_the_command_upgrades_every_store_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for service in SERVICES:
        rows = MetaData(schema=ROWS, info={"migrations": f"services.{service}.migrations"})
        empty = Store(f"sqlite:///{tmp_path / service / 'store.db'}", rows)
        empty.install(service, "district")
        empty.close()
    assert upgrade_command.main(["--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("已是最新版本") == len(SERVICES)
    store = Store(f"sqlite:///{tmp_path / 'participation' / 'store.db'}", MetaData(schema=ROWS))
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'participation_9999' "
                                   "WHERE version_num LIKE 'participation%'")  # fmt: skip
    store.close()
    assert upgrade_command.main(["--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "qihang: the store was made by a newer version of qihang (participation_9999): run that one"
    ]


@pytest.mark.parametrize("words", [["--data", "nowhere"], ["participation"]])
def test_the_command_makes_no_store_where_there_is_none(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert upgrade_command.main(words) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("qihang: 没有这个库：")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [
    ["chassis.runtime.upgrade", "participation"], ["chassis.recovery.restore", "begin-epoch", "participation"],
])  # fmt: skip
def test_a_filled_store_of_the_first_version_is_brought_to_this_one(words: list[str], tmp_path: Path) -> None:
    place = tmp_path / "participation" / "store.db"
    rows = MetaData(schema=ROWS, info={"migrations": "services.participation.migrations"})
    store = Store(f"sqlite:///{place}", rows)
    with store.writing() as connection:
        config = configuration(rows)
        config.attributes["connection"] = store.with_row_schema(connection)
        for revision in ("store_0001", "participation_0001"):
            command.upgrade(config, revision)
        connection.exec_driver_sql("INSERT INTO claims (stream, claim) VALUES ('s', 'kept')")
    with pytest.raises(StoreMismatch, match=r"participation_0004 is missing.*`qihang upgrade`"):  # as every start does
        store.install("participation", "district")
    environment = {**os.environ, "QIHANG_DATA": str(tmp_path), "QIHANG_DISTRICT": "district"}
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", *words], env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    store.install("participation", "district")
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT claim FROM claims").all() == [("kept",)]
        assert connection.exec_driver_sql("SELECT count(*) FROM findings").scalar() == 0
    store.close()
