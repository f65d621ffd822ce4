"""A person asks to be forgotten: what is personal is readable nowhere, and no figure of any unit changes."""

from __future__ import annotations

import json
from pathlib import Path

from contracts.personal_data import Fate
from tests.journeys import canaries
from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import figures, note, report_events, study, teacher, unit
from tests.support.processes import wait_until
from tests.support.reported import event
from tests.support.stores import every_cell, raw_bytes
from tests.support.system import DistrictSystem

NAME, ILLNESS, TITLE, LATER = "欧阳金丝雀", "金丝雀的病假", "金丝雀的思想总结", "金丝雀的另一篇"
CANARY, MAIL_CANARY = "金丝雀", "jinsique"
DAY = "2022-12-08"


def occurrences(system: AnySystem) -> list[str]:
    """Where the canary can be read, as text or as the escapes of JSON, in any row of any store."""
    escaped = CANARY.encode("unicode_escape").decode()
    return sorted({f"{service}.{table}.{column}" for service, table, row in every_cell(system)
                   for column, text in row.items() if CANARY in text or escaped in text})  # fmt: skip


def keys_by_service(system: AnySystem) -> list[tuple[str, str]]:
    """Service, and whose key it has."""
    return [(service, row["subject"]) for service, table, row in every_cell(system) if table == "subject_keys"]


def test_who_is_erased_is_readable_nowhere(small_system: AnySystem, tmp_path: Path) -> None:
    system = small_system
    report_events(system, unit("E1"), study("E1", "2022-11-08"), teacher("EP1", "E1", name=NAME), teacher("EP2", "E1"))
    titled = note("EP1", DAY)
    titled["data"] |= {"title": TITLE, "evidence": f"{CANARY}/照片.jpg"}
    excused = event("exemption.reported", "e1", exemption_id="e1", person_id="EP1", duty="notes", period="2023-Q1",
                    reason=ILLNESS)  # fmt: skip
    awaited = note("EP1", "2022-12-09")
    awaited["data"] |= {"title": LATER, "unit_id": "E-never"}
    assert report_events(system, titled, excused, awaited) == ["accepted", "accepted", "waiting"]
    people = tmp_path / "people.csv"
    people.write_text(f"person_id,name,role,unit_id,from,to\nEP3,{CANARY}之友,teacher,E1,2015-09-01,\n", "utf-8")
    system.qihang("import", people)
    before = figures(system, "E1", "2022-Q4", "2022-12-31")
    contact = {"recipient": "person-EP1", "name": NAME, "email": f"ep1@{MAIL_CANARY}.example.cn", "robot": ""}
    status, answer = system.ask("POST", "notifications", "/api/contacts", {"contacts": [contact]})
    assert (status, answer["registered"]) == (200, 1), answer
    taken = tmp_path / "record"
    system.qihang("person", "export", "EP1", "--out", taken)
    record = (taken / "person-record.json").read_text("utf-8")
    assert all(text in record for text in (NAME, ILLNESS, TITLE, LATER, "照片.jpg", MAIL_CANARY))
    assert "EP2" not in record and "EP3" not in record
    assert occurrences(system) == ["participation.intake_pending_reports.data"], (
        "what is kept is enciphered from the first"
    )

    for person in ("EP1", "EP3"):
        status, answer = system.ask("POST", "participation", f"/api/people/{person}/erase", {})
        assert status == 200, answer
    assert system.ask("POST", "participation", "/api/people/nobody/erase", {})[0] == 404
    assert figures(system, "E1", "2022-Q4", "2022-12-31") == before
    assert occurrences(system) == []
    wait_until(lambda: MAIL_CANARY.encode() not in raw_bytes(system.data), 30, "the contact is gone from every file")
    assert CANARY.encode() not in raw_bytes(system.data)
    kept = keys_by_service(system)
    assert ("participation", "EP2") in kept and not {"EP1", "EP3"} & {person for _, person in kept}
    assert system.qihang("verify").count("intact") == 4
    for service in ("participation", "assessment"):
        system.qihang("rebuild", service)
    assert figures(system, "E1", "2022-Q4", "2022-12-31") == before
    assert occurrences(system) == []


GOES = {"accounts.sign_in_name", "intake_pending_reports.data"}
"""Where the words of a person stand in plain before: all else is enciphered from the first."""
STAYS = {
    "articles.title", "publicity.article_drafted.title", "videos.title", "publicity.video_published.title",
    "imports.late_entry", "participation.import_started.late_entry", "participation.record_submitted.late_entry",
    "participation.record_corrected.late_entry", "participation.unit_corrected.correction_reason",
    "participation.finding_reported.description", "findings.description",
}  # fmt: skip
"""What somebody wrote of the person into texts that are no person's: docs/security.md lists all such places."""


def test_of_every_way_in_only_what_the_map_calls_text_of_things_stays(small_system: AnySystem, tmp_path: Path) -> None:
    system, own, of_things = small_system, (canaries.WORD, canaries.LATIN), canaries.OF_THINGS
    canaries.plant(system, tmp_path)
    quarantined = {"quarantine.body"} if isinstance(system, DistrictSystem) else set[str]()
    assert canaries.places(system, *own) == GOES | quarantined
    system.qihang("person", "export", "EP11", "--out", tmp_path / "record")
    record = json.loads((tmp_path / "record" / "person-record.json").read_text("utf-8"))
    counted = record["services"]["participation"]["quarantine"]
    assert len(counted) == len(quarantined), "numbers only: the bodies may be on others"
    printed = system.qihang("erase", "EP11", "--yes")
    assert "finding-ef1 description" in printed and "article-EA1 title" in printed, printed
    assert canaries.places(system, *own) == set()
    wait_until(lambda: not canaries.readable(system, *own), 30, lambda: f"left: {canaries.readable(system, *own)}")
    assert canaries.places(system, of_things) == STAYS
    assert {canaries.fate(place) for place in STAYS} == {Fate.OF_THINGS}
    assert system.qihang("verify").count("intact") == 4
