"""Fresh stores of a test's own process are copies of one that was really made.

To make a service's tables and look at them takes 0.12 s of processor time on PostgreSQL, which is always the same; a
copy 0.02, of a file 0.001."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import MetaData

from chassis.store import database, upgrade
from chassis.store.database import Store
from tests.support.postgres import CLUSTERS, Postgres
from tests.support.replayed_upgrades import ReplayedUpgrades
from tests.support.shared_dialects import share_dialects

_replayed = ReplayedUpgrades(upgrade.upgrade)
_install = Store.install
_alone = threading.Lock()
_templates: dict[tuple[object, ...], str] = {}
_rows: dict[int, MetaData] = {}
"""So that an id stands for one of them."""
_seen: set[tuple[int, str]] = set()
"""Port and name of the databases that were looked at: each is fresh once."""

share_dialects()


@contextlib.contextmanager
def quick_stores(look_again: bool = True) -> Iterator[None]:
    """Whatever stores this process makes meanwhile.  `look_again`: whether the tables of a copy are looked at when a
    service starts on it once more."""
    copied: set[tuple[object, ...]] = set()

    def install(store: Store, service: str, district: str, migrate: bool = False) -> None:
        """Stands in for `Store.install`; whatever is not a fresh store goes to the real one."""
        place = (store.url.port, store.url.database, *_kind(store))
        if place in copied and not look_again:
            _claim(store, service, district)
        elif _copied_database(store) if store.postgresql else _copied_file(store):
            copied.add(place)
            _claim(store, service, district)
        else:
            _install(store, service, district, migrate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade, "upgrade", _replayed)
        patch.setattr(Store, "install", install)
        yield


def _claim(store: Store, service: str, district: str) -> None:
    """What is left to do in a copy."""
    with store.writing() as connection:
        if store.postgresql:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({database._INSTALL_LOCK})")
        store._claim(connection, service, district)


def _copied_file(store: Store) -> bool:
    path = Path(store.url.database or "")
    with _alone:
        if path.exists():
            return False
        shutil.copyfile(_template_file(store), path)
        return True


def _template_file(store: Store) -> str:
    key = _kind(store)
    if key not in _templates:
        folder = tempfile.mkdtemp(prefix="qihang-store-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _install_for_none(f"sqlite:///{folder}/store.db", store.rows)
        _templates[key] = f"{folder}/store.db"
    return _templates[key]


def _copied_database(store: Store) -> bool:
    cluster, name = CLUSTERS.get(store.url.port or 0), store.url.database or ""
    if cluster is None:  # not of ours
        return False
    with _alone:
        if cluster.is_promised(name):
            cluster.keep_promise(name, _template(cluster, store))
            return True
        if (cluster.port, name) in _seen or not cluster.is_untouched(name):
            return False
        _seen.add((cluster.port, name))
        template = _template(cluster, store)
        with contextlib.suppress(psycopg.errors.ObjectInUse):
            cluster.copy(template, name)
            return True
        return False


def _template(cluster: Postgres, store: Store) -> str:
    """The name of a database with these tables, which is no service's yet."""
    key = (*_kind(store), cluster.folder)
    if key not in _templates:
        url = cluster.promise_database()
        name = url.rpartition("/")[2]
        cluster.keep_promise(name)
        _install_for_none(url, store.rows)
        _templates[key] = name
    return _templates[key]


def _kind(store: Store) -> tuple[object, ...]:
    tables = tuple(store.rows.tables)
    if tables:
        _rows.setdefault(id(store.rows), store.rows)
    return id(store.rows) if tables else 0, tables, store.rows.info.get(upgrade.MIGRATIONS)


def _install_for_none(url: str, rows: MetaData) -> None:
    store: Any = Store(url, rows)
    store._claim = lambda *_: None
    _install(store, "", "")
    store.close()
