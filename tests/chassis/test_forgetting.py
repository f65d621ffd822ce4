"""What must be unreadable: every personal field is sealed, and erasing reaches the bodies in quarantine."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import MetaData

from chassis.events.sealed_text import decipher
from chassis.messaging import quarantine
from chassis.messaging.quarantine import Entry
from chassis.store import subject_keys
from chassis.store.database import Store
from chassis.store.schema import quarantine as quarantined
from contracts.participation import MembershipStarted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    result = Store(f"sqlite:///{tmp_path / 'store.db'}", MetaData())
    result.install("participation", "district")
    return result


@pytest.mark.parametrize("name", ["王小明", "k1:王小明", "k1:"])
def test_a_name_is_sealed_whatever_it_begins_with(name: str) -> None:
    key = bytes(range(32))
    sealed = subject_keys.seal(MembershipStarted("P1", "U1", "teacher", "2020-01-01", "", "d", name), lambda _: key)
    assert isinstance(sealed, MembershipStarted)
    assert name not in sealed.name.removeprefix("k1:") or name == "k1:"
    assert sealed.name != name
    assert decipher(sealed.name, "P1", key) == name
    assert decipher(sealed.name, "P1", None) is None


def test_erasing_empties_the_bodies_that_name_the_person_and_no_others(store: Store) -> None:
    about = Entry("intake", "bad_event", '{"person_id": "P00017", "name": "王小明"}'.encode())
    other = Entry("intake", "bad_event", b'{"person_id": "P00018"}')
    with store.writing() as connection:
        quarantine.add(connection, "2026-01-01T00:00:00.000000Z", [about, other])
        assert quarantine.erase(connection, "P00017") == 1
    with store.reading() as connection:
        kept = quarantine.read_entry(connection, 1), quarantine.read_entry(connection, 2)
    assert kept[0] is not None
    assert (kept[0]["body"], kept[0]["state"]) == ("", "discarded")
    with store.reading() as connection:
        digests = connection.execute(sa.select(quarantined.c.digest).order_by(quarantined.c.entry)).scalars().all()
    assert digests == ["", quarantine.digest(b"intake\0" + other.body)], "by which a guess could be tried"
    assert kept[1] is not None
    assert kept[1]["body"] == '{"person_id": "P00018"}'
