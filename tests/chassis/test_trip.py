"""Writes that go out together: all of them or none, whatever they hold, and the line is good afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chassis.store.write_batch import NotCached, PipelineConnection, WriteBatch

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

INSERT = "INSERT INTO kept VALUES (%s, %s, %s)"


@pytest.fixture
def line(postgres: Postgres) -> Iterator[PipelineConnection]:
    url = postgres.create_database()
    driver = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    driver.execute("CREATE TABLE kept (number bigint PRIMARY KEY, text text, bytes bytea)")
    pipeline_connection = PipelineConnection(driver)
    yield pipeline_connection
    pipeline_connection.close()
    postgres.drop_database(url)


def kept(line: PipelineConnection) -> list[Any]:
    return line.ask([("SELECT * FROM kept ORDER BY number", {})])[0]


def test_what_is_taken_is_there(line: PipelineConnection) -> None:
    awkward = ["", "a'b", 'c"d', "e\\f", "%s", "$1", "启航", "{g}", "NULL", "h\ni"]
    rows = [(number, text, bytes(range(256))) for number, text in enumerate(awkward)]
    assert line.take([(INSERT, row) for row in rows], lambda: "answer") == "answer"
    assert kept(line) == rows
    line.take([(INSERT, (-1, None, None)), ("UPDATE kept SET text = %s WHERE number < %s", ("x", 1))], lambda: None)
    assert kept(line)[:2] == [(-1, "x", None), (0, "x", bytes(range(256)))]


def test_all_of_it_or_nothing(line: PipelineConnection) -> None:
    for _ in range(3):  # the statements of a trip that failed are known to nobody
        with pytest.raises(psycopg.errors.UniqueViolation):
            line.take([(INSERT, (1, "a", b"")), (INSERT, (1, "b", b"")), ("DELETE FROM kept", ())], lambda: None)
        assert kept(line) == []
    line.take([("DELETE FROM kept", ()), (INSERT, (1, "a", b""))], lambda: None)
    assert kept(line) == [(1, "a", b"")]


def test_the_server_keeps_each_statement_once(line: PipelineConnection) -> None:
    for number in range(9):
        line.take([(INSERT, (number, "a", b"")), (INSERT, (-number - 1, "b", b""))], lambda: None)
    assert line.ask([("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'trip%%'", {})])[0] == [(1,)]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_text_cannot_hold_is_not_sent(line: PipelineConnection, text: str) -> None:
    with pytest.raises(NotCached):
        line.take([(INSERT, (1, "a", b"")), (INSERT, (2, text, b""))], lambda: None)
    assert kept(line) == []
    line.take([(INSERT, (1, "a", b""))], lambda: None)
    assert len(kept(line)) == 1


def test_a_line_that_is_cut_says_so(line: PipelineConnection, postgres: Postgres) -> None:
    line.take([(INSERT, (1, "a", b""))], lambda: None)
    pid = line.driver.info.backend_pid
    with postgres.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(psycopg.OperationalError):
        line.take([(INSERT, (2, "a", b""))], lambda: None)


def test_what_was_said_meanwhile_goes_when_it_raises(line: PipelineConnection) -> None:
    def meanwhile() -> None:
        raise RuntimeError("no answer could be made")

    with pytest.raises(RuntimeError):
        line.take([(INSERT, (1, "a", b""))], meanwhile)


def test_who_would_be_answered_must_do_without_a_trip() -> None:
    trip = WriteBatch()
    trip.write(INSERT, (1, "a", b""))
    with pytest.raises(NotCached):
        trip.execute("SELECT 1")
    assert trip.writes == [(INSERT, (1, "a", b""))]
