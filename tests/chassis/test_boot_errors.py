"""What keeps a service from its start is said in one sentence: it ends where waiting cannot help, else it waits."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.store.database import Store
from tests.support.forks import ForkedProcess
from tests.support.postgres import Postgres
from tests.support.processes import Process, free_ports, wait_until
from tests.support.rabbitmq import RabbitMQ

LAUNCHER = "chassis.runtime.launcher"
Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    def start(**environment: str) -> Process:
        named = {"QIHANG_DATA": str(tmp_path), "QIHANG_HTTP_PORT": str(free_ports(1)[0]), **environment}
        return ForkedProcess(LAUNCHER, ["participation"], tmp_path / "log", env=named)

    return start


def installed(url: str) -> Store:
    store = Store(url, sa.MetaData(schema="rows", info={"migrations": "services.participation.migrations"}))
    store.install("participation", "district")
    return store


def logged(process: Process, event: str) -> dict[str, str]:
    """The first line of the log with that event, when it is there."""

    def line() -> dict[str, str] | None:
        lines = [json.loads(text) for text in process.output().splitlines() if text.startswith("{")]
        return next((each for each in lines if each["event"] == event), None)

    return wait_until(line, 60, process.output) or {}


def test_a_store_of_a_newer_version_ends_the_start(start: Start, url: Callable[[], str]) -> None:
    place = url()
    store = installed(place)
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'participation_9999' "
                                   "WHERE version_num <> 'store_0001'")  # fmt: skip
    store.close()
    process = start(QIHANG_DATABASE_URL=place)
    assert process.wait(60) == 1
    assert process.output().splitlines() == [
        "qihang: the store was made by a newer version of qihang (participation_9999): run that one"
    ]


def test_a_store_of_another_district_ends_the_start(start: Start, url: Callable[[], str]) -> None:
    place = url()
    installed(place).close()
    process = start(QIHANG_DATABASE_URL=place, QIHANG_DISTRICT="elsewhere")
    assert process.wait(60) == 1
    assert process.output().splitlines() == [
        "qihang: the store was made for district=district, this process has district=elsewhere"
    ]


def test_one_such_store_ends_the_whole_embedded_system(tmp_path: Path) -> None:
    installed(f"sqlite:///{tmp_path / 'participation' / 'store.db'}").close()
    words = ["embedded", "--data", tmp_path]
    process = ForkedProcess(LAUNCHER, words, tmp_path / "log", env={"QIHANG_DISTRICT": "elsewhere"})
    assert process.wait(60) == 1
    sentence = "qihang: the store was made for district=district, this process has district=elsewhere"
    assert [line for line in process.output().splitlines() if line.startswith("qihang")] == [sentence]
    assert "Traceback" not in process.output()


def test_a_role_that_may_not_use_its_database_ends_the_start(start: Start, postgres: Postgres) -> None:
    place = sa.make_url(postgres.create_database())
    change(place, f'REVOKE CREATE ON DATABASE "{place.database}" FROM CURRENT_USER')
    process = start(QIHANG_DATABASE_URL=place.render_as_string(hide_password=False))
    assert process.wait(60) == 1
    assert process.output().splitlines() == [
        f"qihang: the store cannot be used: permission denied for database {place.database}"
    ]


def test_a_database_that_may_only_be_read_is_named_and_waited_for(start: Start, postgres: Postgres) -> None:
    """A standby after a change of the primary, or a full disk behind it: that passes."""
    place = sa.make_url(postgres.create_database())
    change(place, "ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
    process = start(QIHANG_DATABASE_URL=place.render_as_string(hide_password=False))
    assert "read-only transaction" in logged(process, "store not ready, waiting for it")["error"]
    assert process.running and "Traceback" not in process.output()


def change(place: sa.URL, statement: str) -> None:
    with sa.create_engine(place).begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("wrong", ["password", "database", "port"])
def test_a_database_that_does_not_let_it_in_is_named_and_waited_for(
    start: Start, postgres: Postgres, wrong: str
) -> None:
    place = sa.make_url(postgres.create_database())
    place = place.set(**{wrong: free_ports(1)[0] if wrong == "port" else "none"})
    process = start(QIHANG_DATABASE_URL=place.render_as_string(hide_password=False))
    reason = logged(process, "store not ready, waiting for it")["error"]
    expected = {"password": "password authentication failed", "database": 'database "none" does not exist',
                "port": "onnection refused"}  # fmt: skip
    assert expected[wrong] in reason and "\n" not in reason and "sqlalche" not in reason
    assert process.running and "Traceback" not in process.output()


@pytest.mark.parametrize("wrong", ["password", "port"])
def test_a_broker_that_does_not_let_it_in_is_named_and_waited_for(
    start: Start, rabbitmq: RabbitMQ, vhost: str, wrong: str
) -> None:
    address = sa.make_url(rabbitmq.url(vhost)).set(**{wrong: free_ports(1)[0] if wrong == "port" else "none"})
    process = start(QIHANG_AMQP_URL=address.render_as_string(hide_password=False))
    reason = logged(process, "broker away")["error"]
    assert {"password": "ACCESS_REFUSED", "port": "REFUSED"}[wrong] in reason and "\n" not in reason
    assert process.running and "Traceback" not in process.output()


def test_a_port_that_is_taken_ends_the_start(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(QIHANG_HTTP_PORT=str(taken.getsockname()[1]))
        assert process.wait(60) == 1
    (line,) = process.output().splitlines()
    assert line.startswith("qihang: ") and "in use" in line
