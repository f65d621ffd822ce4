"""Who chooses how they are told gets letters so: a later hour, another order of channels, nothing of what is muted; but
all that is compulsory, and everything in the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.process.tokens import Actor
from contracts.participation import PersonErased
from duties.reminders import Reminders
from services.notifications.contacts.domain import Contact
from services.notifications.preferences.domain import (
    OPTIONAL,
    PREFERENCES,
    Preferences,
    SetPreferences,
    effective_minute,
    minute_of,
    preference_error,
)
from services.notifications.preferences.queries import preferences_of
from tests.services.notifications.subject import Subject, teacher
from tests.services.notifications.test_intervention_routes import call
from tests.support.mail_server import MailServer

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")
CLERK = Contact("clerk-X1", "填报员", "clerk@x1.example.cn")
SOON, TODAY, AFTER = "2022-11-25", "2022-11-30", "2022-12-01"
"""The book is due on 30 November: said soon, on the day, and after it."""


def choose(subject: Subject, recipient: str = "person-P1", **chosen: Any) -> None:
    with subject.service.units_of_work.begin(f"person:{recipient}") as work:
        work.execute(PREFERENCES, SetPreferences(recipient, Preferences(**chosen)))


def letters(mail: MailServer) -> list[str]:
    return [item.text for item in mail.mails]


def test_what_is_muted_sends_no_letter_and_stands_in_the_inbox(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(PERSON)
    choose(subject, muted=frozenset({"due_soon"}))
    subject.at(f"{SOON}T08:30").tick()
    assert (mail.mails, subject.outcomes(SOON)["person-P1"]) == ([], "ended inbox_only")
    subject.at(f"{TODAY}T08:30").tick()
    subject.at(f"{AFTER}T08:30").tick()
    assert ["请在今天完成" in text for text in letters(mail)] == [True, False]
    assert "逾期未完成" in letters(mail)[1], "what is compulsory is sent"


def test_whoever_mutes_nothing_gets_a_letter_soon_too(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(PERSON).at(f"{SOON}T08:30").tick()
    assert ["即将到期" in text for text in letters(mail)] == [True]


def test_a_later_hour_holds_the_letter_back_until_then(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(PERSON, CLERK)
    choose(subject, not_before=10 * 60 + 30)
    subject.at(f"{TODAY}T08:30").tick()
    subject.at(f"{TODAY}T10:29").rebuild().tick()
    assert [item.to for item in mail.mails] == [CLERK.email], "the clerk's own duties, at the campaign's hour"
    subject.at(f"{TODAY}T10:30").tick()
    assert [item.to for item in mail.mails] == [CLERK.email, PERSON.email]
    assert subject.outcomes(TODAY)["person-P1"] == "ended succeeded"


def test_what_is_chosen_twice_is_one_event(subject: Subject) -> None:
    for _ in range(2):
        choose(subject, channels=("wecom", "email"), muted=frozenset({"scored"}))
    assert len(subject.events("preferences_set")) == 1
    store = subject.service.store
    for _ in range(2):
        with store.reading() as connection:
            chosen = preferences_of(connection, store, ["person-P1", "person-P2"])
        assert chosen == {"person-P1": Preferences(("wecom", "email"), 0, frozenset({"scored"}))}
        subject.rebuild()


def test_an_erased_person_has_chosen_nothing(subject: Subject) -> None:
    subject.receives(teacher("P1"))
    choose(subject, muted=frozenset({"due_soon"}))
    subject.receives(PersonErased("P1"))
    with subject.service.store.reading() as connection:
        chosen = preferences_of(connection, subject.service.store, ["person-P1"])
    assert chosen.get("person-P1", Preferences()) == Preferences()


def test_the_route_says_what_may_be_chosen_and_refuses_what_is_compulsory(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIHANG_CHECK_RESPONSES", "1")
    subject.receives(teacher("P1"))
    subject.runtime.verifier.actor = lambda _: Actor("console", "P1", frozenset({"person"}))  # type: ignore[method-assign]
    path = "/api/preferences/person-P1"
    status, shown = call(subject, "GET", path)
    assert status == 200 and shown["not_before"] == "" and shown["send_at"] == "08:30"
    optional = [each["stage"] for each in shown["stages"] if not each["compulsory"]]
    assert sorted(optional) == sorted(OPTIONAL) and not any(each["muted"] for each in shown["stages"])
    refused = call(subject, "POST", path, {"muted": ["overdue"]})
    assert (refused[0], refused[1]["code"], refused[1]["column"]) == (422, "compulsory", "muted")
    assert call(subject, "POST", path, {"not_before": "21:00"})[1]["code"] == "in_quiet"
    assert call(subject, "POST", path, {"not_before": "9点"})[1]["code"] == "bad_time"
    assert call(subject, "POST", path, {"channels": ["pigeon"]})[1]["code"] == "bad_channels"
    chosen = {"channels": ["dingtalk"], "not_before": "09:00", "muted": ["due_soon"]}
    assert call(subject, "POST", path, chosen)[1]["outcome"] == "set"
    assert call(subject, "POST", path, chosen)[1]["outcome"] == "unchanged"
    shown = call(subject, "GET", path)[1]
    assert [each["channel"] for each in shown["channels"]] == ["dingtalk", "email", "wecom"]
    assert (shown["not_before"], shown["latest"]) == ("09:00", "19:30")
    assert [each["stage"] for each in shown["stages"] if each["muted"]] == ["due_soon"]
    assert call(subject, "GET", "/api/preferences/person-P2")[0] == 403
    assert call(subject, "GET", "/api/preferences/office-O1")[0] == 403


def test_channels_are_those_of_the_campaign_in_ones_own_order() -> None:
    chosen = Preferences(("wecom", "dingtalk"))
    assert chosen.in_order(("email", "wecom")) == ["wecom", "email"]
    assert Preferences().in_order(("email", "wecom")) == ["email", "wecom"]


def test_from_shortly_before_the_quiet_hours_nobodys_hour_holds_anything_back() -> None:
    reminders = Reminders()  # quiet from 20:00
    assert effective_minute(19 * 60 + 29, reminders) == 19 * 60 + 29
    assert effective_minute(19 * 60 + 30, reminders) == 24 * 60
    error = preference_error(Preferences(not_before=19 * 60 + 30), reminders)
    assert error is not None and error.code == "in_quiet"
    assert preference_error(Preferences(not_before=19 * 60 + 29), reminders) is None


@pytest.mark.parametrize("text", ["8:30", "08-30", "24:00", "08:60", "ab:cd", "08:3", "0830"])
def test_a_time_is_two_digits_and_two(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        minute_of(text)
