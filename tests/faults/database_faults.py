"""Faults of the stores: away, slow to tell, full, locked by others."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from tests.faults.experiment import Experiment, fault
from tests.support.system import SERVICES

# The server's own words when all is committed: it was asked to, or it came to the end of a trip
COMMITTED = re.compile(rb"(COMMIT|INSERT 0 1)\0Z\0\0\0\x05I")
FLAKY = """
CREATE FUNCTION public.injected_failure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF random() < 0.3 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;
    RETURN NULL;
END $$;
"""


@fault("8a", "PostgreSQL restarted")
def restart(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.4)
    experiment.district.postgres.restart()


@fault("8b", "PostgreSQL killed -9 and recovered")
def kill(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.4)
    experiment.district.postgres.kill()
    experiment.district.postgres.resume_after_stop()


@fault("8c", "PostgreSQL away for a while")
def away(experiment: Experiment) -> None:
    seconds = 300 if experiment.options.long else 60
    experiment.start_load()
    experiment.sent(0.4)
    experiment.district.postgres.stop()
    time.sleep(seconds)
    alive = {service: experiment.system.answers(service, "/livez") for service in SERVICES}
    assert all(alive.values()), f"a known outage is no reason to be ended: {alive}"
    experiment.district.postgres.resume_after_stop()
    experiment.note(f"{seconds} s")


@fault("8d", "PostgreSQL blackholed downwards for 15 s, then reset")
def silent(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.4)
    for wire in experiment.district.stores.values():
        wire.silence(up=False, down=True)
    time.sleep(15)
    for wire in experiment.district.stores.values():
        wire.heal()


@fault("8e", "commit applied but reported failed")
def commit_cut(experiment: Experiment) -> None:
    wires = {name: experiment.district.stores[name] for name in ("participation", "assessment")}
    for name, every in (("participation", 3), ("assessment", 2)):  # assessment receives many in one transaction
        wires[name].cut_every, wires[name].cut_at = every, COMMITTED
    experiment.load_seconds *= 2
    experiment.start_load()
    experiment.sent(1.0)
    experiment.wait_for(lambda: all(len(wire.cuts) >= 3 for wire in wires.values()), 20, "three commits cut of each")
    trips = sum(words != b"COMMIT" for words in wires["participation"].cuts)
    assert trips, "no trip of a single report was cut"
    experiment.note(
        ", ".join(f"{len(wire.cuts)} times at {name}" for name, wire in wires.items()) + f", {trips} in a trip"
    )


@fault("8f", "three in ten statements fail to serialize (40001)")
def serialization(experiment: Experiment) -> None:
    system = experiment.district
    tables = {"participation": ("log_events", "intake_seen"), "assessment": ("inbox_events",)}
    for service, names in tables.items():
        with system.postgres.connect(system.databases[service].rpartition("/")[2]) as connection:
            connection.execute(FLAKY.encode())
            for name in names:
                connection.execute(sql.SQL(
                    "CREATE TRIGGER injected AFTER INSERT ON {} EXECUTE FUNCTION public.injected_failure()"
                ).format(sql.Identifier(name)))  # fmt: skip
    try:
        experiment.start_load()
        experiment.sent(1.0)
        time.sleep(6)
    finally:
        for service in tables:
            with system.postgres.connect(system.databases[service].rpartition("/")[2]) as connection:
                connection.execute("DROP FUNCTION public.injected_failure() CASCADE")


@contextmanager
def small_filesystem(experiment: Experiment, size: str) -> Iterator[Path]:
    """A filesystem of its own in memory."""
    place = experiment.system.data.parent / f"small-{experiment.run}"
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(place: Path) -> Path:
    """Nothing more can be written there until this file goes."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return filler


@fault("8g", "PostgreSQL's disk full under participation and assessment", where="district closed own")
def disk_full(experiment: Experiment) -> None:
    system = experiment.district
    with small_filesystem(experiment, "96m") as place:
        shutil.chown(place, "postgres", "postgres")
        for parent in list(place.parents)[:3]:
            parent.chmod(parent.stat().st_mode | 0o055)
        with system.postgres.connect() as connection:
            connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(os.fspath(place))))
            for service in ("participation", "assessment"):
                name = sql.Identifier(system.databases[service].rpartition("/")[2])
                connection.execute(sql.SQL("ALTER DATABASE {} SET TABLESPACE small").format(name))
        system.open()
        experiment.start_load()
        experiment.sent(0.3)
        filler = fill(place)
        experiment.wait_for(lambda: "No space left" in system.postgres.log_tail(400), 30, "PostgreSQL finds no space")
        time.sleep(8)
        filler.unlink()
        experiment.verify()
        system.kill()
        with system.postgres.connect() as connection:
            for service in ("participation", "assessment"):
                name = system.databases[service]
                system.postgres.drop_database(name)
            connection.execute("DROP TABLESPACE small")


@fault("8h", "SQLite locked by another process for 12 s, twice", where="lone")
def locked(experiment: Experiment) -> None:
    experiment.start_load()
    for share in (0.3, 0.6):
        experiment.sent(share)
        holders = [sqlite3.connect(experiment.system.data / service / "store.db", timeout=10, isolation_level=None)
                   for service in ("participation", "assessment")]  # fmt: skip
        for holder in holders:
            holder.execute("BEGIN IMMEDIATE")
        time.sleep(12)
        for holder in holders:
            holder.execute("ROLLBACK")
            holder.close()


@fault("8i", "SQLite's disk full", where="lone closed own")
def sqlite_full(experiment: Experiment) -> None:
    with small_filesystem(experiment, "48m") as place:
        experiment.system.data = place / "system"
        experiment.system.open()
        experiment.start_load()
        experiment.sent(0.3)
        filler = fill(place)
        time.sleep(6)
        filler.unlink()
        experiment.verify()
        experiment.system.stop()


@fault("8j", "the whole system killed -9, three times", where="lone")
def system_killed(experiment: Experiment) -> None:
    experiment.start_load()
    for share in (0.25, 0.5, 0.75):
        experiment.sent(share)
        experiment.system.kill()
        experiment.system.start()
