"""Each clause of the check, seen red: the evidence of a good semester is spoilt in one place, and that is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.rules import OURS, imports
from tests.semester import a_small_semester as small
from tests.semester.a_small_semester import (
    AGAIN,
    BOOK,
    NOVEMBER,
    OVER,
    READ,
    REVIEW_LATE,
    TO_READ,
    TO_REVIEW,
    TODAY,
    UNTIL,
    event,
    letter,
    semester,
)
from tests.semester.calendar import instant
from tests.semester.check import problems
from tests.semester.evidence import Evidence

FILE = Path(__file__)
Spoil = Callable[[Evidence], object]
VIDEO = event("publicity.video_published", "2022-12-12T10:00", video_id="V1")
NOT_MET = "2022-12-15,wechat,2022-autumn,X1,,2022-12-31,0,1,no"


def clauses(evidence: Evidence) -> set[str]:
    return {problem.clause for problem in problems(evidence)}


def test_nothing_is_wrong_with_a_good_semester() -> None:
    assert problems(semester()) == []


def test_the_check_shares_no_code_with_what_it_checks() -> None:
    seen: set[str] = set()
    waiting = {f"tests.semester.{path.stem}" for path in FILE.parent.glob("*.py") if path.stem != FILE.stem}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        path = FILE.parents[2] / (module.replace(".", "/") + ".py")
        if path.exists():
            result = {name.rpartition(".")[0] for _, name in imports(path.read_text(encoding="utf-8"))}
            waiting |= {name for name in result if name.startswith("tests.")} - seen
            assert not {name for name in result if name.split(".")[0] in OURS}, path
    assert "tests.domain.duties.oracle_of_credit" in seen


def of(evidence: Evidence, to: str, day: str) -> int:
    """The place of that recipient's mail of the day."""
    return next(at for at, mail in enumerate(evidence.mails) if (mail.to, mail.id) == (to, f"<{to}/{day}>"))


def moved(evidence: Evidence, to: str, day: str, when: str) -> None:
    place = of(evidence, to, day)
    evidence.mails[place] = evidence.mails[place]._replace(at=instant(when))
    evidence.mails.sort(key=lambda item: item.at)


def reworded(evidence: Evidence, to: str, day: str, old: str, new: str) -> None:
    place = of(evidence, to, day)
    text = evidence.mails[place].text
    assert old in text
    evidence.mails[place] = evidence.mails[place]._replace(text=text.replace(old, new))


def test_what_is_to_be_repeated_is_missed_and_found() -> None:
    """With `repeat_days: 1` the campaign office is told on the next working day once more, and nobody else is."""
    good = semester()
    campaign = good.facts.campaign | {"notifications": {"repeat_days": 1}}
    good.facts.campaign = campaign
    assert clauses(good) == {"missing"}
    good.mails.append(letter("campaign-office", "2022-12-15T08:30", AGAIN, f"{NOVEMBER}：1 个单位，共 1 项"))
    assert problems(good) == []
    good.facts.campaign = campaign | {"notifications": {"repeat_days": 2}}
    assert clauses(good) == {"not_due"}


