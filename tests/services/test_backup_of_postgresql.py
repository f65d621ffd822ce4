"""PostgreSQL's stores are dumped at one moment while others write, and a dump that is not whole is found out."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pyrage
import pytest

from cli.backup.archive import Json, Writer, read_whole
from cli.backup.cut import ORDER, take_cut
from cli.backup.making import make_backup
from cli.backup.postgres import Dumps, PostgresSnapshots
from cli.failure import Failure
from tests.support.postgres import Postgres

IDENTITY = pyrage.x25519.Identity.generate()
STORE = """CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('store_0001');
CREATE TABLE log_meta (key text, value text); INSERT INTO log_meta VALUES ('district', 'd'), ('epoch', 'e');
CREATE TABLE log_heads (partition int, position bigint, hash text); INSERT INTO log_heads VALUES (0, 7, 'h');
CREATE TABLE inbox_events (source text, partition int, position bigint);
CREATE TABLE inbox_cursors (source text, partition int, position bigint);
CREATE TABLE written (text text); INSERT INTO written SELECT md5(n::text) FROM generate_series(1, 20000) n;"""


@pytest.fixture
def prefix(postgres: Postgres) -> list[str]:
    """How the server's programs reach it."""
    return ["env", "PGHOST=127.0.0.1", f"PGPORT={postgres.port}", f"PGUSER={postgres.admin}",
           f"PGPASSWORD={postgres.password}"]  # fmt: skip


@pytest.fixture
def databases(postgres: Postgres) -> Iterator[dict[str, str]]:
    urls = {store: postgres.create_database() for store in ORDER}
    for url in urls.values():
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(STORE)
    yield {store: url.rpartition("/")[2].partition("?")[0] for store, url in urls.items()}
    for url in urls.values():
        postgres.drop_database(url)


class Server:
    """What `Containers` is, without Docker and volumes."""

    kind = "containers"

    def __init__(self, prefix: list[str], databases: dict[str, str]) -> None:
        self.prefix, self.databases = prefix, databases

    def write(self, about: Json, out: Writer) -> None:
        def dump(snapshots: Any, states: Json) -> None:
            self.write_more()
            out.add_about(about | {"stores": states, "erased": []})
            for store in ORDER:
                out.add_stream(f"stores/{store}.dump", snapshots.dump(store))

        take_cut(lambda: PostgresSnapshots(self.prefix, self.databases), dump)

    def write_more(self) -> None:
        """While the snapshots are open."""
        words = [
            *self.prefix,
            "psql",
            "-Xqd",
            self.databases["assessment"],
            "-c",
            "INSERT INTO written VALUES ('late')",
        ]
        subprocess.run(words, check=True)

    @contextlib.contextmanager
    def checking(self) -> Iterator[Dumps]:
        dumps = Dumps(self.prefix)
        try:
            yield dumps
        finally:
            dumps.end()


def test_what_was_dumped_at_one_moment_is_whole_and_can_be_restored(
    prefix: list[str], databases: dict[str, str], tmp_path: Path
) -> None:
    server, out = Server(prefix, databases), tmp_path / "a.qihang"
    about = make_backup(out, IDENTITY, server)
    assert about["stores"]["participation"]["heads"] == [{"partition": 0, "position": 7, "hash": "h"}]
    dump = bytearray()

    class Kept:
        write = staticmethod(dump.extend)

        def close(self) -> None:
            """Nothing to close."""

    read_whole(out, IDENTITY, lambda name: Kept() if name.startswith("stores/assessment.dump") else None)
    words = [*prefix, "pg_restore", "--file=-", "--data-only", "--table=written"]
    restored = subprocess.run(words, input=bytes(dump), capture_output=True, check=True).stdout.decode()
    assert "98f13708210194c475687be6106a3b84" in restored and "late" not in restored


def test_a_dump_that_is_cut_off_is_found_out(prefix: list[str], databases: dict[str, str]) -> None:
    with PostgresSnapshots(prefix, databases) as snapshots:
        whole = b"".join(snapshots.dump("assessment"))
    for content, fits in ((whole, True), (whole[: len(whole) // 2], False)):
        dumps = Dumps(prefix)
        sink = dumps("stores/assessment.dump.000001")
        assert sink is not None
        sink.write(content)
        with nullcontext() if fits else pytest.raises(Failure, match="assessment"):
            dumps.compare({"assessment": {}})


def test_a_store_that_cannot_be_read_makes_no_backup(
    prefix: list[str], databases: dict[str, str], tmp_path: Path
) -> None:
    server = Server(prefix, databases | {"publicity": "nowhere"})
    with pytest.raises(Failure, match="publicity"):
        make_backup(tmp_path / "a.qihang", IDENTITY, server)
    assert list(tmp_path.iterdir()) == []
