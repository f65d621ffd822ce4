"""What a publisher may see of its own rows: holdings with digests, differences against its list, reference lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.events.canonical_json import instant, moment
from chassis.process.problems import Problem
from chassis.process.tokens import BadToken
from duties.campaign import Campaign
from services.participation.domain import row_of
from services.participation.holdings import comparison, queries
from services.participation.holdings.domain import content_digest, parts_of, range_digest
from services.participation.holdings.record_holdings import NewHoldings
from services.participation.intake import outcomes as outcomes_module
from services.participation.publishers.figures import publisher_metrics, tokens_ending, unauthorized_today
from services.participation.registry.handlers import erase_person
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.outside_system import OutsideSystem, attendance, two_schools
from tests.services.participation.own_routes import OwnRoutes

DOCS = (Path(__file__).parents[3] / "docs" / "intake.md").read_text()


@pytest.fixture
def replica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    monkeypatch.setattr(queries, "SLICE", 3)
    replica = two_schools(tmp_path)
    object.__setattr__(replica.runtime.settings, "check_responses", 1)
    yield replica
    replica.runtime.store.close()


def client_of(replica: Replica, *ids: str, name: str = "oa", **rights: Any) -> OwnRoutes:
    system = OutsideSystem(replica, name, **rights)
    for record_id in ids:
        assert system.report("record.reported", **attendance(record_id)) == "accepted"
    return OwnRoutes(system)


def line(row_id: str, kind: str = "record", **more: str) -> str:
    cells = attendance(row_id, **more) if kind == "record" else more
    return f"{kind}\t{row_id}\t{content_digest(cells)}"


def test_a_publisher_that_lost_its_state_learns_in_two_requests_what_is_missing(replica: Replica) -> None:
    client = client_of(replica, *(f"R{number}" for number in range(10)))
    everything = client.ask("GET", "/api/publisher/holdings/record?parts=4")
    own = [(f"R{number}", content_digest(attendance(f"R{number}"))) for number in range(10)]
    assert (everything["count"], everything["digest"]) == (10, range_digest(own))
    assert [(part["first"], part["before"], part["count"]) for part in everything["parts"]] == [
        ("", "R3", 3), ("R3", "R6", 3), ("R6", "R9", 3), ("R9", "", 1),
    ]  # fmt: skip
    assert [part["digest"] for part in everything["parts"]] == [
        range_digest(own[at : at + 3]) for at in range(0, 10, 3)
    ]
    (compared,) = client.differences(line("R1"), line("R2", title="改过的题目"), line("R77"), query="?kind=record")
    assert (compared["posted"], compared["same"], compared["missing"]) == (3, 1, ["R77"])
    assert [item["id"] for item in compared["other"]] == ["R2"]
    assert [item["id"] for item in compared["extra"]] == [f"R{number}" for number in (0, *range(3, 10))]
    (part,) = client.differences(line("R4"), query="?kind=record&first=R3&before=R6")
    assert (part["same"], [item["id"] for item in part["extra"]]) == (1, ["R3", "R5"])


def test_a_row_is_held_as_it_stands_whoever_changed_it(replica: Replica) -> None:
    client = client_of(replica, "R1", "R2", "R3")
    system = client.system
    assert system.report("record.corrected", record_id="R1", title="集中学习（二）", reason="笔误") == "accepted"
    assert system.report("record.voided", record_id="R2", reason="重复") == "accepted"
    (compared,) = client.differences(line("R1"), line("R2"), line("R3"))
    assert compared["same"] == 1
    assert [(each["id"], each["state"], each["as_accepted"]) for each in compared["other"]] == [
        ("R1", "standing", True), ("R2", "voided", True),
    ]  # fmt: skip
    (compared,) = client.differences(line("R1", title="集中学习（二）"), line("R3"))
    assert (compared["same"], compared["other"], compared["extra"]) == (2, [], [])
    row = client.ask("GET", "/api/publisher/rows/record/R1")
    assert row["data"] == attendance("R1", title="集中学习（二）")
    assert row["digest"] == content_digest(row["data"]) != row["accepted"]
    assert [item["state"] for item in client.ask("GET", "/api/publisher/rows/record")["rows"]] == [
        "standing", "voided", "standing",
    ]  # fmt: skip
    system.report("record.restored", record_id="R2", reason="不重复")
    assert client.ask("GET", "/api/publisher/holdings")["holdings"][0]["count"] == 3


def test_every_kind_is_held_under_the_digest_of_what_was_reported(replica: Replica) -> None:
    """What the fold of its events says of a row that was not changed is what was accepted."""
    system, rules = OutsideSystem(replica, "hr"), Campaign.from_data(cluster.DOCUMENT)
    duty = next(duty for duty in rules.duties if duty.of_persons)
    rows: dict[str, tuple[str, dict[str, str]]] = {
        "unit": ("B1", {"unit_id": "B1", "name": "教育局", "kind": "bureau", "opened_on": "2010-09-01"}),
        "membership": ("P9/S1/2020-09-01", {"person_id": "P9", "name": "陈 静", "role": "teacher", "unit_id": "S1",
                                            "from": "2020-09-01"}),
        "post": ("S1/clerk/P9/2021-01-01", {"unit_id": "S1", "post": "clerk", "person_id": "P9", "from": "2021-01-01"}),
        "record": ("R9", attendance("R9", "P9", unit_id="S1", content_sha256="AB" * 32, evidence="档案室")),
        "exemption": ("E1", {"exemption_id": "E1", "person_id": "P9", "duty": duty.id, "reason": "产假",
                             "period": rules.periods_begun(duty, 738490)[0].id}),
        "finding": ("F1", {"finding_id": "F1", "unit_id": "S1", "assessor_id": "B1", "found_on": "2022-12-01",
                           "points": "0.50", "category": "学习落实"}),
    }  # fmt: skip
    for kind, (_, cells) in rows.items():
        outcome = system.report(f"{kind}.reported", **{"from_" if k == "from" else k: v for k, v in cells.items()})
        assert outcome == "accepted", kind
    for kind, (row_id, cells) in rows.items():
        row = OwnRoutes(system).ask("GET", f"/api/publisher/rows/{kind}/{row_id}")
        assert row["data"] == cells, kind
        assert row["digest"] == row["accepted"] == content_digest(cells), kind


def test_another_publisher_s_rows_and_files_rows_are_none_of_its(replica: Replica) -> None:
    mine, theirs = client_of(replica, "R1"), client_of(replica, "R2", name="hr")
    assert [item["id"] for item in mine.ask("GET", "/api/publisher/rows/record")["rows"]] == ["R1"]
    assert mine.ask("GET", "/api/publisher/rows/record/R2", status=404)["code"] == "unknown_row"
    assert mine.ask("GET", "/api/publisher/rows/unit/S1", status=404)["code"] == "unknown_row"
    (compared,) = mine.differences(line("R1"), line("R2"))
    assert (compared["missing"], compared["extra"], compared["other"]) == (["R2"], [], [])
    assert theirs.ask("GET", "/api/publisher/holdings")["holdings"] == [
        {"kind": "record", "count": 1, "digest": range_digest([("R2", content_digest(attendance("R2")))])}
    ]


def test_of_an_erased_person_nothing_can_be_compared(replica: Replica) -> None:
    client = client_of(replica, "R1")
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert client.ask("GET", "/api/publisher/holdings/record")["count"] == 0
    (row,) = client.ask("GET", "/api/publisher/rows/record")["rows"]
    assert row == {"id": "R1", "digest": "", "accepted": "", "state": "erased"}
    (compared,) = client.differences(line("R1"))
    assert [(item["id"], item["state"], item["as_accepted"]) for item in compared["other"]] == [("R1", "erased", False)]
    assert "title" not in client.ask("GET", "/api/publisher/rows/record/R1")["data"]


def test_what_waits_is_neither_missing_nor_held(replica: Replica) -> None:
    client = client_of(replica)
    client.system.report("record.reported", **attendance("R1", "P77"))
    (compared,) = client.differences(line("R1", person_id="P77"), line("R2"))
    assert (compared["missing"], compared["waiting"]) == (["R2"], ["R1"])
    waiting = client.ask("GET", "/api/publisher/waiting")
    assert [(each["row"], each["code"], each["column"], each["awaits"]) for each in waiting["waiting"]] == [
        ("R1", "unknown_person", "person_id", ["person:P77"])
    ]
    assert (waiting["total"], waiting["more"]) == (1, False)
    assert client.ask("GET", "/api/publisher")["waiting"] == 1


@pytest.mark.parametrize(("lines", "query", "code"), [
    (["record R1"], "", "bad_line"), (["record\tR1\tabc"], "", "bad_line"),
    (["novel\tR1\t" + "0" * 64], "", "bad_line"),
    ([line("R1"), line("R1", title="x")], "", "bad_line"), ([line("R9")], "?kind=record&before=R5", "bad_line"),
    ([line("R1")], "?kind=unit", "bad_line"), ([line("R1")], "?first=R1", "bad_query"),
])  # fmt: skip
def test_a_list_that_is_none_is_refused(replica: Replica, lines: list[str], query: str, code: str) -> None:
    assert client_of(replica).differences(*lines, query=query, status=400)["code"] == code


def test_a_list_has_a_bounded_size_packed_or_not(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(replica)
    monkeypatch.setattr(comparison, "MOST_LINES", 2)
    assert client.differences(*map(line, ("R1", "R2", "R3")), status=413)["code"] == "too_many"
    monkeypatch.setattr(comparison, "MOST_BYTES", 100)
    assert client.differences(line("R1"), line("R2"), status=413)["code"] == "too_large"
    headers = {"Content_Type": "text/tab-separated-values", "Content_Encoding": "gzip"}
    assert client.ask("POST", "/api/publisher/differences", b"no gzip", 400, **headers)["code"] == "bad_gzip"
    headers["Content_Encoding"] = "br"
    assert client.ask("POST", "/api/publisher/differences", b"", 415, **headers)["code"] == "compressed"


def test_parts_cover_the_range_without_a_gap() -> None:
    rows = [(f"{number:03}", "0") for number in range(10)]
    for most in (1, 2, 3, 7, 10, 50):
        parts = parts_of("000", "zzz", rows, most)
        assert len(parts) <= most
        assert sum(part.rows for part in parts) == 10
        assert [part.first for part in parts[1:]] == [part.before for part in parts[:-1]]
        assert (parts[0].first, parts[-1].before) == ("000", "zzz")
    assert parts_of("a", "b", [], 4) == []


def test_the_lists_name_what_rows_may_name(replica: Replica) -> None:
    client = client_of(replica, units=["S1"])
    lists = client.ask("GET", "/api/publisher/reference")
    assert {"attendance"} <= {each["kind"] for each in lists["record_kinds"]}
    assert {each["duty"] for each in lists["periods"]} <= {each["duty"] for each in lists["duties"]}
    named = {each["name"]: each["values"] for each in lists["words"]}
    assert named["role"] == ["cadre", "teacher", "other"]
    documented = set(re.findall(r"^\| `(\w+)` \|", DOCS.split("## Codes of refused rows")[1].split("\n## ")[0], re.M))
    assert {each["code"] for each in lists["codes"]} <= documented
    assert all(each["message"] for each in lists["codes"])
    assert [each["unit_id"] for each in client.ask("GET", "/api/publisher/units")["units"]] == ["S1"]
    everywhere = client_of(replica, name="hr").ask("GET", "/api/publisher/units?limit=1")
    assert ([each["unit_id"] for each in everywhere["units"]], everywhere["next"]) == (["S1"], "S1")


def test_an_old_token_sees_nothing(replica: Replica) -> None:
    client = client_of(replica, "R1")
    own = client.ask("GET", "/api/publisher")
    assert (own["name"], own["sources"], own["token_expires_at"][4:5]) == ("oa", ["oa", "/oa", "/oa/*"], "-")
    replica.service.publishers.rotate_publisher("oa", OPERATOR, "")
    assert client.ask("GET", "/api/publisher", status=401)["code"] == "token_revoked"
    assert client.differences(line("R1"), status=401)["code"] == "token_revoked"


def test_the_example_in_the_documents_can_be_calculated() -> None:
    """As an outsider would, with what the page says and nothing of ours."""
    example = DOCS.split("## What we hold")[1].split("```json\n")[1].split("```")[0]
    stated = re.findall(r"\b[0-9a-f]{64}\b", DOCS.split("## What we hold")[1])
    code = DOCS.split("## What we hold")[1].split("```python\n")[1].split("```")[0]
    space: dict[str, Any] = {"row": json.loads(example)}
    exec(compile(code, "docs/intake.md", "exec"), space)  # noqa: S102  # our own page
    assert space["content_digest"](space["row"]) == stated[0] == content_digest(space["row"])
    assert space["range_digest"]([("R0002907", stated[0])]) == stated[1] == range_digest([("R0002907", stated[0])])


def test_what_a_file_brought_for_a_system_is_held_for_it(replica: Replica) -> None:
    """`qihang import --as-source`: its rows are the system's, as history says."""

    client = client_of(replica)
    with replica.runtime.units_of_work.begin(OPERATOR) as unit_of_work:
        holdings = NewHoldings(unit_of_work)
        holdings.add(row_of("record", attendance("R1")), "/oa")
        holdings.add(row_of("record_voided", {"record_id": "R1", "reason": "x"}), "/oa")
        holdings.write()
    assert [item["id"] for item in client.ask("GET", "/api/publisher/rows/record")["rows"]] == ["R1"]


