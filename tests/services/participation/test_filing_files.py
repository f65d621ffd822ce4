"""Files of filings: put to the record when it counts, taken from it by a correction, shown to who may read them."""

from __future__ import annotations

from typing import Any

from contracts.evidence import EvidenceReceived
from services.participation.evidence.queries import files_of_records
from tests.services.participation.filing_client import FILE, FilingClient
from tests.services.participation.test_filings import attendance, client, drafted, session

__all__ = ["client"]


def test_kept_files_that_a_filing_names_are_put_to_its_record(client: FilingClient) -> None:
    received = ("S1", "", False, "签到表.pdf", "application/pdf", 9, FILE)  # a file of the unit
    with client.runtime.unit_of_work("service:test") as unit_of_work:
        unit_of_work.append(EvidenceReceived(FILE, *received))
    (name,) = drafted(client, "clerk1", session(evidence=[FILE, "b" * 64]), submit=True)
    with client.runtime.store.reading() as connection:
        rows = files_of_records(connection, [f"filing-{name}"])
    assert [(row.content, row.record_id) for row in rows] == [(FILE, f"filing-{name}")]


def receive(client: FilingClient, *contents: str, media_type: str = "application/pdf") -> None:
    """Files of the unit."""
    with client.runtime.unit_of_work("service:test") as unit_of_work:
        for content in contents:
            unit_of_work.append(
                EvidenceReceived(content, "S1", "", False, f"{content[:1]}.pdf", media_type, 9, content)
            )


def read_filing(client: FilingClient, who: str, name: str) -> Any:
    status, answer = client.ask(who, "GET", "/api/filings/<string(minlength=8):filing_id>", filing_id=name)
    assert status == 200, answer
    return answer


def put_to(client: FilingClient, name: str) -> set[str]:
    with client.runtime.store.reading() as connection:
        return {row.content for row in files_of_records(connection, [f"filing-{name}"])}


def test_a_correction_that_drops_a_file_takes_it_from_the_record(client: FilingClient) -> None:
    receive(client, FILE, "b" * 64)
    (name,) = drafted(client, "clerk1", session(evidence=[FILE]), submit=True)
    status, answer = client.change("clerk1", name, session(evidence=["b" * 64]), reason="传错了", revision=0)
    assert status == 200, answer
    assert put_to(client, name) == {"b" * 64}
    shown = read_filing(client, "clerk1", name)
    assert [(file["content"], file["name"], file["later"]) for file in shown["files"]] == [("b" * 64, "b.pdf", False)]
    assert shown["record_id"] == f"filing-{name}" and "attach" in shown["may"]


def test_files_are_listed_where_they_are_asked_for_and_only_to_who_may_read_them(client: FilingClient) -> None:
    receive(client, FILE)
    (name,) = drafted(client, "clerk1", session(evidence=[FILE]), submit=True)
    for who, shown in (("clerk1", [FILE]), ("leader", [])):
        (listed,) = client.ask(who, "GET", "/api/filings", query="files=true")[1]["filings"]
        assert [file["content"] for file in listed["files"]] == shown and listed["file_count"] == 1, who
        assert [file["content"] for file in read_filing(client, who, name)["files"]] == shown
    assert "files" not in client.ask("clerk1", "GET", "/api/filings")[1]["filings"][0]


def test_a_file_of_another_type_than_the_kind_asks_is_refused_when_it_is_submitted(client: FilingClient) -> None:
    receive(client, FILE, media_type="application/vnd.ms-excel")
    kind = next(
        each for each in client.ask("clerk1", "GET", "/api/record-kinds")[1]["kinds"] if each["id"] == "study_session"
    )
    assert kind["evidence"]["types"] and "sheet" not in kind["evidence"]["types"]
    status, answer = client.file("clerk1", session(evidence=[FILE]), submit=True)
    assert status == 422 and answer["problems"][0]["field"] == "evidence" and "请交" in answer["problems"][0]["message"]


def test_a_deed_of_several_persons_has_its_files_at_its_first_record_as_the_unit_s(client: FilingClient) -> None:
    receive(client, FILE)
    (name,) = drafted(client, "clerk1", {**attendance("t1", "t2"), "evidence": [FILE]}, submit=True)
    first = next(each for each in client.records() if each.startswith(f"filing-{name}"))
    with client.runtime.store.reading() as connection:
        rows = files_of_records(connection, list(client.records()))
    assert [(row.content, row.record_person) for row in rows] == [(FILE, "")], first
