"""records.csv and withdrawals.csv: what was done, and what counts for nothing after all."""

import hashlib
import hmac

from duties.campaign import Campaign
from tests.domain.participation.district import campaign_document, key_of
from tests.domain.participation.scripted import given, good, person_record

SHA = "0A" * 32


def test_a_units_record_goes_into_the_book_with_its_local_day_and_utc_instant() -> None:
    given().when(good("record", content_sha256=SHA, evidence="a.jpg")).then_accepted(
        record_id="R1",
        kind="forum",
        unit_id="S1",
        person_id="",
        period="",
        evidence="a.jpg",
        day="2022-11-20",
        done_at="2022-11-20T02:00:00.000000Z",
        content=SHA.lower(),
        campaign="xue-lun-shu",
        campaign_version=1,
    )


def test_a_persons_record_is_of_the_persons_unit_of_that_day() -> None:
    moved = given(good("membership_ended"), good("membership", unit_id="O2", from_="2023-03-01"))
    moved.when(person_record(occurred_at="2023-02-28")).then_accepted(unit_id="S1")
    moved.when(person_record(occurred_at="2023-03-01")).then_accepted(unit_id="O2")


def test_the_unit_that_a_persons_record_names_need_only_exist() -> None:
    closed = given(good("unit", unit_id="S2", closed_on="2015-01-01"))
    closed.when(person_record(unit_id="S2")).then_accepted(unit_id="S2")
    closed.when(person_record(unit_id="X")).then_refused("unit_id", "unknown_unit")


def test_the_hash_of_a_persons_work_is_keyed_and_the_same_in_either_case() -> None:
    keyed = hmac.digest(key_of("P1"), SHA.lower().encode(), hashlib.sha256).hex()
    given().when(person_record(content_sha256=SHA)).then_accepted(content=keyed)
    given().when(person_record(content_sha256=SHA.lower())).then_accepted(content=keyed)
    given().when(person_record()).then_accepted(content="")


def test_a_units_record_may_name_a_person_who_exists() -> None:
    given().when(good("record", person_id="P1", content_sha256=SHA)).then_accepted(person_id="P1", content=SHA.lower())
    given().when(good("record", person_id="P9")).then_refused("person_id", "unknown_person")
    given().when(good("record", person_id="P1", occurred_at="2015-01-01")).then_accepted(day="2015-01-01")


def test_whose_record_it_is_decides_who_must_be_named() -> None:
    given().when(good("record", unit_id="", person_id="P1")).then_refused("unit_id", "missing")
    given().when(person_record(unit_id="S1", person_id="")).then_refused("person_id", "missing")
    given().when(person_record(record="attendance", person_id="")).then_refused("person_id", "missing")
    given().when(good("record", record="dance", unit_id="")).then_refused("unit_id", "missing")


def test_a_kind_that_only_records_without_duty_name_is_a_units() -> None:
    given().when(good("record", record="inspection_visit")).then_accepted(kind="inspection_visit")
    given().when(good("record", record="inspection_visit", unit_id="")).then_refused("unit_id", "missing")


def test_a_kind_outside_the_campaign_is_unknown() -> None:
    given().when(good("record", record="dance")).then_refused("record", "unknown_record_kind")
    given().when(good("record", record="dance"), allow_pending=True).then_refused("record", "unknown_record_kind")


def test_work_that_may_come_after_its_period_must_name_it() -> None:
    given().when(good("record", record="monthly_report", unit_id="O2")).then_refused("period", "missing")
    given().when(good("record", record="monthly_report", unit_id="O2", period="2022-11")).then_accepted(
        period="2022-11"
    )


def test_a_named_period_is_one_of_the_duty_that_counts_the_kind() -> None:
    for kind, period in (
        ("forum", "2022-winter"),
        ("discussion_day", "2022-autumn"),
        ("discussion_day", "2022-10"),
    ):
        given().when(good("record", record=kind, period=period)).then_refused("period", "unknown_period")
    given().when(good("record", record="plan", period="once")).then_accepted(period="once")
    given().when(good("record", record="inspection_visit", period="2022-11")).then_refused("period", "unknown_period")


def test_a_period_that_begins_when_the_campaign_closes_is_none() -> None:
    closing = Campaign.from_data({**campaign_document(), "closes_on": "2023-06-01"})
    video = {"record": "video", "occurred_at": "2023-05-20"}
    given(rules=closing).when(good("record", **video, period="2023-05")).then_accepted()
    given(rules=closing).when(good("record", **video, period="2023-06")).then_refused("period", "unknown_period")