@pytest.mark.parametrize(
    ("clause", "spoil"),
    [
        ("twice", lambda e: e.mails.append(e.mails[-1])),
        ("twice", lambda e: e.mails.append(letter("head-X1", "2022-12-15T08:30", OVER, NOVEMBER))),
        ("missing", lambda e: e.mails.pop(of(e, "office-O1", "2022-12-08"))),
        ("missing", lambda e: reworded(e, "clerk-X1", "2022-12-01", f"  · {BOOK}：1 人（王甲）\n", "")),
        ("missing", lambda e: e.mails.pop(of(e, "head-X1", "2022-12-07"))),
        ("missing", lambda e: e.mails.pop(of(e, "person-P1", "2022-12-05"))),
        ("met", lambda e: moved(e, "person-P1", "2022-12-05", "2022-12-07T08:30")),
        ("rest_day", lambda e: moved(e, "clerk-X1", "2022-12-01", "2022-12-03T08:30")),
        ("quiet_hours", lambda e: moved(e, "clerk-X1", "2022-12-01", "2022-12-01T20:30")),
        ("too_early", lambda e: moved(e, "clerk-X1", "2022-12-01", "2022-12-01T08:10")),
        ("outside", lambda e: moved(e, "clerk-X1", "2022-12-01", "2022-12-16T08:30")),
        ("met", lambda e: e.mails.append(letter("person-P2", "2022-11-30T08:30", TODAY, BOOK))),
        ("met", lambda e: moved(e, "person-P1", "2022-12-01", "2022-12-02T09:30")),
        ("not_due", lambda e: moved(e, "head-X1", "2022-12-05", "2022-12-01T08:30")),
        ("miscounted", lambda e: reworded(e, "office-O1", "2022-12-08", "第一小学", "第一小学 2 项")),
        ("miscounted", lambda e: reworded(e, "campaign-office", "2022-12-14", "共 1 项", "共 3 项")),
        ("missing", lambda e: e.mails.pop(of(e, "person-P2", "2022-12-12"))),
        ("missing", lambda e: e.mails.pop(of(e, "person-P1", "2022-12-09"))),
        ("met", lambda e: reworded(e, "person-P1", "2022-12-09", "12月8日", "12月9日")),
        ("twice", lambda e: e.mails.append(letter("person-P2", "2022-12-13T08:30", TO_READ, READ))),
        ("miscounted", lambda e: reworded(e, "person-P2", "2022-12-12", "1 件", "2 件")),
        ("named_above", lambda e: reworded(e, "office-O1", "2022-12-08", "谢谢", "王甲")),
        ("not_decided", lambda e: e.logs["notifications"].pop(3)),
    ],
)
def test_a_wrong_reminder_is_named(clause: str, spoil: Spoil) -> None:
    evidence = semester()
    spoil(evidence)
    assert clause in clauses(evidence)


ONE_REVIEW = f"请您评审的作品：1 件，{UNTIL}"


@pytest.mark.parametrize(
    ("clause", "spoil"),
    [
        ("missing", lambda e: e.mails.pop(of(e, "person-P2", "2022-12-07"))),
        ("missing", lambda e: e.mails.pop(of(e, "person-P2", "2022-12-09"))),
        ("missing", lambda e: reworded(e, "person-P2", "2022-12-07", "2 件", "1 件")),
        ("miscounted", lambda e: reworded(e, "person-P2", "2022-12-07", "2 件", "3 件")),
        ("miscounted", lambda e: reworded(e, "person-P2", "2022-12-09", "1 件", "2 件")),
        ("not_due", lambda e: reworded(e, "person-P2", "2022-12-07", "12月8日", "12月9日")),
        ("not_due", lambda e: reworded(e, "person-P2", "2022-12-07", f"，{UNTIL}", "")),
        ("not_due", lambda e: e.mails.append(letter("person-P1", "2022-12-07T08:30", TO_REVIEW, ONE_REVIEW))),
        ("not_due", lambda e: e.mails.append(letter("head-X1", "2022-12-09T08:30", REVIEW_LATE, ONE_REVIEW))),
        ("not_due", lambda e: e.mails.append(letter("person-P2", "2022-12-08T08:30", REVIEW_LATE, ONE_REVIEW))),
        ("twice", lambda e: e.mails.append(letter("person-P2", "2022-12-08T08:30", TO_REVIEW, ONE_REVIEW))),
        ("met", lambda e: e.mails.append(letter("person-P2", "2022-12-13T08:30", REVIEW_LATE, ONE_REVIEW))),
    ],
)
def test_a_wrong_letter_to_a_reviewer_is_named(clause: str, spoil: Spoil) -> None:
    evidence = semester()
    spoil(evidence)
    assert clause in clauses(evidence)


def test_a_mail_of_unknown_outcome_may_come_once_more_and_not_twice() -> None:
    evidence = semester()
    lost = event("notifications.delivery_failed", "2022-12-14T08:30", recipient="campaign-office", day="2022-12-14",
                 code="unknown_interrupted")  # fmt: skip
    evidence.logs["notifications"].append(lost)
    evidence.mails.append(evidence.mails[-1])
    assert problems(evidence) == []
    evidence.mails.append(evidence.mails[-1])
    assert clauses(evidence) == {"twice"}


