"""Reviews from the office's side: works without authors, whom to ask, who is late or declined; comments that name no
reviewer; what the district may read and choose; what publicity waits for from whom."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.process.problems import Problem
from services.publicity.reviews.handlers import assign_reviewers, decline_review, mark_work, take_review_back
from services.publicity.reviews.views import arranged_reviews, candidates, own_tasks
from services.publicity.works.handlers import give_consent, nominate_work, put_work_forward, select_work
from services.publicity.works.listing import candidates_page, visible_works, works_page
from services.publicity.works.views import work_text
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_nominations import MARKS, nominate
from tests.services.publicity.test_readers import AUTHOR, CLERK, OPERATOR, person

DAY = "2022-12-05"
QUERY = {"semester": "", "unit_id": "", "work_id": "", "progress": "", "after": "", "limit": 50}
CHOICE = {"unit_id": "", "semester": "", "work_id": "", "state": "", "after": "", "limit": 50}
BOTH = ("S02-0", "O01-0")


@pytest.fixture
def store_url() -> str:
    """The rules are the same on both kinds of store: one is enough here."""
    return ""


def listed(bureau: Bureau, **query: Any) -> dict[str, Any]:
    return arranged_reviews(bureau.service.publicity, {**QUERY, **query})


def seen_by(bureau: Bureau, reviewer: str) -> dict[str, Any]:
    (work,) = visible_works(bureau.service.publicity, person(reviewer).actor, {"reviewer_id": reviewer})
    return work


def test_the_office_sees_neither_author_nor_title_nor_text(bureau: Bureau) -> None:
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(bureau.service.publicity, OPERATOR, "W1", ["S02-0"], "2022-12-06")
    (work,) = listed(bureau)["works"]
    assert (work["unit"], work["progress"], work["reviews"][0]["name"]) == ("S01小学", "to_assign", "王某")
    assert AUTHOR not in str(work) and "体会" not in str(work) and "content" not in work
    bureau.pass_time(days=2)
    answer = listed(bureau)
    assert answer["counts"] == {"to_assign": 1, "late": 1} and answer["works"][0]["reviews"][0]["is_late"]
    assert listed(bureau, progress="late")["total"] == 1 and listed(bureau, progress="in_review")["total"] == 0


def test_what_an_author_handed_in_is_shown_once_its_unit_puts_it_forward(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    nominate_work(publicity, person(AUTHOR), "W1", AUTHOR, "S01", "", "体会", ["inside"], "立德".encode())
    assert listed(bureau)["works"] == [] and listed(bureau, progress="handed_in")["total"] == 1
    assert own_tasks(publicity, CLERK.actor)["to_put_forward"] == {"S01": 1}
    with pytest.raises(Problem):
        put_work_forward(publicity, person(AUTHOR), "W1")
    assert put_work_forward(publicity, CLERK, "W1")["changed"]
    assert not put_work_forward(publicity, CLERK, "W1")["changed"]
    assert listed(bureau)["works"][0]["put_forward_on"] == DAY
    assert own_tasks(publicity, CLERK.actor)["to_put_forward"] == {}


def test_who_declines_is_not_asked_again_and_reads_nothing_more(bureau: Bureau) -> None:
    publicity, reviewer = bureau.service.publicity, person("S02-0")
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"])
    seen_as = seen_by(bureau, "S02-0")["work_id"]
    assert own_tasks(publicity, reviewer.actor)["to_review"] == 1
    decline_review(publicity, reviewer, seen_as, "S02-0", "acquainted")
    assert visible_works(publicity, reviewer.actor, {"reviewer_id": "S02-0"}) == []
    assert own_tasks(publicity, reviewer.actor)["to_review"] == 0
    with pytest.raises(Problem):
        work_text(publicity, reviewer.actor, seen_as, "S02-0", DAY)
    with pytest.raises(Problem) as refusal:
        assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"])
    assert refusal.value.code == "reviewer_declined"
    assert listed(bureau)["works"][0]["released"][0]["cause"] == "acquainted"


def test_the_office_takes_back_what_is_not_marked_and_may_ask_the_same_again(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(publicity, OPERATOR, "W1", [*BOTH])
    take_review_back(publicity, OPERATOR, "W1", "S02-0")
    assert not take_review_back(publicity, OPERATOR, "W1", "S02-0")["changed"]
    assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"], "2022-12-20")
    assert seen_by(bureau, "S02-0")["own_review"]["due_on"] == "2022-12-20"
    mark_work(publicity, person("S02-0"), "W1", "S02-0", MARKS)
    with pytest.raises(Problem) as refusal:
        take_review_back(publicity, OPERATOR, "W1", "S02-0")
    assert refusal.value.code == "already_marked"


def test_a_last_day_is_moved_and_lies_not_before_today(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"], "2022-12-06")
    before = seen_by(bureau, "S02-0")
    assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"], "2022-12-09")
    after = seen_by(bureau, "S02-0")
    assert after["own_review"]["due_on"] == "2022-12-09" and after["work_id"] == before["work_id"]
    with pytest.raises(Problem) as refusal:
        assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"], "2022-12-01")
    assert refusal.value.code == "bad_value" and "评审截止日" in refusal.value.detail


def test_a_comment_is_read_by_the_author_and_names_no_reviewer(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(publicity, OPERATOR, "W1", [*BOTH])
    mark_work(publicity, person("S02-0"), "W1", "S02-0", MARKS, "事例生动。\n可再精炼。")
    (work,) = visible_works(publicity, person(AUTHOR).actor, {"author_id": AUTHOR})
    assert work["comments"] == ["事例生动。\n可再精炼。"] and work["average"] == "75"
    (event,) = bureau.events_of_type("review_commented")
    assert "事例" not in str(event.data) and "S02-0" not in str(event.data)
    assert seen_by(bureau, "S02-0")["own_review"]["comment"] == "事例生动。\n可再精炼。"
    assert seen_by(bureau, "O01-0")["own_review"]["comment"] == ""


def test_the_district_reads_and_chooses_what_is_selected_and_agreed_to_for_it(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(publicity, OPERATOR, "W1", [*BOTH])
    for reviewer in BOTH:
        mark_work(publicity, person(reviewer), "W1", reviewer, MARKS)
    assert own_tasks(publicity, CLERK.actor)["to_select"] == {"S01": 1}
    select_work(publicity, CLERK, "W1", "unit", "", "事例可借鉴")
    assert candidates_page(publicity, OPERATOR.actor, CHOICE)["works"] == []
    give_consent(publicity, person(AUTHOR), "W1", ["print"])
    (work,) = candidates_page(publicity, OPERATOR.actor, CHOICE | {"state": "open"})["works"]
    assert (work["title"], work["author"], work["choices"][0]["reason"]) == ("体会", "王某", "事例可借鉴")
    select_work(publicity, OPERATOR, "W1", "district", "")
    assert candidates_page(publicity, OPERATOR.actor, CHOICE | {"state": "open"})["works"] == []
    assert candidates_page(publicity, OPERATOR.actor, CHOICE | {"state": "chosen"})["total"] == 1


def test_whom_to_ask_stands_by_unit_with_what_they_have_to_mark(bureau: Bureau) -> None:
    publicity = bureau.service.publicity
    assert candidates(publicity, "")["people"] == []
    nominate(bureau, "W1", "立德树人。".encode())
    assign_reviewers(publicity, OPERATOR, "W1", ["S02-0"])
    assert [each["person_id"] for each in candidates(publicity, "")["people"]] == ["S02-0"]
    people = candidates(publicity, "S02")
    assert [each["person_id"] for each in people["people"]] == [f"S02-{n}" for n in range(4)]
    assert [each["waiting"] for each in people["people"]] == [1, 0, 0, 0] and people["units"]["S01"] == "S01小学"


def test_works_come_page_by_page_the_latest_first(bureau: Bureau) -> None:
    for at in range(5):
        nominate(bureau, f"W{at}", f"第{at}篇".encode())
    publicity, names, after = bureau.service.publicity, [], ""
    while True:
        page = works_page(publicity, CLERK.actor, {"unit_id": "S01", "limit": 2, "after": after})
        names += [work["work_id"] for work in page["works"]]
        after = page["next"]
        if not after:
            break
    assert names == ["W4", "W3", "W2", "W1", "W0"] and page["total"] == 5
    assert works_page(publicity, CLERK.actor, {"unit_id": "S01", "progress": "in_review"})["total"] == 0
