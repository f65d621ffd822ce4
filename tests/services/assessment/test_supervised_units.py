"""Units side by side by route: each line sums up what the unit's own duties say, for the units that the caller's office
stands over and no others."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.assessment.progress import ready_lines
from services.assessment.scores.queries import FactsAsKnown
from services.registry.rights import HeldPost, Party
from tests.services.assessment.test_duties_of_a_subject import AS_OF, WINDOWS, Looks, looks, unit_ids

LAST = {"2022": "2022-12-31", "2022-autumn": "2023-01-31", "2023-spring": "2023-08-31", "2023-07": "2023-07-31"}
"""The last days of WINDOWS."""
__all__ = ["looks"]


@pytest.mark.parametrize("looks", ["sqlite"], indirect=True)
def test_each_line_sums_up_what_the_unit_s_own_duties_say(looks: Any) -> None:
    asked: Looks = looks(3)
    overdue = elsewhere = 0
    for window in WINDOWS:
        status, answer = asked.get("/api/duties/supervised", window=window, as_of=AS_OF)
        assert status == 200 and answer["units"], answer
        for line in answer["units"]:
            own = asked.duties(unit_id=line["unit_id"], window=window, as_of=AS_OF)["duties"]
            own = [each for each in own if each["state"] != "open" or each["due"] <= LAST[window]]
            late = Counter(each["duty"] for each in own if each["state"] == "overdue")
            done = Counter[str]()
            for each in own:
                done[each["duty"]] += each["done"] if not each["excuse"] else 0
            assert {cell["duty"]: cell["overdue"] for cell in line["duties"] if cell["overdue"]} == dict(late)
            assert {cell["duty"]: cell["done"] for cell in line["duties"]} == {
                each["duty"]: done[each["duty"]] for each in own
            }
            overdue += line["overdue"]
            shown = _overdue(asked, line["unit_id"], window)
            of_year = _overdue(asked, line["unit_id"], LAST[window][:4])
            assert line["overdue_elsewhere"] == len(of_year - shown)
            elsewhere += line["overdue_elsewhere"]
    assert overdue and elsewhere, "or it proves little"


def _overdue(asked: Looks, unit_id: str, window: str) -> set[tuple[str, str]]:
    lines = asked.duties(unit_id=unit_id, window=window, as_of=AS_OF)["duties"]
    return {(each["duty"], each["period"]) for each in lines if each["state"] == "overdue"}


@pytest.mark.parametrize("looks", ["sqlite"], indirect=True)
def test_whoever_stands_over_no_unit_sees_none(looks: Any) -> None:
    asked: Looks = looks(3)
    first = unit_ids(asked)[0]
    post = HeldPost("clerk", "nobody-s-office", "office")
    asked.actor = Party("console", "P1", frozenset({"person", "clerk"}), posts=(post,), day=738_000)
    status, answer = asked.get("/api/duties/supervised", window="2022", as_of=AS_OF)
    assert (status, answer["units"]) == (200, []) and first


@pytest.mark.parametrize("looks", ["sqlite"], indirect=True)
def test_a_second_look_reads_no_unit_again_until_its_facts_change(looks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 200 units of an office, reading their year is nearly all that a look takes."""
    asked: Looks = looks(3)
    read: list[str] = []
    real = FactsAsKnown.unit_facts
    monkeypatch.setattr(FactsAsKnown, "unit_facts",
                        lambda facts, units, **more: read.extend(units) or real(facts, units, **more))  # fmt: skip
    first = asked.get("/api/duties/supervised", window="2022", as_of=AS_OF)
    assert set(read) == {line["unit_id"] for line in first[1]["units"]}
    read.clear()
    assert asked.get("/api/duties/supervised", window="2022", as_of=AS_OF) == first
    assert read == []


@pytest.mark.parametrize("looks", ["sqlite"], indirect=True)
def test_the_first_look_of_today_s_month_reads_no_unit(looks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a start, and on a new day, the lines were read before somebody looks; a few units at a time."""
    asked: Looks = looks(3)
    ready = asked.assessment.ready_lines
    monkeypatch.setattr(ready_lines, "AT_ONCE", 2)
    zone = asked.assessment.score_runner.campaign().zone
    read: list[str] = []
    real = FactsAsKnown.unit_facts
    monkeypatch.setattr(FactsAsKnown, "unit_facts",
                        lambda facts, units, **more: read.extend(units) or real(facts, units, **more))  # fmt: skip
    for day in (date.fromisoformat(AS_OF), date.fromisoformat(AS_OF) + timedelta(1)):
        now = datetime(day.year, day.month, day.day, 8, tzinfo=zone)
        monkeypatch.setattr(asked.assessment, "clock", lambda now=now: now)
        monkeypatch.setattr(asked.assessment.score_runner, "_clock", lambda now=now: now)
        ready.keep_ready()
        assert 0 < len(read) <= 2
        while ready._pending:
            ready.keep_ready()
        assert len(read) == len(set(read)) > 2
        read.clear()
        ready.keep_ready()
        status, answer = asked.get("/api/duties/supervised")
        assert (status, answer["window"], answer["as_of"]) == (200, f"{day:%Y-%m}", day.isoformat())
        assert answer["units"] and read == []
