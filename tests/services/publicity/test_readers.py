"""Who reads and who agrees: readers are appointed and act themselves, and nobody gives back another's consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from services.publicity.readings.handlers import appoint_reader, record_fetched_proof, record_reading
from services.publicity.readings.open_readings import hand_over_readings, open_readings
from services.publicity.reviews.handlers import assign_reviewers, mark_work
from services.publicity.works.handlers import give_consent, nominate_work, withdraw_consent
from services.publicity.works.listing import visible_works
from services.publicity.works.views import work_text
from services.registry.rights import party_of
from tests.services.publicity.district import Bureau

AUTHOR, REVIEWER, COLLEAGUE = "S01-0", "S02-0", "S01-1"


@dataclass(frozen=True)
class Caller:
    actor: Actor
    correlation: str = ""


OPERATOR = Caller(Actor("operator", "operator", frozenset({"operator"})))
CLERK = Caller(Actor("console", "clerk-S01", frozenset({"clerk"}), ("S01",)))


def person(name: str, *posts: tuple[str, str]) -> Caller:
    actor = Actor("console", name, frozenset({"person"}))
    return Caller(party_of(actor, posts, {"S01": ("school", "")}, 1))


def refused(act: Any, *arguments: Any) -> str:
    with pytest.raises(Problem) as problem:
        act(*arguments)
    return problem.value.code


@pytest.fixture
def read_by(bureau: Bureau) -> Any:
    """Who reads article A1 first; `appointed` by the operator beforehand."""
    bureau.work("W1")
    bureau.article("A1", "W1", read=False)
    publicity = bureau.service.publicity

    def read(caller: Caller, reader_id: str) -> Any:
        if reader_id == caller.actor.name:
            record_fetched_proof(publicity, caller, "article", "A1", bureau.row("A1")["content"])
        return record_reading(publicity, caller, "article", "A1", "first", reader_id, "", "", "")

    return read


@pytest.mark.parametrize("caller", [OPERATOR, CLERK, person("S01-2"), person("S01-2", ("S01", "head"))])
def test_nobody_reads_in_another_s_name(bureau: Bureau, read_by: Any, caller: Caller) -> None:
    appoint_reader(bureau.service.publicity, OPERATOR, "article", "A1", "first", COLLEAGUE)
    assert refused(read_by, caller, COLLEAGUE) == "not_allowed"
    assert read_by(person(COLLEAGUE), COLLEAGUE)["changed"]


def test_nobody_signs_what_they_were_not_handed(bureau: Bureau, read_by: Any) -> None:
    publicity, reader = bureau.service.publicity, person(COLLEAGUE)
    appoint_reader(publicity, OPERATOR, "article", "A1", "first", COLLEAGUE)
    sign = (publicity, reader, "article", "A1", "first", COLLEAGUE, "", "", "")
    assert refused(record_reading, *sign) == "not_fetched"
    record_fetched_proof(publicity, reader, "article", "A1", "another version")
    assert refused(record_reading, *sign) == "not_fetched"
    assert read_by(reader, COLLEAGUE)["changed"]
    assert len(bureau.events_of_type("proof_fetched")) == 1


def test_nobody_reads_who_is_not_appointed_or_wrote_it(bureau: Bureau, read_by: Any) -> None:
    assert refused(read_by, person(COLLEAGUE), COLLEAGUE) == "unknown_article"
    assert refused(read_by, person(AUTHOR), AUTHOR) == "unknown_article"


def test_the_head_appoints_unless_they_are_an_author_and_a_clerk_never(bureau: Bureau, read_by: Any) -> None:
    def appoint(caller: Caller, reader_id: str = COLLEAGUE) -> Any:
        return appoint_reader(bureau.service.publicity, caller, "article", "A1", "first", reader_id)

    assert refused(appoint, CLERK) == "not_allowed"
    assert refused(appoint, person("S02-1", ("S02", "head"))) == "not_allowed"
    assert refused(appoint, person(AUTHOR, ("S01", "head"))) == "appoints_own_reader"
    head = person("S01-2", ("S01", "head"))
    assert refused(appoint, head, "S01-2") == "appoints_own_reader"
    assert appoint(head)["changed"]
    (event,) = bureau.events_of_type("reader_appointed")
    assert event.actor == "head:S01-2@S01"


def test_what_is_yet_to_be_read_goes_to_a_successor_and_what_they_may_not_read_stays(
    bureau: Bureau, read_by: Any
) -> None:
    publicity, head = bureau.service.publicity, person(REVIEWER, ("S01", "head"))
    for stage, reader in (("first", COLLEAGUE), ("second", "S01-3")):
        appoint_reader(publicity, OPERATOR, "article", "A1", stage, reader)
    reading = {"subject": "article", "subject_id": "A1", "kind": "article", "stage": "first", "title": "推文 A1"}
    assert open_readings(publicity, head, "S01", COLLEAGUE) == {"readings": [reading]}
    assert open_readings(publicity, head, "S01", AUTHOR) == {"readings": []}
    assert refused(open_readings, publicity, CLERK, "S01", COLLEAGUE) == "not_allowed"
    assert refused(hand_over_readings, publicity, CLERK, "S01", COLLEAGUE, "S01-2") == "not_allowed"

    def stays(successor_id: str) -> list[tuple[str, str]]:
        answer = hand_over_readings(publicity, head, "S01", COLLEAGUE, successor_id)
        return [(item["stage"], item["code"]) for item in answer["stays"]]

    assert stays(AUTHOR) == [("first", "reader_is_author")]
    assert stays("S01-3") == [("first", "same_reader")]
    assert stays("S01-2") == []
    assert bureau.events_of_type("reader_appointed")[-1].actor == f"head:{REVIEWER}@S01"
    assert open_readings(publicity, head, "S01", COLLEAGUE) == {"readings": []}
    assert refused(read_by, person(COLLEAGUE), COLLEAGUE) == "unknown_article"
    assert read_by(person("S01-2"), "S01-2")["changed"]
    assert open_readings(publicity, head, "S01", "S01-2") == {"readings": []}


@pytest.mark.parametrize("caller", [OPERATOR, CLERK])
def test_consent_that_its_author_took_back_gives_nobody_else_again(bureau: Bureau, caller: Caller) -> None:
    bureau.work("W1")
    publicity = bureau.service.publicity
    assert withdraw_consent(publicity, person(AUTHOR), "W1", ["district"])["changed"]
    assert refused(give_consent, publicity, caller, "W1", ["district"]) == "author_only"
    assert refused(give_consent, publicity, person(COLLEAGUE), "W1", ["district"]) == "not_allowed"
    assert give_consent(publicity, person(AUTHOR), "W1", ["district"])["changed"]


def test_a_revised_file_from_the_unit_does_not_bring_the_consent_back(bureau: Bureau) -> None:
    bureau.returned("W1")
    publicity = bureau.service.publicity
    give_consent(publicity, person(AUTHOR), "W1", ["district"])
    withdraw_consent(publicity, person(AUTHOR), "W1", ["inside"])
    hand_in = (publicity, CLERK, "W1", AUTHOR, "S01", "2022-autumn", "体会", ["inside"], "修改稿".encode())
    assert refused(nominate_work, *hand_in) == "author_only"


def test_a_reviewer_reads_nothing_after_the_consent_is_gone(bureau: Bureau) -> None:
    bureau.work("W1")
    publicity, reviewer = bureau.service.publicity, person(REVIEWER)
    assert work_text(publicity, reviewer.actor, "W1", REVIEWER, "2022-12-05")["blocks"]
    assert visible_works(publicity, reviewer.actor, {"reviewer_id": REVIEWER})
    withdraw_consent(publicity, person(AUTHOR), "W1", [])
    assert refused(work_text, publicity, reviewer.actor, "W1", REVIEWER, "2022-12-05") == "no_consent"
    assert not visible_works(publicity, reviewer.actor, {"reviewer_id": REVIEWER})


def test_marks_are_given_by_the_reviewer_alone(bureau: Bureau) -> None:
    bureau.nominate("W1", "体会", 9)
    publicity = bureau.service.publicity
    assign_reviewers(publicity, OPERATOR, "W1", [REVIEWER])
    marks = {"writing": "40", "usefulness": "35"}
    for caller in (OPERATOR, CLERK, person(COLLEAGUE)):
        assert refused(mark_work, publicity, caller, "W1", REVIEWER, marks) == "not_allowed"
    assert mark_work(publicity, person(REVIEWER), "W1", REVIEWER, marks)["changed"]
