"""What a learning platform sends becomes records by the campaign's file: once, by its rights, and back by voiding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chassis.events.sealed_text import decipher
from chassis.store import subject_keys
from chassis.store.schema import statement_actors, statement_tallies, statements
from services.participation.records.projections import records
from services.participation.registry.handlers import erase_person
from services.participation.xapi import stored_statements
from services.participation.xapi.queries import statement_kinds, unmapped_groups
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.platform import COMPLETED, COURSE, MOODLE, XAPI, Platform, completed, district, mapped

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
FIRST_ID, SECOND_ID = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee", "7790e6c9-3ef0-4ed3-8b37-7f3964730bee"


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = district(tmp_path)
    mapped(replica)
    yield replica
    replica.runtime.store.close()


@pytest.fixture
def moodle(replica: Replica) -> Platform:
    return Platform(replica)


def voiding(target: str, **more: Any) -> dict[str, Any]:
    return completed(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": target}, **more)


def recorded(replica: Replica) -> list[tuple[str, str, str, str]]:
    rows = replica.rows(records)
    return [(row.record_id, row.kind, row.person_id, row.unit_id) for row in rows if not row.withdrawn_at]


def test_a_statement_becomes_the_record_of_its_person_in_the_unit_of_that_day(moodle: Platform) -> None:
    (statement_id,) = moodle.post(completed(id=FIRST_ID))
    assert statement_id == FIRST_ID
    (row,) = moodle.replica.rows(records)
    assert (row.record_id, row.kind, row.person_id, row.unit_id) == (FIRST_ID, "attendance", "P1", "S1")
    assert row.day == "2022-12-01"
    with moodle.replica.runtime.store.reading() as connection:
        key = subject_keys.existing_keys(connection, ["P1"])["P1"]
    texts = [decipher(text, "P1", key) for text in (row.title, row.evidence)]
    assert texts == ["师德研修", f"{MOODLE}/course/view.php?id=1"]
    assert moodle.states() == ["recorded"]


def test_what_bears_no_id_and_is_sent_again_is_one_record(moodle: Platform) -> None:
    first = moodle.post(completed(), completed("p2"))
    assert moodle.post(completed(), completed("p2")) == first
    assert moodle.post(completed(), completed(timestamp="2022-12-02T09:00:00+08:00"))[0] == first[0]
    assert len(recorded(moodle.replica)) == 3


def test_the_same_statement_again_changes_nothing_and_another_one_of_its_id_is_a_conflict(moodle: Platform) -> None:
    moodle.post(completed(id=FIRST_ID))
    assert moodle.call("PUT", body=completed(id=FIRST_ID), query={"statementId": FIRST_ID}).status_code == 204
    assert moodle.call("PUT", body=completed(id=FIRST_ID.upper()), query={"statementId": FIRST_ID}).status_code == 204
    other = moodle.call("PUT", body=completed("p2"), query={"statementId": FIRST_ID})
    assert (other.status_code, json.loads(other.get_data())["code"]) == (409, "conflict")
    batch = moodle.call("POST", body=[completed(id=SECOND_ID), completed("p2", id=FIRST_ID)])
    assert batch.status_code == 409
    assert recorded(moodle.replica) == [(FIRST_ID, "attendance", "P1", "S1")]


def test_of_a_batch_with_a_bad_statement_nothing_is_taken_and_the_fault_is_named(moodle: Platform) -> None:
    response = moodle.call("POST", body=[completed(id=FIRST_ID), completed(verb={"id": "no scheme"})])
    assert response.status_code == 400
    assert json.loads(response.get_data())["detail"] == "[1] verb.id: not an IRI with a scheme"
    assert moodle.states() == []


def test_a_voided_statement_takes_its_record_back(moodle: Platform) -> None:
    moodle.post(completed(id=FIRST_ID))
    moodle.post(voiding(FIRST_ID))
    assert recorded(moodle.replica) == []
    assert moodle.states() == ["recorded", "recorded"]
    moodle.get(404, statementId=FIRST_ID)
    assert moodle.get(voidedStatementId=FIRST_ID)["id"] == FIRST_ID
    moodle.post(completed(id=FIRST_ID))
    assert recorded(moodle.replica) == []


def test_a_voiding_that_comes_first_or_in_the_same_body_leaves_no_record(moodle: Platform) -> None:
    moodle.post(voiding(FIRST_ID))
    moodle.post(completed(id=FIRST_ID))
    moodle.post(completed("p2", id=SECOND_ID), voiding(SECOND_ID))
    assert recorded(moodle.replica) == []
    moodle.get(404, statementId=SECOND_ID)
    twice = moodle.post(voiding(FIRST_ID, timestamp="2022-12-03T09:00:00Z"))
    assert moodle.call("POST", body=voiding(twice[0])).status_code == 400


def test_a_row_that_waits_is_cancelled_by_voiding(moodle: Platform) -> None:
    moodle.post(completed("p9", id=FIRST_ID))
    assert moodle.states() == ["waiting"]
    moodle.post(voiding(FIRST_ID))
    moodle.replica.submit("membership", person_id="P9", name="许悦", role="teacher", unit_id="S1", from_="2020-09-01")
    moodle.replica.settle()
    assert recorded(moodle.replica) == []


def test_a_row_that_waits_becomes_a_record_when_its_person_comes(moodle: Platform) -> None:
    moodle.post(completed("p9", id=FIRST_ID))
    moodle.replica.submit("membership", person_id="P9", name="许悦", role="teacher", unit_id="S1", from_="2020-09-01")
    moodle.replica.settle()
    assert recorded(moodle.replica) == [(FIRST_ID, "attendance", "P9", "S1")]
    moodle.post(voiding(FIRST_ID))
    assert recorded(moodle.replica) == []


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"success": True, "score": {"scaled": 0.6}, "duration": "PT40M"}, "recorded"),
        ({"success": True, "score": {"scaled": 0.59}, "duration": "PT40M"}, "unmapped not_reached"),
        ({"success": False, "score": {"scaled": 1}, "duration": "PT40M"}, "unmapped not_reached"),
        ({"success": True, "score": {"scaled": 1}, "duration": "PT39M59S"}, "unmapped not_reached"),
        ({"success": True}, "unmapped not_reached"),
    ],
)
def test_what_the_file_asks_of_the_result_has_to_be_reached(
    moodle: Platform, result: dict[str, Any], state: str
) -> None:
    quiz = {"id": f"{MOODLE}/mod/quiz/view.php?id=7"}
    moodle.post(completed(verb={"id": "http://adlnet.gov/expapi/verbs/attended"}, object=quiz, result=result))
    assert moodle.states() == [state]


def test_the_hash_of_the_only_file_is_the_hash_of_the_work(moodle: Platform) -> None:
    text = "心得".encode()
    sha2 = hashlib.sha256(text).hexdigest()
    file = {"usageType": "http://example.com/t", "display": {"zh": "心得"}, "contentType": "text/plain",
            "length": len(text), "sha2": sha2}  # fmt: skip
    head = b"--B\r\nContent-Type: application/json\r\n\r\n" + json.dumps(completed(attachments=[file])).encode()
    part = b"\r\n--B\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: "
    body = head + part + sha2.encode() + b"\r\n\r\n" + text + b"\r\n--B--\r\n"
    kind = {"Content-Type": 'multipart/mixed; boundary="B"'}
    response = moodle.call("POST", raw=body, headers=kind)
    assert response.status_code == 200, response.get_data()
    events = [recorded.event() for recorded in moodle.replica.log()]
    assert [event.content_sha256 for event in events if type(event).__name__ == "RecordSubmitted"]  # type: ignore[attr-defined]
    spoiled = moodle.call("POST", raw=body.replace(text, "心法".encode()), headers=kind)
    assert spoiled.status_code == 400
    assert moodle.call("POST", body=completed(attachments=[file])).status_code == 400


def test_what_the_file_does_not_name_is_kept_counted_and_mapped_later(moodle: Platform) -> None:
    viewed = "http://id.tincanapi.com/verb/viewed"
    moodle.post(completed(verb={"id": viewed}, id=FIRST_ID), completed("p2", verb={"id": viewed}), completed())
    service = moodle.replica.service
    assert moodle.states() == ["unmapped no_statement", "unmapped no_statement", "recorded"]
    (tally,) = moodle.replica.rows(statement_tallies)
    counted = tally._mapping["count"]
    assert (tally.verb, tally.activity_type, tally.code, counted) == (viewed, COURSE, "no_statement", 2)
    with moodle.replica.runtime.store.reading() as connection:
        (group,) = unmapped_groups(connection, moodle.name)
        (kind,) = statement_kinds(connection, moodle.name)
    assert (group["account"], group["first_at"]) == (MOODLE, group["last_at"]) and group["example"] == {
        "statement_id": group["example"]["statement_id"], "at": group["last_at"], "activity_name": "师德研修",
        "activity": f"{MOODLE}/course/view.php?id=1", "account_form": "a0"}  # fmt: skip
    assert (kind["verb"], kind["state"], kind["count"], kind["voided"]) == (COMPLETED, "recorded", 1, 0)
    statement_rules = [{"record": "attendance", "verbs": [COMPLETED, viewed]}]
    mapped(moodle.replica, version=3, xapi=[{**XAPI[0], "statements": statement_rules}])
    assert service.statements.replay("", 0, OPERATOR, "") == {
        "looked_at": 2, "recorded": 2, "waiting": 0, "refused": 0, "unmapped": 0, "next": 0}  # fmt: skip
    assert len(recorded(moodle.replica)) == 3
    assert moodle.replica.rows(statement_tallies) == []
    assert service.statements.replay("", 0, OPERATOR, "")["looked_at"] == 0


def test_an_account_is_a_persons_once_the_operator_says_so_by_mail_too(moodle: Platform) -> None:
    by_mail = {"mbox": "mailto:Xu.Yue@example.cn"}
    hashed = {"mbox_sha1sum": hashlib.sha1(b"mailto:xu.yue@example.cn").hexdigest()}  # noqa: S324 - as xAPI has it
    by_number = {"account": {"homePage": "https://other.example.cn", "name": "77"}}
    moodle.post(*(completed(actor=actor) for actor in (by_mail, by_number)))
    assert moodle.states() == ["unmapped no_person", "unmapped no_person"]
    given = [{"actor": hashed, "person_id": "P1"}, {"actor": by_number, "person_id": "P2"}]
    assert moodle.replica.service.statements.name_actors(given, OPERATOR, "") == 2
    moodle.replica.service.statements.replay("moodle", 0, OPERATOR, "")
    assert sorted(row[2] for row in recorded(moodle.replica)) == ["P1", "P2"]


def test_rows_are_judged_by_the_publishers_rights(replica: Replica) -> None:
    of_s2 = Platform(replica, units=["S2"])
    of_s2.post(completed("p1"), completed("p2"))
    assert of_s2.states() == ["refused not_your_unit", "recorded"]
    other = Platform(replica, "other")
    other.post(completed())
    assert other.states() == ["unmapped no_platform"]
    assert len(of_s2.get()["statements"]) == 2 and len(other.get()["statements"]) == 1
    units = Platform(replica, "units", types=["unit"])
    assert units.call("POST", body=completed()).status_code == 403


def test_a_platform_keeps_to_the_quota_of_its_reports(moodle: Platform) -> None:
    publishers = moodle.replica.service.publishers
    publishers.change_publisher("moodle", {"rows_a_minute": 2}, OPERATOR, "")
    moodle.post(completed(), completed("p2"))
    over = moodle.call("POST", body=completed(timestamp="2022-12-03T09:00:00Z"))
    assert (over.status_code, len(recorded(moodle.replica))) == (429, 2)
    assert int(over.headers["Retry-After"]) > 0


def test_a_token_that_was_replaced_is_not_honoured(moodle: Platform) -> None:
    moodle.replica.service.publishers.rotate_publisher("moodle", OPERATOR, "")
    assert moodle.call("POST", body=completed()).status_code == 401
    assert moodle.call("POST", body=completed(), headers={"Authorization": "Basic bW9vZGxlOng="}).status_code == 401


def test_an_erasure_empties_the_statements_of_the_person_and_they_do_not_come_back(moodle: Platform) -> None:
    viewed = {"id": "http://id.tincanapi.com/verb/viewed"}
    moodle.post(completed(id=FIRST_ID), completed(verb=viewed), completed("p2", id=SECOND_ID))
    moodle.replica.service.statements.name_actors(
        [{"actor": {"mbox": "mailto:x@example.cn"}, "person_id": "P1"}], OPERATOR, ""
    )
    runtime = moodle.replica.runtime
    result = erase_person(runtime.store, runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert result["erased"]["statements"] == 2
    bodies = [row.body for row in moodle.replica.rows(statements)]
    assert sum(not body for body in bodies) == 2 and "p1" not in "".join(bodies)
    assert moodle.replica.rows(statement_actors) == []
    moodle.get(404, statementId=FIRST_ID)
    moodle.post(completed(id=FIRST_ID))
    assert sum(not row.body for row in moodle.replica.rows(statements)) == 2


def test_of_one_kind_only_so_many_are_kept_and_all_are_counted(
    moodle: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_statements, "MOST_OF_GROUP", 3)
    monkeypatch.setattr(stored_statements, "MOST_GROUPS", 2)
    for number in range(5):
        moodle.post(completed(verb={"id": "http://v.example/viewed"}, timestamp=f"2022-12-0{number + 1}T09:00:00Z"))
    for number in range(3):
        moodle.post(completed(verb={"id": f"http://v.example/{number}"}))
    tallies = {row.verb: row._mapping["count"] for row in moodle.replica.rows(statement_tallies)}
    assert tallies == {"http://v.example/viewed": 5, "http://v.example/0": 1, "": 2}
    assert sum(row.verb == "http://v.example/viewed" for row in moodle.replica.rows(statements)) == 3


def test_on_postgresql_they_are_kept_mapped_later_void_and_erased(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.promise_database()
    replica = district(tmp_path, url)
    moodle = Platform(replica)
    sent = [completed("p1" if number % 2 else "p2", timestamp=f"2022-12-{number + 1:02}T09:00:00Z")
            for number in range(20)]  # fmt: skip
    moodle.post(*sent)
    assert set(moodle.states()) == {"unmapped no_platform"}
    mapped(replica)
    assert replica.service.statements.replay("", 0, OPERATOR, "")["recorded"] == 20
    moodle.post(voiding(moodle.post(*sent)[0]))
    assert len(recorded(replica)) == 19
    assert len(moodle.get(limit="0")["statements"]) == 20
    runtime = replica.runtime
    result = erase_person(runtime.store, runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert (result["erased"]["statements"], result["scrubbed"]) == (10, True)
    replica.runtime.store.close()
    postgres.drop_database(url)


def test_without_a_campaign_statements_are_kept_until_there_is_one(tmp_path: Path) -> None:
    replica = district(tmp_path)
    platform = Platform(replica)
    platform.post(completed())
    assert platform.states() == ["unmapped no_platform"]
    replica.service.publishers.remove_publisher("moodle", OPERATOR, "")
    assert replica.rows(statements) == [] and replica.rows(statement_tallies) == []
    replica.runtime.store.close()
