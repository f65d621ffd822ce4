"""A roster against the book: each kind of difference, and that what is certain brings the book to the file's state."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from services.participation.domain import Accepted, Refused, Unchanged
from services.participation.roster.domain.changes import CHANGED_SINCE
from services.participation.roster.domain.differences import differences
from services.participation.roster.domain.lines import CERTAIN, Line, Service, line_from_json, line_to_json
from tests.domain.participation.roster_books import DAY, UNITS, apply, book_of, ledger_of, rows, serving_on

LI = ("P1", "李明", "teacher", "S1", "2020-09-01", "")


def only(lines: list[Line]) -> Line:
    (line,) = lines
    return line


def compared(memberships, *cells, day=DAY, scope="", meanings=None):
    ledger = ledger_of(memberships)
    return ledger, differences(book_of(ledger, meanings), rows(*cells), day, scope)


def test_who_is_not_in_the_book_joins_on_the_roster_s_day_or_on_their_own():
    ledger, lines = compared([], ("P1", "李明", "教师", "第一小学"), ("P2", "王芳", "cadre", "S2", "2023-02-15"))
    assert [line.group for line in lines] == ["joined", "joined"]
    for line in lines:
        apply(ledger, line)
    assert serving_on(ledger, DAY) == {
        "P1": Service("S1", DAY, "", "teacher", "李明"), "P2": Service("S2", "2023-02-15", "", "cadre", "王芳"),
    }  # fmt: skip


def test_a_move_ends_the_old_service_with_the_day_of_the_new():
    ledger, lines = compared([LI], ("P1", "李明", "教师", "第二小学"))
    assert only(lines).group == "moved"
    apply(ledger, only(lines))
    assert book_of(ledger).people["P1"] == (
        Service("S1", "2020-09-01", DAY, "teacher", "李明"), Service("S2", DAY, "", "teacher", "李明"))  # fmt: skip


def test_another_role_is_a_new_service_so_that_the_old_one_stays_what_it_was():
    ledger, lines = compared([LI], ("P1", "李明", "干部", "第一小学"))
    assert only(lines).group == "role_changed"
    apply(ledger, only(lines))
    assert [item.role for item in book_of(ledger).people["P1"]] == ["teacher", "cadre"]


def test_another_name_is_a_correction():
    ledger, lines = compared([LI], ("P1", "李铭", "教师", "第一小学"))
    assert only(lines).group == "renamed"
    apply(ledger, only(lines))
    assert book_of(ledger).people["P1"] == (Service("S1", "2020-09-01", "", "teacher", "李铭"),)


def test_a_last_day_in_the_file_ends_the_service():
    ledger, lines = compared([LI], ("P1", "李明", "教师", "第一小学", "2020-09-01", "2023-02-10"))
    assert only(lines).group == "left"
    apply(ledger, only(lines))
    assert serving_on(ledger, "2023-02-10") == {}


def test_who_is_not_listed_is_shown_and_ends_only_when_that_is_chosen():
    ledger, lines = compared(
        [LI, ("P2", "王芳", "teacher", "S1", "2021-09-01", "")], ("P1", "李明", "教师", "第一小学")
    )
    assert [(line.group, line.person_id) for line in lines] == [("missing", "P2"), ("unchanged", "P1")]
    apply(ledger, lines[0], "end")
    assert set(serving_on(ledger, DAY)) == {"P1"}


def test_who_returns_gets_a_new_membership():
    ledger, lines = compared([("P1", "李明", "teacher", "S1", "2020-09-01", "2022-09-01")],
                             ("P1", "李明", "教师", "第一小学"))  # fmt: skip
    assert (only(lines).group, only(lines).notes) == ("joined", ("returned",))
    apply(ledger, only(lines))
    assert len(book_of(ledger).people["P1"]) == 2


def test_two_posts_of_a_person_are_asked_and_either_can_be_chosen():
    cells = ("P1", "李明", "教师", "第一小学"), ("P1", "李明", "教师", "第二小学")
    for key, unit in (("row:2", "S1"), ("row:3", "S2")):
        ledger, lines = compared([LI], *cells)
        assert (only(lines).group, only(lines).reason) == ("unsure", "two_rows")
        apply(ledger, only(lines), key)
        assert serving_on(ledger, DAY)["P1"].unit_id == unit


def further(ledger, *posts):
    return dataclasses.replace(book_of(ledger), further={"P1": frozenset(posts)})


def test_a_further_post_that_was_confirmed_is_not_asked_again_whatever_becomes_of_the_first():
    ledger = ledger_of([LI])
    cells = rows(("P1", "李明", "教师", "第一小学"), ("P1", "李明", "教师", "第二小学"))
    assert only(differences(book_of(ledger), cells, DAY)).option("row:2").further == (("S2", "teacher"),)
    line = only(differences(further(ledger, ("S2", "teacher")), cells, DAY))
    assert (line.group, line.notes) == ("unchanged", ("further_posts",))
    moved = rows(("P1", "李明", "教师", "第二小学"), ("P1", "李明", "教师", "第三小学"))
    line = only(differences(further(ledger, ("S2", "teacher")), moved, DAY))
    assert (line.group, line.shown.after.unit_id) == ("moved", "S3")
    left = rows(("P1", "李明", "教师", "第二小学"))
    line = only(differences(further(ledger, ("S2", "teacher")), left, DAY))
    assert (line.group, line.shown.after.unit_id) == ("moved", "S2")


def test_another_post_than_the_confirmed_one_is_asked():
    third = rows(
        ("P1", "李明", "教师", "第一小学"), ("P1", "李明", "教师", "第二小学"), ("P1", "李明", "干部", "第三小学")
    )
    other_role = rows(("P1", "李明", "教师", "第一小学"), ("P1", "李明", "干部", "第二小学"))
    for cells in (third, other_role):
        line = only(differences(further(ledger_of([LI]), ("S2", "teacher")), cells, DAY))
        assert (line.group, line.reason) == ("unsure", "two_rows")


def test_a_post_that_is_over_by_its_own_day_is_no_second_post():
    _, lines = compared([LI], ("P1", "李明", "教师", "第一小学", "2020-09-01", "2023-02-01"),
                        ("P1", "李明", "教师", "第二小学", "2023-02-01", ""))  # fmt: skip
    assert (only(lines).group, only(lines).shown.after.since) == ("moved", "2023-02-01")


def test_a_row_without_an_id_is_its_person_where_name_and_unit_mean_exactly_one():
    namesakes = [LI, ("P2", "李明", "teacher", "S2", "2021-09-01", "")]
    _, lines = compared(namesakes, ("", "李明", "干部", "第一小学"), ("P2", "李明", "教师", "第二小学"))
    assert [(line.group, line.person_id) for line in lines] == [("role_changed", "P1"), ("unchanged", "P2")]
    _, lines = compared([LI, ("P2", "李明", "teacher", "S1", "2021-09-01", "")], ("", "李明", "干部", "第一小学"))
    assert [(line.group, line.reason) for line in lines] == [("unsure", "several_people")]
    assert [option.key for option in lines[0].options] == ["person:1", "person:2"]
    _, lines = compared([], ("", "李明", "干部", "第一小学"))
    assert only(lines).reason == "no_such_person"


def test_namesakes_with_ids_are_different_persons_and_noted():
    _, lines = compared([LI], ("P1", "李明", "教师", "第一小学"), ("P9", "李明", "教师", "第一小学"))
    assert [(line.group, line.notes) for line in lines] == [("joined", ("same_name",)), ("unchanged", ())]


def test_an_unknown_word_is_asked_once_and_its_answer_is_used():
    cells = ("P1", "李明", "语文教师", "一小（本部）")
    _, lines = compared([LI], cells)
    assert (only(lines).reason, only(lines).value) == ("unknown_unit", "一小（本部）")
    _, lines = compared([LI], cells, meanings={("unit_id", "一小(本部)"): "S1"})
    assert (only(lines).reason, only(lines).value) == ("unknown_role", "语文教师")
    _, lines = compared([LI], cells, meanings={("unit_id", "一小(本部)"): "S1", ("role", "语文教师"): "teacher"})
    assert only(lines).group == "unchanged"


def test_a_service_that_begins_later_is_asked():
    future = ("P1", "李明", "teacher", "S2", "2023-05-01", "")
    ledger, lines = compared([future], ("P1", "李明", "教师", "第二小学"))
    assert (only(lines).reason, [item.key for item in only(lines).options]) == ("begins_later", ["keep", "follow"])
    apply(ledger, only(lines), "follow")
    assert serving_on(ledger, DAY)["P1"].since == DAY
    _, lines = compared([future], ("P1", "李明", "教师", "第二小学", "2023-05-01"))
    assert only(lines).group == "unchanged"


def test_a_first_day_later_than_the_book_s_is_asked():
    ledger, lines = compared([LI], ("P1", "李明", "教师", "第一小学", "2023-02-20"))
    assert only(lines).reason == "start_differs"
    apply(ledger, only(lines), "follow")
    assert [item.since for item in book_of(ledger).people["P1"]] == ["2020-09-01", "2023-02-20"]


def test_a_first_day_that_was_answered_is_not_asked_again():
    cells = rows(("P1", "李明", "教师", "第一小学", "2023-02-20"))
    ledger = ledger_of([LI])
    known = dataclasses.replace(book_of(ledger), starts={"P1": "2023-02-20"})
    line = only(differences(known, cells, DAY))
    assert (line.group, line.notes) == ("unchanged", ("start_differs",))
    other = rows(("P1", "李明", "教师", "第一小学", "2023-02-21"))
    assert only(differences(known, other, DAY)).reason == "start_differs"


def test_a_unit_s_own_roster_takes_nobody_out_of_another_unit():
    elsewhere = ("P2", "王芳", "teacher", "S2", "2021-09-01", "")
    _, lines = compared([LI, elsewhere], ("P2", "王芳", "教师", ""), ("P3", "赵磊", "教师", "第二小学"), scope="S1")
    assert [(line.group, line.reason) for line in lines] == [
        ("missing", ""), ("unsure", "serves_elsewhere"), ("unsure", "other_unit")]  # fmt: skip
    assert lines[1].options == ()


def test_a_line_that_somebody_else_changed_meanwhile_is_not_applied():
    ledger, lines = compared([LI], ("P1", "李明", "教师", "第二小学"))
    assert isinstance(apply(ledger, only(lines)), Accepted)
    assert apply(ledger, only(lines)) == Refused("person_id", CHANGED_SINCE)


def test_the_same_day_twice_mends_the_first_and_a_void_membership_is_brought_back():
    ledger = ledger_of([LI])
    for unit, unit_id in (("第二小学", "S2"), ("第三小学", "S3"), ("第二小学", "S2")):
        line = only(differences(book_of(ledger), rows(("P1", "李明", "教师", unit)), DAY))
        assert line.group == "moved"
        assert isinstance(apply(ledger, line), Accepted)
        assert serving_on(ledger, DAY)["P1"].unit_id == unit_id
    assert len(book_of(ledger).people["P1"]) == 2


def test_a_line_comes_back_from_json_as_it_was():
    _, lines = compared([LI], ("P1", "李明", "教师", "第二小学"), ("P1", "李明", "教师", "第三小学"))
    import json

    assert [line_from_json(json.loads(json.dumps(line_to_json(line)))) for line in lines] == lines


NAMES = st.sampled_from(["李明", "王芳", "赵磊"])
ROLES = st.sampled_from(["teacher", "cadre", "other"])
DAYS = st.integers(1, 28).map(lambda day: f"2023-02-{day:02}")
PLACES = st.tuples(NAMES, ROLES, st.sampled_from(sorted(UNITS)))
PEOPLE = st.sampled_from([f"P{number}" for number in range(1, 7)])


@st.composite
def histories(draw):
    """Up to three memberships of each of some persons, one after the other."""
    result = []
    for person_id in draw(st.sets(PEOPLE)):
        days = sorted(draw(st.sets(DAYS, min_size=2, max_size=5)))
        ends = [*days[1:], draw(st.sampled_from(["", "2023-04-01"]))]
        for since, until in list(zip(days, ends, strict=True))[:: draw(st.sampled_from([1, 2]))]:
            name, role, unit = draw(PLACES)
            result.append((person_id, name, role, unit, since, until))
    return result


@settings(max_examples=400, deadline=None)
@given(histories(), st.dictionaries(PEOPLE, PLACES), st.sampled_from(["2023-02-14", "2023-02-20", "2023-03-01"]))
def test_what_is_certain_brings_the_book_to_the_file_s_state_and_then_nothing_differs(memberships, listed, day):
    ledger = ledger_of(memberships)
    before = serving_on(ledger, day)
    cells = [(person_id, name, role, unit) for person_id, (name, role, unit) in listed.items()]
    lines = differences(book_of(ledger), rows(*cells), day)
    for line in lines:
        if line.group in CERTAIN:
            assert isinstance(apply(ledger, line), Accepted), line
        elif line.group == "missing":
            assert isinstance(apply(ledger, line, "end"), Accepted | Refused), line
    after, asked = serving_on(ledger, day), {line.person_id for line in lines if line.group == "unsure"}
    for person_id, (name, role, unit) in listed.items():
        if person_id not in asked:
            assert (after[person_id].name, after[person_id].role, after[person_id].unit_id) == (name, role, unit)
    absent = {line.person_id for line in lines if line.group == "missing"}
    assert absent == before.keys() - listed.keys()
    again = differences(book_of(ledger), rows(*cells), day)
    assert {line.group for line in again} <= {"unchanged", "unsure", "missing"}
    for line in again:
        if line.group == "unchanged":
            assert isinstance(apply(ledger, line), Unchanged)
