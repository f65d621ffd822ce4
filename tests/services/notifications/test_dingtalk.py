"""The DingTalk group robot: signature, pace, what it refuses and whose fault that is, its turn among the channels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notifications.channels import Message
from services.notifications.channels.configured_channels import open_channels
from services.notifications.channels.dingtalk import DingTalk, signature
from services.notifications.contacts.domain import Contact, contact_error
from services.notifications.delivery.test_message import send_test_message
from services.notifications.digests.message_texts import MessageText
from services.notifications.digests.robot_text import RobotLine, robot_text
from tests.services.notifications.subject import Subject, teacher
from tests.support.dingtalk_robot import DingTalkRobots, Guard
from tests.support.mail_server import MailServer

SIGNED, BY_WORD = "5f" * 32, "a0" * 32
SECRET = "SEC" + "19dd84be" * 8
TITLE = "【催办提醒】第1中学：3 项逾期未完成"


@pytest.fixture
def robots() -> Iterator[DingTalkRobots]:
    result = DingTalkRobots({SIGNED: Guard(SECRET), BY_WORD: Guard(keyword="催办提醒")})
    yield result
    result.stop()


def message(robot: str = SIGNED, secret: str = SECRET, title: str = TITLE, markdown: str = "你好\n- 一项") -> Message:
    text = MessageText(title, "您好！\n", "<p>您好！</p>", markdown)
    contact = Contact("clerk-X1", dingtalk=robot, dingtalk_secret=secret)
    return Message("<1@edu.example.cn>", "2022-12-30T00:30:00.000000Z", contact, text)


def test_the_signature_is_that_of_the_platform_s_example() -> None:
    """HmacSHA256 of `time, line break, secret` under the secret, base64: worked out with openssl."""
    assert signature("this is secret", 1700000000000) == {
        "timestamp": "1700000000000",
        "sign": "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0=",
    }


def test_a_signed_message_comes_with_its_title_and_its_lines_as_lines(robots: DingTalkRobots) -> None:
    assert DingTalk(robots.url).send(message()).result == "succeeded"
    assert (robots.titles, robots.messages) == ([TITLE], [(SIGNED, "你好\n\n- 一项")])


def test_a_robot_guarded_by_our_word_takes_a_message_without_a_signature(robots: DingTalkRobots) -> None:
    assert DingTalk(robots.url).send(message(BY_WORD, "")).result == "succeeded"
    outcome = DingTalk(robots.url).send(message(BY_WORD, "", title="别的"))
    assert (outcome.result, outcome.code, outcome.fault) == ("never", "dingtalk_310000", "recipient")
    assert "关键词不匹配" in outcome.detail and "link" not in outcome.detail


@pytest.mark.parametrize(("secret", "words"), [("SEC" + "0" * 64, "签名不匹配"), ("", "签名过期")])
def test_a_secret_that_is_wrong_is_the_contact_s_fault(robots: DingTalkRobots, secret: str, words: str) -> None:
    outcome = DingTalk(robots.url).send(message(secret=secret))
    assert (outcome.code, words in outcome.detail) == ("dingtalk_310000", True)
    assert (outcome.result, outcome.fault) == ("never", "recipient")


def test_a_clock_that_is_wrong_is_the_channel_s_fault(robots: DingTalkRobots) -> None:
    outcome = DingTalk(robots.url, wall_clock=lambda: robots.wall_clock() - 3700).send(message())
    assert (outcome.result, outcome.fault, outcome.outage) == ("later", "channel", True)


def test_more_than_twenty_a_minute_wait_and_who_was_too_fast_rests_for_ten(robots: DingTalkRobots) -> None:
    seconds = [0.0]
    robots.clock = lambda: seconds[0]
    channel, other = (DingTalk(robots.url, lambda: seconds[0]) for _ in range(2))
    for _ in range(20):
        assert channel.wait(message().contact) == 0
        assert channel.send(message()).result == "succeeded"
    assert channel.wait(message().contact) == 60
    assert channel.wait(message(BY_WORD).contact) == 0, "another robot's minute is its own"
    outcome = other.send(message())  # another process, that knows nothing of these
    assert (outcome.result, outcome.code, outcome.fault) == ("later", "dingtalk_130101", "recipient")
    seconds[0] = 61
    assert other.wait(message().contact) == 539
    assert channel.send(message()).code == "dingtalk_130101"
    seconds[0] = 700
    assert other.wait(message().contact) == 0 and other.send(message()).result == "succeeded"


@pytest.mark.parametrize(
    ("fault", "result", "code", "whose"),
    [
        (-1, "later", "dingtalk_-1", "channel"),
        (502, "later", "http_502", "channel"),
        (404, "later", "not_dingtalk", "channel"),
        (410100, "later", "dingtalk_410100", "recipient"),
        (400106, "never", "dingtalk_400106", "recipient"),
        (430102, "never", "dingtalk_430102", "letter"),
        (460101, "never", "dingtalk_460101", "letter"),
    ],
)
def test_what_a_robot_answers(robots: DingTalkRobots, fault: int, result: str, code: str, whose: str) -> None:
    robots.fault = lambda _: fault
    outcome = DingTalk(robots.url).send(message())
    assert (outcome.result, outcome.code, outcome.fault) == (result, code, whose)


def test_the_longest_digest_is_within_what_a_robot_takes(robots: DingTalkRobots) -> None:
    lines = [RobotLine(f"- 第{number}项", 1) for number in range(5000)]
    assert DingTalk(robots.url).send(message(markdown=robot_text(TITLE, lines))).result == "succeeded"


@pytest.mark.parametrize(
    ("contact", "column"),
    [
        (Contact("clerk-X1", dingtalk="https://oapi.dingtalk.com"), "dingtalk"),
        (Contact("clerk-X1", dingtalk=SIGNED, dingtalk_secret="两字"), "dingtalk_secret"),
        (Contact("clerk-X1", email="a@b.cn", dingtalk_secret=SECRET), "dingtalk_secret"),
    ],
)
def test_a_token_or_secret_that_is_none_is_refused(contact: Contact, column: str) -> None:
    error = contact_error(contact)
    assert error is not None and error.column == column
    assert contact_error(Contact("clerk-X1", dingtalk=SIGNED, dingtalk_secret=SECRET)) is None


def open_subject(tmp_path: Path, mail: MailServer, robots: DingTalkRobots) -> Subject:
    subject = Subject(tmp_path / "data", "", mail, dingtalk_url=robots.url).launches().receives(teacher("P1"))
    return subject.knows(Contact("clerk-X1", "填报员", "clerk@x1.example.cn", "", SIGNED, SECRET))


def test_it_has_its_turn_when_the_mail_server_refuses_and_names_nobody(
    tmp_path: Path, mail: MailServer, robots: DingTalkRobots
) -> None:
    subject = open_subject(tmp_path, mail, robots)
    mail.answer = lambda *_: "550 no such user"
    subject.at("2022-12-01T09:00").tick().tick()
    ((robot, text),) = robots.messages
    assert robot == SIGNED and "书籍人手一本，截止日 2022年11月30日：1 人" in text
    assert "许悦丽" not in text and "P1" not in text and "催办提醒" in robots.titles[0]
    assert subject.outcomes("2022-12-01")["clerk-X1"] == "ended succeeded"
    (started,) = [event for event in subject.events("delivery_started") if event.channel == "dingtalk"]
    assert SIGNED not in repr(started) and SECRET not in repr(started)


def test_a_platform_that_is_away_opens_the_channel_and_all_goes_when_it_is_back(
    tmp_path: Path, mail: MailServer, robots: DingTalkRobots
) -> None:
    subject = open_subject(tmp_path, mail, robots)
    mail.answer = lambda *_: "550 no such user"
    robots.fault = lambda _: 503
    subject.at("2022-12-01T09:00").tick().tick()
    health = subject.runtime.health
    assert health.status()["channels"]["dingtalk"] == {"state": "open", "to": robots.url.removesuffix("/robot/send")}
    assert health.checks(health.status())["checks"]["channels"]["dingtalk"] == "open"
    assert b'qihang_channel_open{channel="dingtalk",service="notifications"} 1.0' in health.metrics()
    robots.fault = lambda _: 0
    subject.again().at("2022-12-01T09:02").tick()
    assert len(robots.messages) == 1 and health.status()["channels"]["dingtalk"]["state"] == "on"
    subject.close()


def test_a_test_message_shows_whether_token_and_secret_are_right(
    tmp_path: Path, mail: MailServer, robots: DingTalkRobots
) -> None:
    subject = open_subject(tmp_path, mail, robots)

    def outcome(secret: str) -> tuple[str, str, str]:
        contact = Contact("campaign-office", dingtalk=SIGNED, dingtalk_secret=secret)
        answer = send_test_message(open_channels(subject.runtime.settings), subject.runtime.now(), contact)
        (only,) = answer["outcomes"]
        return only["channel"], only["result"], only["code"]

    assert outcome(SECRET) == ("dingtalk", "succeeded", "")
    assert outcome("SEC00000000") == ("dingtalk", "never", "dingtalk_310000")
    subject.close()