def test_what_was_met_between_two_attempts_need_not_be_notified_and_must_not() -> None:
    evidence = semester()
    place = of(evidence, "person-P1", "2022-12-01")
    evidence.facts.records[1] = small.record("R1", "book_issue", "2022-12-01T08:40", person_id="P1")
    assert "missing" not in clauses(evidence)
    mail = evidence.mails.pop(place)
    ended = event(
        "notifications.delivery_ended", "2022-12-01T09:00", recipient="person-P1", day="2022-12-01", code="met"
    )
    evidence.logs["notifications"].append(ended)
    assert clauses(evidence) == set()
    evidence.mails.insert(place, mail._replace(at=instant("2022-12-01T09:00")))
    assert clauses(evidence) == {"met"}


def published(evidence: Evidence, **changes: object) -> None:
    evidence.logs["publicity"][-1]["data"] |= changes


def shown(evidence: Evidence, **changes: object) -> None:
    evidence.publications[0] = evidence.publications[0]._replace(**changes)


def withdrawn(evidence: Evidence, at: str) -> None:
    taken = event("publicity.consent_withdrawn", at, work_id="W1", levels=["district"])
    evidence.logs["publicity"].append(taken)


def taken_down(evidence: Evidence) -> None:
    shown(evidence, until=instant("2022-12-13T11:00"))
    evidence.logs["publicity"].append(event("publicity.article_taken_down", "2022-12-13T11:00", article_id="A1"))


def another(evidence: Evidence, **changes: object) -> None:
    evidence.publications.append(evidence.publications[0]._replace(**changes))


def deed(evidence: Evidence, **changes: object) -> None:
    evidence.facts.records[2] |= changes


@pytest.mark.parametrize(
    ("clause", "spoil"),
    [
        ("no_consent", lambda e: e.logs["publicity"][0]["data"].update(levels=["inside", "unit"])),
        ("no_consent", lambda e: withdrawn(e, "2022-12-12T09:00")),
        ("no_consent", lambda e: withdrawn(e, "2022-12-13T09:00")),
        ("unknown_work", lambda e: shown(e, content="<p>另一篇</p>")),
        ("published_twice", another),
        ("unconfirmed", lambda e: another(e, title="另一篇")),
        ("not_public", lambda e: e.publications.clear()),
        ("not_public", lambda e: shown(e, since=instant("2022-12-12T11:00"))),
        ("no_deed", lambda e: e.facts.records.pop()),
        ("no_deed", lambda e: deed(e, unit_id="O1")),
        ("no_deed", lambda e: deed(e, record="wechat_school")),
        ("no_deed", lambda e: deed(e, withdrawn=instant("2022-12-13T00:00"))),
        ("no_deed", lambda e: e.logs["publicity"].append(VIDEO)),
        ("not_undone", taken_down),
        ("still_public", lambda e: e.logs["publicity"].append(
            event("publicity.article_taken_down", "2022-12-13T11:00", article_id="A1"))),
        ("put_back", lambda e: e.logs["publicity"].append(
            event("publicity.submission_failed", "2022-12-13T09:00", article_id="A1", code="48001"))),
        ("deed_of_nothing", lambda e: deed(e, record_id="publicity-article-A2")),
        ("not_met", lambda e: e.results.update({"outstanding.csv": NOT_MET})),
    ],
)  # fmt: skip
def test_a_wrong_article_is_named(clause: str, spoil: Spoil) -> None:
    evidence = semester()
    spoil(evidence)
    assert clause in clauses(evidence)


def test_a_take_down_after_the_consent_was_withdrawn_is_right() -> None:
    evidence = semester()
    withdrawn(evidence, "2022-12-13T09:00")
    taken_down(evidence)
    deed(evidence, withdrawn=instant("2022-12-13T11:05"))
    assert clauses(evidence) == {"scores"}, "the results are still those with the deed"


def test_a_wrong_figure_is_named() -> None:
    evidence = semester()
    for name in ("unit_scores.csv", "outstanding.csv"):
        spoilt = dict(evidence.results)
        spoilt[name] = spoilt[name].replace("X1", "X2", 1)
        evidence.results, kept = spoilt, evidence.results
        assert clauses(evidence) == {"scores"}
        evidence.results = kept


def test_the_deed_is_in_the_figures() -> None:
    evidence = semester()
    evidence.facts.records.pop()
    assert {"scores", "no_deed"} <= clauses(evidence)
