"""E-mail and the group robot: what they take, how they refuse, and which channel has its turn then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from chassis.process.settings import BadSetting
from services.notifications.channels import Message
from services.notifications.channels.configured_channels import open_channels
from services.notifications.channels.email import Email, composed
from services.notifications.channels.email import MailServer as Server
from services.notifications.channels.wecom import Wecom
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.test_message import send_test_message
from services.notifications.digests.message_texts import MessageText
from tests.services.notifications.subject import Subject, teacher
from tests.support.mail_server import MailServer
from tests.support.wecom_robot import WecomRobots

ROBOT = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
SUBJECT = "【催办提醒】学论述、强本领、提品质：3 项逾期未完成、12 项即将到期（2022年12月31日）"


def message(to: str = "xu@x1.example.cn", name: str = "许悦丽", robot: str = "", markdown: str = "你好") -> Message:
    render_message = MessageText(SUBJECT, "您好！\n.一行以点开头\n", "<p>您好！</p>", markdown)
    return Message(
        "<1@edu.example.cn>", "2022-12-30T00:30:00.000000Z", Contact("person-P1", name, to, robot), render_message
    )


def email(server: MailServer) -> Email:
    return Email(Server.of(server.url, "tixing@edu.example.cn", str(server.ca_file)))


@pytest.fixture
def robots() -> Iterator[WecomRobots]:
    wecom_robots = WecomRobots(ROBOT)
    yield wecom_robots
    wecom_robots.stop()


@pytest.mark.parametrize("implicit_tls", [False, True])
def test_a_mail_comes_whole_in_chinese(tmp_path: Path, implicit_tls: bool) -> None:
    server = MailServer(tmp_path, implicit_tls=implicit_tls)
    try:
        assert email(server).send(message()).result == "succeeded"
    finally:
        server.stop()
    (mail,) = server.mails
    assert mail.message["Subject"] == SUBJECT
    assert str(mail.message["To"]) == "许悦丽 <xu@x1.example.cn>"
    assert (mail.text, mail.html.strip()) == ("您好！\n.一行以点开头\n", "<p>您好！</p>")
    assert mail.message["Date"] == "Fri, 30 Dec 2022 00:30:00 +0000"
    assert mail.id == "<1@edu.example.cn>"


def test_every_header_line_is_ascii_and_short() -> None:
    raw = composed(message(), "tixing@edu.example.cn").as_bytes()
    head = raw.partition(b"\n\n")[0]
    assert all(line.isascii() and len(line) <= 78 for line in head.splitlines())


def test_a_name_cannot_add_a_header() -> None:
    raw = composed(message(name="许悦丽\r\nBcc: all@example.cn"), "tixing@edu.example.cn")
    assert raw["Bcc"] is None


def test_an_address_in_chinese_needs_a_server_that_takes_it(tmp_path: Path, mail: MailServer) -> None:
    assert email(mail).send(message("办公室@教育局.中国")).result == "succeeded"
    assert mail.mails[0].to == "办公室@教育局.中国"
    (tmp_path / "old").mkdir()
    old = MailServer(tmp_path / "old", utf8=False)
    try:
        assert email(old).send(message("办公室@教育局.中国")).code == "no_smtputf8"
        assert email(old).send(message()).result == "succeeded"
    finally:
        old.stop()


def test_a_test_message_is_sent_at_any_hour_answers_its_outcome_and_keeps_nothing(
    tmp_path: Path, mail: MailServer, robots: WecomRobots
) -> None:
    subject = Subject(tmp_path / "data", "", mail, wecom_url=robots.url).launches().at("2022-11-26T03:00")

    def outcomes(to: str, robot: str = "") -> list[tuple[str, str, str]]:
        contact = Contact("campaign-office", "", to, robot)
        answer = send_test_message(open_channels(subject.runtime.settings), subject.runtime.now(), contact)
        return [(outcome["channel"], outcome["result"], outcome["code"]) for outcome in answer["outcomes"]]

    assert outcomes("yunwei@edu.example.cn", ROBOT) == [
        ("email", "succeeded", ""),
        ("wecom", "succeeded", ""),
    ]
    ((item,), (messages,)) = mail.mails, robots.messages
    assert (item.to, messages[0]) == ("yunwei@edu.example.cn", ROBOT)
    assert "测试消息" in item.text and "测试消息" in messages[1]
    mail.answer = lambda *_: "550 no such user"
    assert outcomes("niemand@edu.example.cn") == [("email", "never", "smtp_550")]
    mail.stop()
    assert outcomes("yunwei@edu.example.cn") == [("email", "later", "connect")]
    assert subject.events("delivery_started") == []


@pytest.mark.parametrize(("to", "code"), [("", "no_way"), ("nobody", "bad_address"), ("a@b.cn", "channel_off")])
def test_a_test_message_that_cannot_be_sent_is_refused(tmp_path: Path, to: str, code: str) -> None:
    runtime = Subject(tmp_path / "data").runtime
    with pytest.raises(Problem) as caught:
        send_test_message(open_channels(runtime.settings), runtime.now(), Contact("campaign-office", "", to))
    assert caught.value.code == code


def test_the_state_shows_where_channels_lead_and_health_only_whether(tmp_path: Path, mail: MailServer) -> None:
    about = Subject(tmp_path / "data", "", mail).runtime.health.status()
    to = f"smtp+starttls://127.0.0.1:{mail.port}"
    assert about["channels"] == {"email": {"state": "on", "to": to}, "wecom": {"state": "off", "to": ""},
                                 "dingtalk": {"state": "off", "to": ""}}  # fmt: skip
    health = Subject(tmp_path / "none").runtime.health
    checks = health.checks(health.status())
    assert checks["checks"]["channels"] == {"email": "off", "wecom": "off", "dingtalk": "off"}


def test_certificates_that_are_none_are_reported_at_start_and_an_empty_file_is_the_system_s(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")
    assert Server.of("smtps://mail.example.cn", "a@b.cn", str(file)).ca_file == ""
    file.write_text("no certificate")
    with pytest.raises(BadSetting, match="QIHANG_SMTP_CA_FILE"):
        Server.of("smtps://mail.example.cn", "a@b.cn", str(file))


@pytest.mark.parametrize(
    ("answer", "result", "code"),
    [
        ("451 try later", "later", "smtp_451"),
        ("550 no such user xu@x1.example.cn", "never", "smtp_550"),
        ("550 5.1.1 XU: unknown user", "never", "smtp_550"),
        ("drop", "unknown", "lost"),
    ],
)
def test_what_a_mail_server_answers(mail: MailServer, answer: str, result: str, code: str) -> None:
    mail.answer = lambda *_: answer
    channel = email(mail)
    outcome = channel.send(message())
    assert (outcome.result, outcome.code) == (result, code)
    assert "@" not in outcome.detail and "xu" not in outcome.detail.lower()
    mail.answer = lambda *_: "250 OK"
    assert channel.send(message()).result == "succeeded"


def test_a_server_that_is_away_or_not_trusted_is_for_later(tmp_path: Path, mail: MailServer) -> None:
    strange = Email(Server.of(mail.url, "tixing@edu.example.cn", ""))
    assert strange.send(message()).result == "later"
    mail.stop()
    assert email(mail).send(message()).code == "connect"


@pytest.mark.parametrize("url", ["smtp://mail.example.cn", "http://x", "smtp+starttls://", "smtps://u:密码@h"])
def test_a_mail_server_that_cannot_be_trusted_is_not_taken(url: str) -> None:
    with pytest.raises(BadSetting):
        Server.of(url, "tixing@edu.example.cn", "")


def test_a_robot_sends_markdown_within_its_bytes_and_pace(robots: WecomRobots) -> None:
    seconds = [0.0]
    robots.clock = lambda: seconds[0]
    channel = Wecom(robots.url, lambda: seconds[0])
    for _ in range(20):
        assert channel.wait(message(robot=ROBOT).contact) == 0
        assert channel.send(message(robot=ROBOT)).result == "succeeded"
    assert channel.wait(message(robot=ROBOT).contact) == 60
    assert channel.send(message(robot=ROBOT)).code == "wecom_45009"
    seconds[0] = 60
    assert channel.wait(message(robot=ROBOT).contact) == 0


@pytest.mark.parametrize(
    ("fault", "result", "code"),
    [
        (45009, "later", "wecom_45009"),
        (-1, "later", "wecom_-1"),
        (502, "later", "http_502"),
        (40058, "never", "wecom_40058"),
    ],
)  # fmt: skip
def test_what_a_robot_answers(robots: WecomRobots, fault: int, result: str, code: str) -> None:
    robots.fault = lambda _: fault
    outcome = Wecom(robots.url).send(message(robot=ROBOT))
    assert (outcome.result, outcome.code) == (result, code)


def test_a_robot_that_does_not_exist_is_left(robots: WecomRobots) -> None:
    outcome = Wecom(robots.url).send(message(robot="an-old-robot"))
    assert (outcome.result, outcome.code) == ("never", "wecom_93000")
    assert "hint" not in outcome.detail


def test_the_next_channel_has_its_turn_when_the_first_refuses(
    tmp_path: Path, mail: MailServer, robots: WecomRobots
) -> None:
    subject = Subject(tmp_path / "data", "", mail, wecom_url=robots.url).launches()
    subject.receives(teacher("P1")).knows(Contact("clerk-X1", "填报员", "clerk@x1.example.cn", ROBOT))
    mail.answer = lambda *_: "550 no such user"
    subject.at("2022-12-01T09:00").tick().tick()
    ((robot, messages),) = robots.messages
    assert robot == ROBOT
    assert "书籍人手一本，截止日 2022年11月30日：1 人" in messages
    assert "许悦丽" not in messages and "P1" not in messages
    assert subject.outcomes("2022-12-01")["clerk-X1"] == "ended succeeded"
    robots.fault = lambda _: 93000
    subject.at("2023-01-03T09:00").tick().tick().tick()
    assert subject.outcomes("2023-01-03")["clerk-X1"] == "ended given_up"


def test_a_line_that_breaks_after_the_text_is_tried_once_more_and_no_more(subject: Subject, mail: MailServer) -> None:
    subject.receives(teacher("P1")).knows(Contact("person-P1", "许悦丽", "xu@x1.example.cn"))
    mail.answer = lambda *_: "drop"
    for minute in range(30, 50, 2):
        subject.at(f"2022-11-25T08:{minute}").tick()
    assert len(mail.mails) == 2
    assert len({item.id for item in mail.mails}) == 1
    assert ["可能已经送达" in item.text for item in mail.mails] == [False, True]
    assert subject.outcomes("2022-11-25")["person-P1"] == "ended unknown"
