"""scoring.md 5 and 6: units commended and individuals put forward."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duties.rules import ROUNDINGS
from duties.seats import cut, largest_remainder, rounded
from tests.domain.duties.given import (
    District,
    campaign,
    deed,
    duty,
    individual_awards,
    line,
    of_teachers,
    post,
    unit,
    unit_awards,
)

BOTH = duty(who={"kinds": ["school", "office"]}, every="quarter", count=4)


def schools(*done: int, kind: str = "school", letter: str = "X", **keys: Any) -> District:
    """One unit for each number, which did so many of four things in time."""
    names = [f"{letter}{n}" for n in range(1, len(done) + 1)]
    district = District(campaign(BOTH, **unit_awards(**keys)), *(unit(name, kind) for name in names))
    for name, number in zip(names, done, strict=True):
        district.unit(*(deed("2022-11-20", record_id=f"R{n}") for n in range(number)), of=name)
    return district


@pytest.mark.parametrize(("rounding", "seats"), [("floor", 1), ("half_up", 2), ("ceil", 2)])
def test_seats_are_a_rounded_percentage_of_the_members(rounding: str, seats: int) -> None:
    result = schools(4, 3, 2, rounding=rounding).commended(2022)
    assert sum(status == "awarded" for _, _, status, _ in result) == seats


def test_the_pass_line_is_exact_and_leaves_seats_empty() -> None:
    assert schools(3, 2, percent=100, pass_line=75).commended(2022) == [(1, "X1", "awarded", 1)]


def test_a_tie_across_the_last_seat_waits_as_a_whole() -> None:
    result = schools(4, 3, 3, 2).commended(2022)
    assert result == [(1, "X1", "awarded", 1), (1, "X2", "tied", 2), (1, "X3", "tied", 2), (1, "X4", "reserve", 4)]


def test_a_tie_that_ends_at_the_last_seat_is_awarded() -> None:
    assert [row[2] for row in schools(4, 4, 3, 2).commended(2022)] == ["awarded", "awarded", "reserve", "reserve"]


def two_schools(in_time: int, late: int) -> list[tuple[str, str]]:
    """Of four November things, X1 did some in time and X2 some late, each late one worth half."""
    district = District(campaign(duty(count=4), **unit_awards(percent=50)), unit("X1"), unit("X2"))
    district.unit(*(deed("2022-11-20", record_id=f"R{n}", period="2022-11") for n in range(in_time)), of="X1")
    district.unit(*(deed("2022-12-05", record_id=f"R{n}", period="2022-11") for n in range(late)), of="X2")
    return [row[1:3] for row in district.commended(2022)]


def test_completion_breaks_an_equal_score() -> None:
    assert two_schools(in_time=2, late=4) == [("X2", "awarded"), ("X1", "reserve")]


def test_punctuality_breaks_an_equal_score_and_completion() -> None:
    assert two_schools(in_time=1, late=2) == [("X1", "awarded"), ("X2", "reserve")]


def test_a_vetoed_unit_is_no_candidate_but_still_a_member() -> None:
    assert schools(4, 3).decided("veto", unit="X1").commended(2022) == [(1, "X2", "awarded", 1)]


def test_a_member_served_on_the_last_day_and_half_of_the_years_days() -> None:
    """2022 has 365 days, of which 183 are at least half."""
    rules = campaign(BOTH, **unit_awards(percent=100))
    units = [unit("A", opened="2022-07-02"), unit("B", opened="2022-07-03"), unit("C", closed="2022-12-31")]
    assert [row[1] for row in District(rules, *units).commended(2022)] == ["A"]


def test_exactly_half_of_a_leap_years_days_is_enough() -> None:
    rules = campaign(BOTH, **unit_awards(percent=100))
    units = [unit("A", opened="2024-07-02"), unit("B", opened="2024-07-03")]
    assert [row[1] for row in District(rules, *units).commended(2024)] == ["A"]


def test_pools_share_the_seats_of_all_by_largest_remainder() -> None:
    """Five members, two seats: 2 x 3/5 = 1 rest 1, 2 x 2/5 = 0 rest 4."""
    pools = [["office"], ["school"]]
    rules = campaign(BOTH, **unit_awards(pools=pools, percent=40))
    offices = [unit(f"O{n}", "office") for n in range(3)]
    district = District(rules, *offices, unit("X1"), unit("X2"))
    result = {row[:3] for row in district.commended(2022)}
    assert result == {(1, "O0", "tied"), (1, "O1", "tied"), (1, "O2", "tied"), (2, "X1", "tied"), (2, "X2", "tied")}


def test_units_of_a_kind_in_no_pool_are_left_out() -> None:
    district = District(
        campaign(BOTH, **unit_awards(pools=[["office"]], percent=100)), unit("X1"), unit("O1", "office")
    )
    assert [row[1] for row in district.commended(2022)] == ["O1"]


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 60))
def test_quotas_give_every_seat_and_stay_within_one_of_the_exact_share(sizes: list[int], seats: int) -> None:
    quotas = largest_remainder(sizes, seats)
    assert sum(quotas) == (seats if sum(sizes) else 0)
    for size, quota in zip(sizes, quotas, strict=True):
        assert not sum(sizes) or abs(quota - Fraction(seats * size, sum(sizes))) < 1


def test_of_equal_remainders_the_earlier_is_served_first() -> None:
    assert largest_remainder([1, 1, 1, 1], 2) == [1, 1, 0, 0]
    assert largest_remainder([3, 5, 2], 4) == [1, 2, 1]


@given(st.lists(st.integers(1, 4), max_size=8), st.integers(0, 12))
def test_seats_given_never_exceed_the_seats(sizes: list[int], seats: int) -> None:
    placed = cut([[size] * size for size in sizes], seats)
    awarded = sum(item.status == "awarded" for item in placed)
    tied = sum(item.status == "tied" for item in placed)
    assert awarded <= seats
    assert awarded + tied >= min(seats, sum(sizes))
    assert not tied or awarded < seats < awarded + tied


@given(st.fractions(0, 1000))
def test_rounding_never_moves_by_one_or_more(value: Fraction) -> None:
    floor, half, ceil = (rounded(value, rounding) for rounding in ROUNDINGS)
    assert floor <= half <= ceil
    assert value - 1 < floor <= value <= ceil < value + 1
    assert abs(half - value) <= Fraction(1, 2)


def teachers(
    *points: dict[str, Any], notes: dict[str, int], units: dict[str, str] | None = None, **keys: Any
) -> District:
    """One teacher for each name, with so many talks (5 points each) beside the note that makes them eligible."""
    lines = points or (line("talk"),)
    district = District(
        campaign(of_teachers(), **individual_awards(*lines, **keys)), unit("X1"), unit("X2"), unit("X3")
    )
    for name, number in notes.items():
        talks = [deed("2022-11-20", "talk", f"T{n}") for n in range(number)]
        where = (units or {}).get(name, "X1")
        district.person(deed("2022-12-01", "note"), *talks, name=name, posts=[post(where)])
    return district


def test_an_open_order_is_by_points_and_ties_across_the_last_seat_wait() -> None:
    result = teachers(notes={"A": 3, "B": 1, "C": 2, "D": 2}, seats=2).individuals(2022)
    assert result == [("X1", "A", 15, "awarded"), ("X1", "C", 10, "tied"), ("X1", "D", 10, "tied")]


def test_the_on_time_share_breaks_equal_points() -> None:
    district = District(campaign(of_teachers(every="month"), **individual_awards(line("talk"))))
    notes = [deed(f"2022-{month}-10", "note", f"N{month}") for month in (11, 12)]
    district.person(*notes, name="A")
    district.person(deed("2022-12-05", "note", "N1", period="2022-11"), notes[1], name="B")
    assert district.individuals(2022) == [("X1", "A", 0, "awarded")]


def test_work_of_the_next_year_makes_nobody_eligible() -> None:
    late = deed("2023-01-20", "note", period="2022-autumn")
    assert teachers(notes={}).person(late).individuals(2022) == []


def test_who_lacks_an_asked_instance_or_has_none_is_not_eligible() -> None:
    district = teachers(notes={"A": 1}, seats=9)
    district.person(deed("2022-11-20", "talk"), name="lacks")
    district.person(deed("2022-11-20", "talk"), name="new", posts=[post(start="2022-12-20")])
    district.person(deed("2022-12-01", "note"), name="left", posts=[post(end="2022-12-31")])
    moved = [post(end="2022-12-31"), post(role="other", start="2022-12-31")]
    district.person(deed("2022-12-01", "note"), name="role", posts=moved)
    assert [row[1] for row in district.individuals(2022)] == ["A"]


def test_duties_without_eligibility_are_not_asked() -> None:
    book = of_teachers("book", every="once", due="2022-11-30", eligibility=False)
    rules = campaign(book, of_teachers(), **individual_awards(line("book")))
    district = District(rules).person(deed("2022-12-01", "note")).person(deed("2022-11-20", "book"), name="P2")
    assert [row[1] for row in district.individuals(2022)] == ["P1"]


def test_only_counted_records_of_a_duty_score_and_late_ones_less() -> None:
    rules = campaign(of_teachers(every="month"), **individual_awards(line(on_time=5, late=2), seats=9))
    district = District(rules)
    records = [deed("2022-11-10", "note", "a"), deed("2022-11-11", "note", "b")]
    district.person(*records, deed("2022-12-01", "note", "c"))
    district.person(deed("2022-12-05", "note", "a", period="2022-11"), deed("2022-12-06", "note", "b"), name="P2")
    assert [row[1:3] for row in district.individuals(2022)] == [("P1", 10), ("P2", 7)]


def test_a_late_record_of_this_year_scores_though_it_was_due_in_the_last() -> None:
    rules = campaign(of_teachers(late_credit=1), **individual_awards(line(on_time=5, late=2)))
    records = [deed("2023-01-20", "note", "a", period="2022-autumn")]
    records += [deed("2023-05-01", "note", "b"), deed("2023-10-01", "note", "c")]
    district = District(rules).person(*records)
    assert district.individuals(2023) == [("X1", "P1", 12, "awarded")]


def test_other_kinds_score_every_record_of_the_year_up_to_the_cap() -> None:
    lines = [line("talk", cap=12), line("visit", on_time="0.5", cap=9)]
    district = teachers(*lines, notes={})
    talks = [deed("2022-11-20", "talk", f"T{n}") for n in range(3)]
    visits = [deed("2022-03-01", "visit", "V1"), deed("2021-12-31", "visit", "V2"), deed("2023-01-01", "visit", "V3")]
    district.person(deed("2022-12-01", "note"), *talks, *visits)
    assert district.individuals(2022) == [("X1", "P1", Fraction(25, 2), "awarded")]


def test_a_units_kind_scores_for_the_person_whom_its_record_names() -> None:
    rules = campaign(of_teachers(), duty(), **individual_awards(line("forum")))
    district = District(rules).person(deed("2022-12-01", "note"), deed("2022-12-01"))
    assert district.individuals(2022) == [("X1", "P1", 5, "awarded")]


def test_by_unit_seats_go_by_largest_remainder_on_the_eligible() -> None:
    """Three, two and one eligible, two seats: 1, 2/3 and 1/3."""
    units = {"A": "X1", "B": "X1", "C": "X1", "D": "X2", "E": "X2", "F": "X3"}
    result = teachers(notes=dict.fromkeys(units, 1) | {"B": 2, "E": 3}, units=units, seats=2, allocation="by_unit")
    assert result.individuals(2022) == [("X1", "B", 10, "awarded"), ("X2", "E", 15, "awarded")]


def test_equal_remainders_go_to_the_better_ranked_unit_then_to_the_smaller_id() -> None:
    units = {"A": "X1", "B": "X2", "C": "X3"}
    keys = {"seats": 1, "allocation": "by_unit"}
    district = teachers(notes=dict.fromkeys(units, 1), units=units, **keys)
    assert [row[0] for row in district.individuals(2022)] == ["X1"]
    district.person(name="D", posts=[post("X1")])  # owes a note: X1 ranks last
    assert [row[0] for row in district.individuals(2022)] == ["X2"]
    kindergarten = unit("X1", "kindergarten")  # not among the kinds that rank
    unranked = District(district.campaign, kindergarten, unit("X3"))
    unranked.person(deed("2022-12-01", "note"), name="A").person(
        deed("2022-12-01", "note"), name="C", posts=[post("X3")]
    )
    assert [row[0] for row in unranked.individuals(2022)] == ["X3"]


def test_a_tie_inside_a_unit_holds_the_places_that_it_contests() -> None:
    units = {"A": "X1", "B": "X1", "C": "X1", "D": "X2"}
    result = teachers(notes=dict.fromkeys(units, 1), units=units, seats=2, allocation="by_unit").individuals(2022)
    assert [row[1] + " " + row[3] for row in result] == ["A tied", "B tied", "C tied"]


def test_with_enough_seats_everybody_eligible_is_awarded() -> None:
    units = {"A": "X1", "B": "X1", "C": "X2"}
    result = teachers(notes=dict.fromkeys(units, 1), units=units, seats=4, allocation="by_unit").individuals(2022)
    assert [row[3] for row in result] == ["awarded"] * 3


@pytest.mark.parametrize("allocation", ["open", "by_unit"])
@pytest.mark.parametrize("step", [1, 199, 77])
def test_dropping_hopeless_candidates_on_the_way_changes_nothing(allocation: str, step: int) -> None:
    """Two hundred people for one seat, the best last, first or in the middle; two share the top."""
    notes = {f"P{n * step % 200:03}": n * step % 200 // 2 for n in range(200)}
    result = teachers(line("talk", cap=1000), notes=notes, seats=1, allocation=allocation).individuals(2022)
    assert result == [("X1", "P198", 495, "tied"), ("X1", "P199", 495, "tied")]


class TestDecisions:
    def test_the_chosen_of_a_tie_are_awarded_and_fill_the_seat(self) -> None:
        district = schools(3, 3).decided("choose", unit="X2")
        assert district.commended(2022) == [(1, "X1", "reserve", 1), (1, "X2", "awarded", 1)]

    def test_more_chosen_than_seats_change_nothing(self) -> None:
        district = schools(3, 3).decided("choose", unit="X1").decided("choose", unit="X2")
        assert {status for _, _, status, _ in district.commended(2022)} == {"tied"}

    def test_a_decision_of_another_year_does_not_bind(self) -> None:
        district = schools(4, 3).decided("decline", unit="X1", year=2023)
        assert district.commended(2022)[0] == (1, "X1", "awarded", 1)

    def test_bands_follow_the_awards_and_decisions_bind_in_year_windows_only(self) -> None:
        def bands(district: District, window: str) -> dict[str, str]:
            return {name: item.band for name, item in district.scores(window, "2022-12-31").items()}

        assert bands(schools(4, 3), "2022") == {"X1": "front", "X2": "middle"}
        assert bands(schools(4, 3).decided("veto", unit="X1"), "2022") == {"X1": "middle", "X2": "front"}
        assert set(bands(schools(4, 3), "2022-Q4").values()) == {""}

    def test_a_vetoed_person_is_passed_over_but_counts_in_the_quota(self) -> None:
        units = {"A": "X1", "B": "X1", "C": "X2"}
        district = teachers(notes={"A": 2, "B": 1, "C": 1}, units=units, seats=2, allocation="by_unit")
        assert [name for _, name, *_ in district.decided("veto", person="A").individuals(2022)] == ["B", "C"]

    def test_a_chosen_person_breaks_the_tie_and_the_others_are_left_out(self) -> None:
        district = teachers(notes={"A": 1, "B": 1}).decided("choose", person="B")
        assert [(name, status) for _, name, _, status in district.individuals(2022)] == [("B", "awarded")]
