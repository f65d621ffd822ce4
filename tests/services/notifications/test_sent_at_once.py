"""What is decided is sent at once: the channels are woken, and do not end their pause first."""

from services.notifications.contacts.domain import Contact
from tests.services.notifications.subject import Subject, teacher

PERSON = Contact("person-P1", "许悦丽", "xu@x1.example.cn")


def woken(subject: Subject) -> set[str]:
    """The channels whose pause ends now, with which they begin another one."""
    loops = subject.service.channel_loops
    result = {name for name, loop in loops.items() if loop.wakeup.wait(0)}
    for loop in loops.values():
        loop.wakeup.clear()
    return result


def test_a_day_that_is_decided_wakes_every_channel_once(subject: Subject) -> None:
    subject.receives(teacher("P1")).knows(PERSON).at("2022-11-08T09:00").catch_up()
    assert woken(subject) == set()
    subject.service.decide_reminders()
    assert woken(subject) == {"inbox", *subject.service.channel_loops}
    subject.service.decide_reminders()
    assert woken(subject) == set()