def test_receipts_are_read_again_from_where_one_stopped(replica: Replica) -> None:
    client = client_of(replica, "R1")
    client.system.report("record.reported", **attendance("R2", occurred_at="gestern"))
    client.system.report("record.reported", **attendance("R3", "P77"))
    first = client.ask("GET", "/api/publisher/receipts?limit=1")
    rest = client.ask("GET", f"/api/publisher/receipts?after={first['next']}")
    outcomes = [(each["outcome"], each["column"], each["code"]) for each in (*first["receipts"], *rest["receipts"])]
    assert outcomes[:2] == [("accepted", "", ""), ("refused", "occurred_at", "bad_instant")]
    assert outcomes[2][0] == "waiting"
    assert "gestern" not in json.dumps(rest) and "有效时间" in rest["receipts"][0]["message"]
    assert client.ask("GET", f"/api/publisher/receipts?after={rest['next']}") == {"receipts": [], "next": rest["next"]}
    refused = client.ask("GET", "/api/publisher/receipts?outcome=refused&since=2022-01-01")["receipts"]
    assert [each["id"] for each in refused] == [rest["receipts"][0]["id"]]
    theirs = client_of(replica, "R9", name="hr")
    assert len(theirs.ask("GET", "/api/publisher/receipts")["receipts"]) == 1
    now = replica.runtime.now()
    later = instant(moment(now) + timedelta(days=outcomes_module.RECEIPT_DAYS, seconds=1))
    assert outcomes_module.forget_old_receipts(replica.runtime.units_of_work, later) == 4
    assert theirs.ask("GET", "/api/publisher/receipts")["receipts"] == []


