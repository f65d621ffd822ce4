"""A work goes the whole way: nominated with consent, read without its author's name, selected, home as a deed."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from chassis.process import tokens
from tests.journeys.conftest import AnySystem
from tests.support.processes import wait_until
from tests.support.system import SAMPLES

pytestmark = pytest.mark.parametrize("way", ["embedded"], indirect=True)

SUMMARY = "学习心得\n通过学习，我对立德树人的根本任务有了更深的理解。\n执笔人：{name}（{unit}）\n"


def token(system: AnySystem, name: str, *roles: str, units: tuple[str, ...] = ()) -> str:
    signer = tokens.Signer("console", "district", tokens.private_key(system.data / "keys" / "console.key"))
    return signer.issue(name, list(roles), 300, list(units))


def people(system: AnySystem) -> dict[str, list[tuple[str, str]]]:
    """(person, name) by unit, serving on 2022-12-01."""
    import csv

    result: dict[str, list[tuple[str, str]]] = {}
    with (SAMPLES / "district" / "people.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["from"] <= "2022-12-01" and not row["to"]:
                result.setdefault(row["unit_id"], []).append((row["person_id"], row["name"]))
    return result


def nominate(
    system: AnySystem, work_id: str, author: str, unit: str, text: str, levels: str, **more: str
) -> tuple[int, Any]:
    query = urllib.parse.urlencode({"author_id": author, "unit_id": unit, "levels": levels})
    return system.ask("PUT", "publicity", f"/api/works/{work_id}?{query}", text.encode(),
                     **{"X_Qihang_Title": urllib.parse.quote("我的思想总结"), **more})  # fmt: skip


def test_a_work_selected_by_its_unit_is_a_deed_of_its_author(staffed_system: AnySystem) -> None:
    by_unit = people(staffed_system)
    unit, other = sorted(by_unit)[:2]
    (author, name), (colleague, _) = by_unit[unit][:2]
    reviewers = [person for person, _ in by_unit[other][:2]]
    unit_name = {u["unit_id"]: u["name"] for u in staffed_system.get("participation", "/api/units")["units"]}[unit]
    text = SUMMARY.format(name=name, unit=unit_name)
    status, answer = nominate(staffed_system, "W1", author, unit, text, "inside,unit,district")
    assert status == 201 and answer["changed"], answer
    assert nominate(staffed_system, "W1", author, unit, text, "inside")[1]["changed"] is False

    ask = staffed_system.ask
    assert (
        ask("POST", "publicity", "/api/works/W1/reviewers", {"reviewers": [colleague]})[1]["code"] == "reviewer_of_unit"
    )
    assert ask("POST", "publicity", "/api/works/W1/reviewers", {"reviewers": reviewers})[0] == 200
    seen = ask("GET", "publicity", f"/api/works/W1/text?reviewer_id={reviewers[0]}",
               token=token(staffed_system, reviewers[0], "person"))[1]  # fmt: skip
    shown = json.dumps(seen, ensure_ascii=False)
    assert "立德树人" in shown and name not in shown and unit_name not in shown and author not in shown
    assert ask("GET", "publicity", "/api/works/W1/text", token=token(staffed_system, colleague, "person"))[0] == 403

    for reviewer in reviewers:
        marks = {"writing": "44", "usefulness": "43.5"}
        body = {"reviewer_id": reviewer, "marks": marks}
        assert (
            ask("POST", "publicity", "/api/works/W1/marks", body, token=token(staffed_system, reviewer, "person"))[0]
            == 200
        )
    foreign = token(staffed_system, "clerk", "clerk", units=(other,))
    assert ask("POST", "publicity", "/api/works/W1/select", {}, token=foreign)[0] == 403
    own = token(staffed_system, "clerk", "clerk", units=(unit,))
    assert ask("POST", "publicity", "/api/works/W1/select", {}, token=own)[0] == 200
    assert record(staffed_system, "publicity-work-W1-unit")["kind"] == "selected_unit"


def record(system: AnySystem, record_id: str) -> Any:
    """The record's event in participation's log, once it is there."""
    result: list[Any] = []

    def there() -> bool:
        page = system.get("participation", "/feed/0", after="0", limit="2000")["events"]
        result[:] = [item["data"] for item in page if item["data"].get("record_id") == record_id]
        return bool(result)

    wait_until(there, 20, lambda: f"{record_id} in participation\n{system.logs()}")
    return result[-1]


def test_a_private_text_is_in_no_log_no_file_and_no_message(staffed_system: AnySystem) -> None:
    secret = "极其私密的一句话甲乙丙丁".encode()
    by_unit = people(staffed_system)
    unit = sorted(by_unit)[0]
    author = by_unit[unit][0][0]
    assert nominate(staffed_system, "W-private", author, unit, secret.decode(), "inside")[0] == 201
    staffed_system.qihang("settle")
    for path in Path(staffed_system.data).rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path
    assert secret.decode() not in staffed_system.logs(2000)
