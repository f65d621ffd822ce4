"""people.csv and exemptions.csv: who serves where, who is let off."""

from contracts.participation import MembershipEnded
from tests.domain.participation.scripted import given, good


def test_a_membership_starts_under_its_persons_key() -> None:
    started = good("membership", person_id="P2", to="2021-09-01")
    given().when(started).then_accepted(
        person_id="P2", since="2020-09-01", until="2021-09-01", name="许悦", role="teacher"
    )


def test_the_same_membership_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    given().when(good("membership")).then_unchanged()
    given().when(good("membership", role="cadre")).then_refused("person_id", "conflict")


def test_a_role_outside_the_list_is_malformed() -> None:
    given().when(good("membership", person_id="P2", role="dancer")).then_refused("role", "bad_role")


def test_a_membership_must_not_end_before_it_begins() -> None:
    given().when(good("membership", person_id="P2", to="2020-09-01")).then_refused("to", "bad_order")


def test_a_person_serves_in_one_unit_at_a_time() -> None:
    elsewhere = good("membership", unit_id="O2", from_="2022-12-01")
    given().when(elsewhere).then_refused("from", "overlapping")
    given().when(good("membership", unit_id="O2", from_="2010-01-01", to="2020-09-02")).then_refused(
        "from", "overlapping"
    )
    given().when(good("membership", unit_id="O2", from_="2010-01-01", to="2020-09-01")).then_accepted()


def test_a_membership_that_was_ended_makes_room_from_that_day_on() -> None:
    moved = given(good("membership_ended"))
    moved.when(good("membership", unit_id="O2", from_="2023-03-01")).then_accepted(unit_id="O2")
    moved.when(good("membership", unit_id="O2", from_="2023-02-28")).then_refused("from", "overlapping")


def test_the_row_of_an_ended_membership_is_still_the_same_row() -> None:
    given(good("membership_ended")).when(good("membership")).then_unchanged()


def test_a_membership_needs_its_unit() -> None:
    nowhere = good("membership", person_id="P2", unit_id="X")
    given().when(nowhere).then_refused("unit_id", "unknown_unit")
    given().when(nowhere, allow_pending=True).then_pending_for("unit:X")


def test_a_membership_that_can_never_stand_does_not_wait() -> None:
    given().when(good("membership", unit_id="X", from_="2021-01-01"), allow_pending=True).then_refused(
        "unit_id", "unknown_unit"
    )


def test_of_an_erased_person_nothing_can_be_compared_so_what_is_in_the_book_stays() -> None:
    erased = given().erased("P1")
    erased.when(good("membership", role="cadre")).then_unchanged()
    erased.when(good("membership", unit_id="O2", from_="2010-01-01", to="2011-01-01")).then_accepted()


def test_after_erasure_the_new_key_compares_again() -> None:
    erased = given().erased("P1")
    early = good("membership", unit_id="O2", from_="2010-01-01", to="2011-01-01")
    outcome = erased.when(early)
    outcome.then_accepted()
    erased.ledger.fold(getattr(outcome.decision, "events"))  # noqa: B009
    erased.when(early).then_unchanged()
    erased.when(good("membership", unit_id="O2", from_="2010-01-01", to="2012-01-01")).then_refused(
        "person_id", "conflict"
    )


def test_an_end_for_a_membership_that_the_book_lacks_is_passed_over_on_reading() -> None:
    ledger = given().ledger
    before = ledger.people["P1"]
    ledger.evolve(MembershipEnded("P1", "O2", "2001-01-01", "2002-01-01"))
    assert ledger.people["P1"] == before


def test_a_person_is_let_off_one_instance() -> None:
    given().when(good("exemption")).then_accepted(person_id="P1", unit_id="", duty="summary", reason="病假")


def test_a_unit_is_let_off_one_instance() -> None:
    of_unit = good("exemption", person_id="", unit_id="S1", duty="forum")
    given().when(of_unit).then_accepted(person_id="", unit_id="S1")


def test_an_exemption_of_a_unit_from_a_persons_duty_is_kept() -> None:
    given().when(good("exemption", person_id="", unit_id="S1")).then_accepted(duty="summary")


def test_an_exemption_is_of_a_person_or_of_a_unit() -> None:
    given().when(good("exemption", unit_id="S1")).then_refused("person_id", "one_of")
    given().when(good("exemption", person_id="")).then_refused("person_id", "one_of")
    given().when(good("exemption", unit_id="S1"), allow_pending=True).then_refused("person_id", "one_of")


def test_an_exemption_names_a_duty_and_one_of_its_periods() -> None:
    given().when(good("exemption", duty="singing")).then_refused("duty", "unknown_duty")
    given().when(good("exemption", period="2022-11")).then_refused("period", "unknown_period")
    given().when(good("exemption", duty="book", period="once")).then_accepted(period="once")


def test_a_period_that_ended_before_the_campaign_is_none() -> None:
    given().when(good("exemption", person_id="", unit_id="S1", duty="video", period="2022-10")).then_refused(
        "period", "unknown_period"
    )
    given().when(good("exemption", person_id="", unit_id="S1", duty="video", period="2022-11")).then_accepted()


def test_an_exemption_needs_its_person_or_unit() -> None:
    given().when(good("exemption", person_id="P9")).then_refused("person_id", "unknown_person")
    given().when(good("exemption", person_id="P9"), allow_pending=True).then_pending_for("person:P9")
    given().when(good("exemption", person_id="", unit_id="X"), allow_pending=True).then_pending_for("unit:X")


def test_the_same_exemption_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    granted = given(good("exemption"), good("membership", person_id="P2"))
    granted.when(good("exemption")).then_unchanged()
    granted.when(good("exemption", reason="产假")).then_refused("exemption_id", "conflict")
    granted.when(good("exemption", person_id="P2")).then_refused("exemption_id", "conflict")
    granted.when(good("exemption", person_id="", unit_id="S1")).then_refused("exemption_id", "conflict")