def test_the_operator_sees_outcomes_by_day_and_tokens_that_are_not_honoured(replica: Replica) -> None:
    client, publishers = client_of(replica, "R1"), replica.service.publishers
    client.system.report("record.reported", **attendance("R2", occurred_at="gestern"))
    publishers.rotate_publisher("oa", OPERATOR, "")
    client.ask("GET", "/api/publisher", status=401)
    with pytest.raises(Problem, match="token_revoked"):
        client.system.report("record.reported", **attendance("R3"))
    old = replica.runtime.signer.issue("oa", ["publisher"], -60) if replica.runtime.signer else ""
    with pytest.raises(BadToken, match="token_expired"):
        replica.service.runtime.verifier.__class__("district", replica.runtime.data / "keys").actor(old)
    publishers.keep_figures()
    (listed,) = publishers.list_publishers()
    assert [(each["outcome"], each["code"], each["count"]) for each in listed["days"]] == [
        ("accepted", "", 1), ("refused", "bad_instant", 1), ("unauthorized", "token_revoked", 2),
    ]  # fmt: skip
    assert {each["outcome"] for each in listed["outcomes"]} == {"accepted", "refused"}
    with replica.runtime.store.reading() as connection:
        now = moment(replica.runtime.now())
        assert unauthorized_today(connection, now) == 2 and unauthorized_today(connection, now + timedelta(days=2)) == 0
        assert (tokens_ending(connection, now), tokens_ending(connection, now + timedelta(days=340))) == (0, 1)
        metrics = {(each.name, each.labels.get("code", "")): each.value for each in publisher_metrics(connection, now)}
    assert metrics["qihang_publisher_reports", "bad_instant"] == 1
    assert metrics["qihang_publisher_unauthorized", "token_revoked"] == 2
    assert metrics["qihang_publisher_token_seconds", ""] > 360 * 86400
    text = replica.runtime.health.metrics().decode()
    assert (
        'qihang_publisher_reports{code="bad_instant",outcome="refused",publisher="oa",service="participation"} 1.0'
        in text
    )