def test_a_record_may_be_dated_before_the_campaign() -> None:
    given().when(good("record", record="plan", occurred_at="2022-10-20")).then_accepted(day="2022-10-20")


def test_a_unit_reports_only_days_on_which_it_is_in_service() -> None:
    closing = given(good("unit_closed", closed_on="2022-11-20"))
    closing.when(good("record", occurred_at="2022-11-19T23:59:59")).then_accepted()
    closing.when(good("record", occurred_at="2022-11-20")).then_refused("occurred_at", "not_in_service")
    given().when(good("record", occurred_at="2010-08-31")).then_refused("occurred_at", "not_in_service")
    given().when(good("record", occurred_at="2010-09-01")).then_accepted()


def test_a_person_reports_only_days_on_which_they_serve_somewhere() -> None:
    given().when(person_record(occurred_at="2020-08-31")).then_refused("occurred_at", "not_in_service")
    given().when(person_record(occurred_at="2020-09-01")).then_accepted()


def test_what_is_out_of_service_may_still_come_into_it() -> None:
    given().when(person_record(occurred_at="2020-08-31"), allow_pending=True).then_pending_for("person:P1")
    given().when(good("record", occurred_at="2010-08-31"), allow_pending=True).then_pending_for("unit:S1")
    given().when(good("record", unit_id="X", person_id="P9"), allow_pending=True).then_pending_for(
        "unit:X", "person:P9"
    )


def test_the_day_is_the_local_one_whatever_offset_is_written() -> None:
    given().when(good("record", occurred_at="2022-11-20T16:30:00Z")).then_accepted(day="2022-11-21")
    given().when(good("record", occurred_at="2022-11-20T16:30:00-05:00")).then_accepted(day="2022-11-21")


def test_a_hash_has_64_hexadecimal_digits() -> None:
    for text in ("abc", "g" * 64, "a" * 63, "a" * 65, "ａ" * 64, " " + "a" * 63):
        given().when(good("record", content_sha256=text)).then_refused("content_sha256", "bad_sha256")


def test_the_same_record_again_is_unchanged_and_another_of_its_id_is_a_conflict() -> None:
    unit_kind = given(good("record"))
    unit_kind.when(good("record")).then_unchanged()
    unit_kind.when(good("record", occurred_at="2022-11-20T10:00")).then_refused("record_id", "conflict")
    unit_kind.when(good("record", person_id="P1")).then_refused("record_id", "conflict")
    personal = given(person_record())
    personal.when(person_record()).then_unchanged()
    personal.when(person_record(title="改")).then_refused("record_id", "conflict")
    personal.when(good("record")).then_refused("record_id", "conflict")


def test_a_conflicting_row_is_a_conflict_also_when_its_text_cannot_be_kept() -> None:
    given(good("record")).when(good("record", title="\ud800")).then_refused("record_id", "conflict")


def test_records_of_an_erased_person_stay_and_others_are_still_compared() -> None:
    erased = given(person_record(), good("membership", person_id="P2")).erased("P1")
    erased.when(person_record(title="改")).then_unchanged()
    erased.when(person_record(person_id="P2")).then_refused("record_id", "conflict")


def test_a_withdrawal_bears_the_instant_and_the_person_of_its_record() -> None:
    given(person_record()).when(good("withdrawal")).then_accepted(
        record_id="R1", person_id="P1", reason="重复", withdrawn_at="2022-11-30T16:00:00.000000Z"
    )
    given(good("record")).when(good("withdrawal")).then_accepted(person_id="")


def test_a_withdrawal_is_compared_under_the_key_of_its_records_person() -> None:
    erased = given(person_record(), good("withdrawal")).erased("P1")
    erased.when(good("withdrawal", reason="写错")).then_unchanged()


def test_only_a_record_of_the_book_is_withdrawn() -> None:
    given().when(good("withdrawal")).then_refused("record_id", "unknown_record")
    given().when(good("withdrawal"), allow_pending=True).then_pending_for("record:R1")
    given().when(good("withdrawal", withdrawn_at="soon"), allow_pending=True).then_refused(
        "withdrawn_at", "bad_instant"
    )


def test_the_same_withdrawal_again_is_unchanged_and_another_is_a_conflict() -> None:
    for record in (good("record"), person_record()):
        withdrawn = given(record, good("withdrawal"))
        withdrawn.when(good("withdrawal")).then_unchanged()
        withdrawn.when(good("withdrawal", reason="写错")).then_refused("record_id", "conflict")
        withdrawn.when(record).then_refused("record_id", "conflict")
