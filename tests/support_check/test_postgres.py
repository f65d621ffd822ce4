"""The private database server does what the tests that use it take for granted."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.postgres import Postgres


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True)


def test_what_was_committed_survives_kill_9(own_postgres: Postgres) -> None:
    url = own_postgres.create_database()
    with connect(url) as connection:
        connection.execute("CREATE TABLE deeds (id int)")
        connection.execute("INSERT INTO deeds VALUES (7)")
    own_postgres.kill()
    assert not own_postgres.running
    own_postgres.resume_after_stop()
    with connect(url) as connection:
        assert connection.execute("SELECT id FROM deeds").fetchone() == (7,)


def test_a_restart_breaks_connections_and_keeps_the_address(own_postgres: Postgres) -> None:
    url = own_postgres.create_database()
    with connect(url) as connection:
        own_postgres.restart()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_role_enters_its_own_database_only(postgres: Postgres, database: str) -> None:
    foreign = postgres.create_database()
    with connect(database) as connection:
        assert connection.execute("SELECT current_user = current_database()").fetchone() == (True,)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect(database.rpartition("/")[0] + "/" + foreign.rpartition("/")[2])
    postgres.drop_database(foreign)


def test_fsync_is_on_and_a_password_is_needed(postgres: Postgres, database: str) -> None:
    with connect(database) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    user, _, rest = database.removeprefix("postgresql+psycopg://").partition(":")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{user}:wrong@{rest.partition('@')[2]}")
