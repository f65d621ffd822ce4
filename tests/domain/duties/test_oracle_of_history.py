"""The second program reads a history as known at an instant: corrections, voids, late entry, freezes, admissions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.domain.duties.given import data, duty
from tests.domain.duties.oracle_of_history import Act, History

FIRST, SECOND, THIRD, FOURTH = (datetime(2022, 12, day, tzinfo=UTC) for day in (1, 5, 9, 20))
UNIT = {"unit_id": "X1", "name": "学校", "kind": "school", "opened_on": "2010-09-01"}
RECORD = {"record_id": "R1", "record": "forum", "unit_id": "X1", "occurred_at": "2022-11-20"}


def correction(column: str, value: str, name: str = "C1", row: str = "R1") -> dict[str, Any]:
    cells = {"correction_id": name, "table": "records", "row": row, "column": column, "value": value}
    return cells | {"reason": "填写有误"}


def history(*acts: Act) -> History:
    first = [Act(FIRST, "campaign", [data(duty())]), Act(FIRST, "units", [UNIT]), Act(FIRST, "records", [RECORD])]
    return History([*first, *acts])


def test_before_a_correction_is_recorded_the_row_is_as_it_was() -> None:
    book = history(Act(THIRD, "corrections", [correction("occurred_at", "2022-11-25")]))
    assert [row["day"] for row in book.known(SECOND).records] == [date(2022, 11, 20)]
    assert [row["day"] for row in book.known(THIRD).records] == [date(2022, 11, 25)]


def test_a_voided_row_is_back_from_its_restoration_on() -> None:
    book = history(
        Act(SECOND, "corrections", [correction("*", "")]),
        Act(FOURTH, "corrections", [correction("*", "restore", "C2")]),
    )
    assert [len(book.known(at).records) for at in (FIRST, SECOND, THIRD, FOURTH)] == [1, 0, 0, 1]
    assert book.replayed()[1][-2:] == [["accepted"], ["accepted"]]


def test_a_record_is_reported_when_a_cell_that_counts_was_last_set_and_not_asked_after_a_late_entry() -> None:
    title, day = correction("title", "论坛"), correction("occurred_at", "2022-11-25", "C2")
    assert [row["reported"] for row in history(Act(THIRD, "corrections", [title])).known(FOURTH).records] == [
        FIRST.date()
    ]
    on_time, late = (history(Act(THIRD, "corrections", [day], reason)) for reason in ("", "补录"))
    assert [row["reported"] for row in on_time.known(FOURTH).records] == [THIRD.date()]
    assert [row["reported"] for row in late.known(FOURTH).records] == [None]


def test_a_frozen_window_reads_what_was_known_then_and_what_was_admitted_since() -> None:
    later = RECORD | {"record_id": "R2"}
    book = history(Act(SECOND, "freeze", ["2022-11"]), Act(THIRD, "records", [later]))
    assert [row["record_id"] for row in book.official("2022-11", FOURTH).records] == ["R1"]
    assert [row["record_id"] for row in book.official("2022-12", FOURTH).records] == ["R1", "R2"]
    book.acts.append(Act(THIRD, "admission", [("2022-11", "R2")]))
    assert [(row["record_id"], row["reported"]) for row in book.official("2022-11", FOURTH).records][1] == ("R2", None)
