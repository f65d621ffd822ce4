"""What a request stored before it was refused is not kept; what another request came to need is."""

import contextlib
import os
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from chassis.process.content_folder import LEFT_SECONDS
from services.participation.imports.spool import Spool
from services.publicity.content_store import ContentStore


class Keys:
    def of(self, names: Collection[str]) -> dict[str, bytes]:
        return dict.fromkeys(names, b"k" * 32)


class Refusal(Exception):
    pass


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path, Keys())  # type: ignore[arg-type]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_a_refused_request_stored_is_gone(store: ContentStore, tmp_path: Path) -> None:
    with contextlib.suppress(Refusal), store.discard_if_refused():
        store.store_content(["P1"], b"text")
        raise Refusal
    assert files(tmp_path) == []


def test_what_a_good_request_stored_stays_whatever_is_refused_later(store: ContentStore) -> None:
    with store.discard_if_refused():
        address = store.store_content(["P1"], b"text")
    with contextlib.suppress(Refusal), store.discard_if_refused():
        assert store.store_content(["P1"], b"text") == address
        raise Refusal
    assert store.read_content(["P1"], address) == b"text"


def test_what_two_requests_store_at_once_stays_when_one_of_them_is_good(store: ContentStore) -> None:
    with contextlib.suppress(Refusal), store.discard_if_refused():
        address = store.store_content(["P1"], b"text")
        with store.discard_if_refused():
            store.store_content(["P1"], b"text")
        raise Refusal
    assert store.read_content(["P1"], address) == b"text"


def test_a_refusal_leaves_what_another_request_is_still_deciding(store: ContentStore, tmp_path: Path) -> None:
    with contextlib.suppress(Refusal), store.discard_if_refused():
        address = store.store_content(["P1"], b"text")
        with contextlib.suppress(Refusal), store.discard_if_refused():
            store.store_content(["P1"], b"text")
            raise Refusal
        assert store.read_content(["P1"], address) == b"text"
        raise Refusal
    assert files(tmp_path) == []


def test_a_start_takes_away_what_was_being_written_when_the_process_was_ended(tmp_path: Path) -> None:
    old, new = time.time() - LEFT_SECONDS - 60, time.time()
    for name, written in (("ab/x.1.part", old), ("ab/y.2.part", new), ("1-a/0.raw", old), ("1-a/1.9f.new", old),
                          ("1-a/2.9f.new", new), ("1-a/0.rows", old)):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (written, written))
    ContentStore(tmp_path, Keys())  # type: ignore[arg-type]
    Spool(tmp_path).sweep(["1-a"])
    assert sorted(path.name for path in files(tmp_path)) == ["0.raw", "0.rows", "2.9f.new", "y.2.part"]
