"""PostgreSQL's stores are dumped at one moment while others write, and a dump that is not whole is found out."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pyrage
import pytest

from cli.backup.archive import Json, Writer, read_whole
from cli.backup.consistent_cut import ORDER, take_cut
from cli.backup.postgres import Dumps, PostgresSnapshots
from cli.backup.write_backup import make_backup
from cli.failure import Failure
from tests.support.postgres import Postgres

IDENTITY = pyrage.x25519.Identity.generate()
STORE = """CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('store_0001');
CREATE TABLE log_meta (key text, value text); INSERT INTO log_meta VALUES ('district', 'd'), ('epoch', 'e');
CREATE TABLE log_heads (partition int, position bigint, hash text); INSERT INTO log_heads VALUES (0, 7, 'h7');
CREATE TABLE log_events (id text, partition int, position bigint, body text, hash text);
INSERT INTO log_events SELECT 'COPY public.x FROM stdin;', 0, n, E'a\\t\\n\\\\.', 'h' || n FROM generate_series(1, 7) n;
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
        late = "INSERT INTO written VALUES ('late')"
        words = [*self.prefix, "psql", "-Xqd", self.databases["assessment"], "-c", late]
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
    assert about["stores"]["participation"]["heads"] == [{"partition": 0, "position": 7, "hash": "h7"}]
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
            dumps.compare({"assessment": {"heads": [{"partition": 0, "position": 7, "hash": "h7"}]}})


def head(position: int, **more: Any) -> dict[str, Any]:
    return {"district": "d", "service": "assessment", "partition": 0, "position": position, "hash": f"h{position}",
            "epoch": "e", "day": "2023-01-01", "signature": "00", **more}  # fmt: skip


def dumped(prefix: list[str], databases: dict[str, str], *heads: dict[str, Any]) -> Dumps:
    """What was read of assessment's store; the heads stand in the backup before it."""
    with PostgresSnapshots(prefix, databases) as snapshots:
        whole = b"".join(snapshots.dump("assessment"))
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for number, item in enumerate(heads):
            member = tarfile.TarInfo(f"./{number}.head.json")
            raw = json.dumps(item).encode()
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    dumps = Dumps(prefix)
    for name, data in (("heads.tar.000001", content.getvalue()), ("stores/assessment.dump.000001", whole)):
        sink = dumps(name)
        assert sink is not None
        sink.write(data)
        sink.close()
    return dumps


@pytest.mark.parametrize("where", [{"position": 6, "hash": "h6"}, {"position": 8, "hash": "h8"}, {"hash": "other"}])
def test_a_dumped_log_that_does_not_end_where_the_archive_says_is_found_out(
    prefix: list[str], databases: dict[str, str], where: dict[str, Any]
) -> None:
    state = {"assessment": {"heads": [{"partition": 0, "position": 7, "hash": "h7"} | where]}}
    with pytest.raises(Failure, match="assessment"):
        dumped(prefix, databases).compare(state)


def test_a_dumped_log_is_held_against_the_signed_heads(prefix: list[str], databases: dict[str, str]) -> None:
    """A head past the log's end says nothing of it."""
    heads = [head(3), head(5, hash="rewritten"), head(9), head(2, district="another"), head(1, service="publicity")]
    dumps = dumped(prefix, databases, *heads)
    dumps.compare({"assessment": {"heads": [{"partition": 0, "position": 7, "hash": "h7"}]}})
    contained, wrong = dumps.compare_heads("d")
    assert contained == [head(3)]
    assert [line.split("（")[0] for line in wrong] == [
        "assessment/0 2023-01-01 位置 5",
        "assessment/0 2023-01-01 位置 2",
    ]


def test_a_store_that_cannot_be_read_makes_no_backup(
    prefix: list[str], databases: dict[str, str], tmp_path: Path
) -> None:
    server = Server(prefix, databases | {"publicity": "nowhere"})
    with pytest.raises(Failure, match="publicity"):
        make_backup(tmp_path / "a.qihang", IDENTITY, server)
    assert list(tmp_path.iterdir()) == []
