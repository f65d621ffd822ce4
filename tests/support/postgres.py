"""A private PostgreSQL cluster: initdb and postgres on a free loopback port, fsync on, never as root."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from tests.support.postgres_setup import initialise, programs_folder, user_change
from tests.support.processes import Process, children_of, free_ports, is_alive, wait_until

START_LIMIT = 60.0  # seconds; 2 on two idle cores, crash recovery included
STOP_LIMIT = 30.0
ONLY_OWN = "all lanes use this server: a test that stops or kills one takes `own_postgres`"


CLUSTERS: dict[int, Postgres] = {}
"""Those of this process, by port."""


class Postgres:
    """One cluster with an administrator and as many databases as tests ask for, each with its own role."""

    admin = "admin"

    def __init__(self) -> None:
        self._programs = programs_folder()
        # Directly under the temporary folder: the unprivileged user must be able to walk there.
        self.folder = Path(tempfile.mkdtemp(prefix="qihang-postgres-"))
        self.password = secrets.token_hex(12)
        (self.port,) = free_ports(1)
        self._server: Process | None = None
        self._administering: psycopg.Connection[Any] | None = None
        self._promised: set[str] = set()
        self._password_of_promised = secrets.token_hex(12)
        self._shared = False
        CLUSTERS[self.port] = self

    def __getstate__(self) -> dict[str, Any]:
        """As a lane of the run gets it: for its databases, not for its life."""
        return {**vars(self), "_server": None, "_administering": None, "_promised": set(), "_shared": True}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        CLUSTERS.setdefault(self.port, self)

    @classmethod
    def start(cls, *, fsync: bool = True) -> Postgres:
        """A cluster that answers.  Tries another port when one was taken in between."""
        for attempt in range(3):
            cluster = cls()
            try:
                initialise(cluster.folder, cls.admin, cluster.password, cluster.port, fsync)
                cluster.resume_after_stop()
                cluster._create_role_of_promised()
                return cluster
            except BaseException as problem:
                log = cluster.log_tail()
                cluster.discard()
                if attempt == 2 or not isinstance(problem, (AssertionError, RuntimeError)):
                    raise RuntimeError(f"PostgreSQL did not start: {problem}\n{log}") from problem
        raise AssertionError("unreachable")

    # life

    def resume_after_stop(self) -> None:
        """Start on the data that is there and wait until it takes connections (after recovery, if any)."""
        assert not self._shared, ONLY_OWN
        self._server = Process(
            [self._programs / "postgres", "-D", self.folder / "data"],
            self.folder / "log" / "postgres.log",
            prefix=user_change(),
            death_signal="QUIT",  # the postmaster takes its children along; KILL would leave that to chance
            cwd=self.folder,
        )
        wait_until(self._answers, START_LIMIT, lambda: f"PostgreSQL answers:\n{self.log_tail()}", interval=0.05)

    def stop(self) -> None:
        """Orderly, without waiting for clients: their connections break (SIGINT, PostgreSQL's "fast" shutdown)."""
        assert not self._shared, ONLY_OWN
        if self._server is not None and self._server.running:
            self._server.signal(signal.SIGINT)
            self._server.wait(STOP_LIMIT)

    def restart(self) -> None:
        self.stop()
        self.resume_after_stop()

    def kill(self) -> None:
        """kill -9 of the server and all its children, as a power cut would; `resume_after_stop` recovers."""
        assert not self._shared, ONLY_OWN
        if self._server is None or not self._server.running:
            return
        children = children_of(self._server.pid)
        self._server.kill()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        # Until the last child is gone the shared memory is in use and a new postmaster refuses to start.
        wait_until(lambda: not any(map(is_alive, children)), STOP_LIMIT, "PostgreSQL's children are gone")

    def pause(self) -> None:
        """SIGSTOP to every server process: connections stay open and nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_all(signal.SIGCONT)

    def discard(self) -> None:
        """End it for good and remove its folder."""
        self.kill()
        CLUSTERS.pop(self.port, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    # administration

    def create_database(self, name: str | None = None) -> str:
        """A fresh database owned by a fresh role that may use nothing else; its SQLAlchemy url."""
        name = name or f"test_{secrets.token_hex(4)}"
        password = secrets.token_hex(12)
        connection, role = self._administrator(), sql.Identifier(name)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        self._create("CREATE DATABASE {0} OWNER {0}", name)
        return f"postgresql+psycopg://{name}:{password}@127.0.0.1:{self.port}/{name}"

    def promise_database(self) -> str:
        """The url of a database that is there once a store is installed there (copied_stores.py); of one role."""
        name = f"test_{secrets.token_hex(4)}"
        self._promised.add(name)
        return f"postgresql+psycopg://promised:{self._password_of_promised}@127.0.0.1:{self.port}/{name}"

    def _create_role_of_promised(self) -> None:
        role = sql.SQL("CREATE ROLE promised LOGIN PASSWORD {}").format(sql.Literal(self._password_of_promised))
        with self.connect() as connection:
            connection.execute(role)

    def is_promised(self, name: str) -> bool:
        return name in self._promised

    def keep_promise(self, name: str, template: str = "template1") -> None:
        """Make a promised database now, as a copy."""
        self._promised.remove(name)
        statement = sql.SQL("CREATE DATABASE {} OWNER promised TEMPLATE {}" + self._strategy())
        self._administrator().execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def is_untouched(self, name: str) -> bool:
        """Whether nobody has ever connected to that database, which stands where databases stand."""
        used = """SELECT numbackends + xact_commit + xact_rollback, spcname FROM pg_stat_database
            JOIN pg_database ON pg_database.oid = datid JOIN pg_tablespace AS place ON place.oid = dattablespace
            WHERE pg_database.datname = %s"""
        return self._administrator().execute(used, (name,)).fetchone() == (0, "pg_default")

    def copy(self, template: str, name: str) -> None:
        """Makes a database anew as a copy of one that was promised, with nobody connected to either; its role gets the
        rights of the other's.  psycopg.errors.ObjectInUse."""
        self._administrator().execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        self._create("CREATE DATABASE {0} OWNER {0} TEMPLATE {1}", name, template)
        self._administrator().execute(sql.SQL("GRANT promised TO {}").format(sql.Identifier(name)))

    def _strategy(self) -> LiteralString:  # where files are written at once, half the price
        return " STRATEGY file_copy" if self.folder.is_relative_to("/dev/shm") else ""  # noqa: S108

    def _create(self, statement: LiteralString, *names: str) -> None:
        connection = self._administrator()
        connection.execute(sql.SQL(statement + self._strategy()).format(*map(sql.Identifier, names)))
        forbid = sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC")
        connection.execute(forbid.format(sql.Identifier(names[0])))

    def use_tablespace(self, url: str, place: Path) -> None:
        """Moves a database, with nobody connected, to a folder that is handed over to the server."""
        shutil.chown(place, "postgres", "postgres")
        name = f"small_{secrets.token_hex(4)}"
        with self.connect() as connection:
            literal, space = sql.Literal(os.fspath(place)), sql.Identifier(name)
            connection.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(space, literal))
            database = sql.Identifier(url.rpartition("/")[2])
            connection.execute(sql.SQL("ALTER DATABASE {} SET TABLESPACE {}").format(database, space))

    def drop_database(self, url_or_name: str) -> None:
        """Remove a database and its role, breaking the connections that are left."""
        name = url_or_name.rpartition("/")[2]
        if name in self._promised:
            self._promised.remove(name)
            return
        connection, identifier = self._administrator(), sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        if "//promised:" not in url_or_name:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(identifier))

    def dump(self, url: str, path: Path) -> None:
        """A backup of a database as it is now, while it is used."""
        self._run("pg_dump", "--format=custom", f"--file={path}", f"--dbname={url.rpartition('/')[2]}")

    def restore(self, url: str, path: Path) -> None:
        """The database as it was at its backup; connections that are left break."""
        name = sql.Identifier(url.rpartition("/")[2])
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
        self._run("pg_restore", "--exit-on-error", f"--dbname={url.rpartition('/')[2]}", str(path))

    def _run(self, program: str, *arguments: str) -> None:
        to = ["--host=127.0.0.1", f"--port={self.port}", f"--username={self.admin}"]
        done = subprocess.run([self._programs / program, *to, *arguments], capture_output=True, text=True, check=False,
                              env={**os.environ, "PGPASSWORD": self.password})  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """An administrator's connection, autocommit."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            dbname=database,
            user=self.admin,
            password=self.password,
            autocommit=True,
            connect_timeout=10,
        )

    def _administrator(self) -> psycopg.Connection[Any]:
        """One connection for all of these, as long as it lasts."""
        if self._administering is not None and not self._administering.closed:
            with contextlib.suppress(psycopg.OperationalError):
                self._administering.execute("SELECT 1")
                return self._administering
        self._administering = self.connect()
        return self._administering

    def log_tail(self, lines: int = 40) -> str:
        result = []
        for log in sorted((self.folder / "log").glob("*")):
            result += [f"--- {log.name}", *log.read_text("utf-8", "replace").splitlines()[-lines:]]
        return "\n".join(result)

    def _answers(self) -> bool:
        assert self._server is not None
        if not self._server.running:
            raise RuntimeError(f"postgres ended with {self._server.returncode}")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._server is not None
        for pid in [self._server.pid, *children_of(self._server.pid)]:
            os.kill(pid, number)
