"""An outside system reads public events by a cursor with its own token, what it may and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema import Draft202012Validator
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.events.envelope import BATCH
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.runtime.extensions import unstarted
from chassis.store.schema import events
from docs.generate.contracts import FROZEN
from services.participation.registry.handlers import erase_person
from services.participation.service import Service
from services.participation.subscribers import queries
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.outside_system import attendance, two_schools
from tests.support.postgres import Postgres

KEY_HOLDER = Actor("operator", "operator", frozenset({"operator"}))


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = two_schools(tmp_path)
    object.__setattr__(replica.runtime.settings, "check_responses", 1)
    for number in range(1, 4):
        assert replica.submit("record", **attendance(f"R{number}")).outcome == "accepted"
    assert replica.submit("record", **attendance("R4", "P2")).outcome == "accepted"
    yield replica
    replica.runtime.store.close()


class Reader:
    """A subscription that was just added."""

    def __init__(self, replica: Replica, name: str = "dashboard", **rights: Any) -> None:
        self.replica, self.name = replica, name
        given = {"name": name, "types": ["*"], "units": [], "personal": False} | rights
        added = replica.service.subscriptions.add(given, KEY_HOLDER, "")
        self.actor = self.bearer_of(added["token"])

    def bearer_of(self, token: str) -> Actor:
        import jwt

        claims = jwt.decode(token, options={"verify_signature": False})
        return Actor(claims["iss"], claims["sub"], frozenset(claims["roles"]), generation=claims["generation"])

    def ask(self, after: str = "", limit: int = 200, name: str = "", authorization: str = "Bearer own") -> Any:
        query = f"after={after}&limit={limit}"
        path = f"/api/subscriptions/{name or self.name}/events"
        environment = EnvironBuilder(
            path=path, query_string=query, headers={"Authorization": authorization}
        ).get_environ()
        self.replica.service.runtime.verifier.actor = lambda _: self.actor
        return self.replica.service.public_events(Request(environment), name=name or self.name)

    def read(self, after: str = "", limit: int = 200) -> list[dict[str, Any]]:
        answer = self.ask(after, limit)
        assert answer.status_code == 200 and answer.content_type == BATCH, answer.get_data(as_text=True)
        read: list[dict[str, Any]] = json.loads(answer.get_data())
        return read

    def code(self, **asked: Any) -> tuple[int, str]:
        answer = self.ask(**asked)
        return answer.status_code, json.loads(answer.get_data())["code"]


def short(event: dict[str, Any]) -> str:
    return str(event["type"]).removeprefix("qihang.public.").removesuffix(".v1")


def test_everything_is_read_in_the_order_of_the_log_and_of_its_schema(replica: Replica) -> None:
    read = Reader(replica).read()
    assert [short(each) for each in read] == [
        "unit.registered", "membership.started", "unit.registered", "membership.started", *["record.accepted"] * 4,
    ]  # fmt: skip
    for each in read:
        assert each["specversion"] == "1.0" and each["source"].endswith("/public")
        schema = json.loads((FROZEN / f"{each['type']}.schema.json").read_text())
        Draft202012Validator(schema).validate(each["data"])
    positions = [int(each["cursor"].partition(".")[0]) for each in read]
    assert positions == sorted(positions)
    assert not any(text in json.dumps(read, ensure_ascii=False) for text in ("许悦", "P1", "R1", "集中学习"))


def test_pages_follow_each_other_and_every_cursor_can_be_read_again(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(replica)
    whole = reader.read()
    monkeypatch.setattr(queries, "SCANNED", 3)
    after, pages, more = "", [], "true"
    while more == "true":
        answer = reader.ask(after, 2)
        pages += json.loads(answer.get_data())
        after, more = answer.headers["X-Qihang-Next"], answer.headers["X-Qihang-More"]
        assert f"after={after}" in answer.headers["Link"]
    assert pages == whole
    for index, each in enumerate(whole):
        assert (reader.read(each["cursor"], 1) or [None])[0] == ([*whole, None][index + 1])
    assert reader.read(after) == []
    replica.submit("record", **attendance("R5"))
    assert [short(each) for each in reader.read(after)] == ["record.accepted"]


def test_a_log_of_three_partitions_on_postgresql_is_read_in_one_order(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.promise_database()
    settings = Settings(data=str(tmp_path), database_url=url, partitions=3)
    replica = Replica(unstarted(Service, settings))
    replica.runtime.store.install("participation", "district")
    cluster.campaign(replica)
    cluster.district(replica)
    for number in range(12):
        assert replica.submit("record", **attendance(f"R{number}")).outcome == "accepted"
    reader = Reader(replica, personal=True)
    whole = reader.read()
    assert [each["data"]["record_id"] for each in whole[2:]] == [f"R{number}" for number in range(12)]
    assert {each["data"]["title"] for each in whole[2:]} == {"集中学习"}
    assert len({each["id"].split("-")[1] for each in whole}) == 3
    for index, each in enumerate(whole[:-1]):
        assert reader.read(each["cursor"], 1) == [whole[index + 1]]
    assert reader.code(after="1.abcdefabcdef") == (400, "bad_cursor")
    replica.runtime.store.close()
    postgres.drop_database(url)


def test_who_begins_at_the_end_reads_what_comes(replica: Replica) -> None:
    reader = Reader(replica, personal=True)
    answer = reader.ask("end")
    assert (json.loads(answer.get_data()), answer.headers["X-Qihang-More"]) == ([], "false")
    replica.submit("withdrawal", record_id="R1", withdrawn_at="2022-12-02T09:00:00", reason="重复")
    (read,) = reader.read(answer.headers["X-Qihang-Next"])
    assert (short(read), read["data"]["unit_id"], read["subject"]) == ("record.withdrawn", "S1", "record/R1")
    assert "重复" not in json.dumps(read, ensure_ascii=False)


def test_only_the_types_and_units_that_are_named_are_read(replica: Replica) -> None:
    read = Reader(replica, types=["record.accepted", "unit"], units=["S2"], personal=True).read()
    assert [(short(each), each["data"]["unit_id"]) for each in read] == [
        ("unit.registered", "S2"), ("record.accepted", "S2"),
    ]  # fmt: skip
    assert (read[1]["data"]["person_id"], read[1]["data"]["title"]) == ("P2", "集中学习")


def test_an_erased_person_never_comes_back(replica: Replica) -> None:
    personal, other = Reader(replica, "staff", personal=True), Reader(replica)
    pseudonyms = {each["data"].get("person_id") for each in other.read()}
    assert "许悦" in json.dumps(personal.read(), ensure_ascii=False)
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    left = {"person_id": "P1", "unit_id": "S1", "from_": "2020-09-01", "to": "2023-09-01"}
    assert replica.submit("membership_ended", **left).outcome == "accepted"
    back = {"person_id": "P1", "name": "许悦", "role": "teacher", "unit_id": "S2", "from_": "2023-09-01"}
    assert replica.submit("membership", **back).outcome == "accepted"
    read = personal.read()
    erased = [short(each) for each in read].index("person.erased")
    assert read[erased]["data"] == {"person_id": "P1"}
    theirs = [each["data"] for each in read[:erased] if "unit.registered" not in each["type"]]
    shown = [data["person_id"] for data in theirs if {"person_id", "name", "title"} & data.keys()]
    assert (len(theirs), shown) == (6, ["P2", "P2"])
    assert [each["data"].get("name") for each in read[erased + 1 :]] == [None, "许悦"]
    still = {each["data"].get("person_id") for each in other.read()}
    assert len(pseudonyms & still) == 2  # none of units, and P2's
    assert "person.erased" not in [short(each) for each in other.read()]


def test_its_token_ends_when_it_is_rotated_or_revoked_and_opens_nothing_else(replica: Replica) -> None:
    reader = Reader(replica)
    Reader(replica, "other")
    assert reader.code(name="other") == (403, "not_yours")
    handlers = replica.service.subscriptions
    fresh = reader.bearer_of(handlers.rotate("dashboard", KEY_HOLDER, "")["token"])
    assert reader.code() == (401, "token_revoked")
    reader.actor = fresh
    assert reader.read()
    handlers.revoke("dashboard", KEY_HOLDER, "")
    assert reader.code() == (401, "token_revoked")
    assert [each["name"] for each in handlers.shown()] == ["other"]
    reader.actor = Actor("participation", "other", frozenset({"publisher"}), generation=fresh.generation)
    assert reader.ask(name="other").status_code == 403


def test_basic_with_the_token_as_password_does_as_well(replica: Replica) -> None:
    reader = Reader(replica)
    given = base64.b64encode(b"dashboard:token").decode()
    assert reader.ask(authorization=f"Basic {given}").status_code == 200


def test_a_cursor_that_is_none_or_past_a_restored_log_is_refused(replica: Replica) -> None:
    reader = Reader(replica)
    for bad in ("x", "1", "1.abc", "1.zzzzzzzzzzzz", "0.-0.", "٣.000000000000"):
        assert reader.code(after=bad) == (400, "bad_cursor")
    assert reader.code(after="2.000000000000") == (410, "lost_cursor")
    assert reader.code(after="999999.000000000000") == (410, "lost_cursor")
    end = reader.ask("end").headers["X-Qihang-Next"]
    with replica.runtime.store.engine.begin() as connection:
        last = sa.select(sa.func.max(events.c.position)).scalar_subquery()
        connection.execute(sa.delete(events).where(events.c.position == last))
    assert reader.code(after=end) == (410, "lost_cursor")


def test_a_name_is_added_once_and_only_by_the_operators_own_key(replica: Replica) -> None:
    Reader(replica)
    with pytest.raises(Problem, match="subscription_exists"):
        Reader(replica)
    with pytest.raises(Problem, match="unknown_subscription"):
        replica.service.subscriptions.rotate("nobody", KEY_HOLDER, "")
    with pytest.raises(Problem, match="bad_type"):
        Reader(replica, "oa", types=["finding"])
    with pytest.raises(Problem, match="bad_name"):
        Reader(replica, "O A")
