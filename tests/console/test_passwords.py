"""Which passwords will do, that each character of them counts, and what is kept of them."""

from __future__ import annotations

import base64
import math

import pytest
from flask import Flask

from console import passwords
from tests.console.conftest import OWN_PASSWORD, components_of, person_with, sign_in
from tests.console.test_accounts import change
from tests.support.fake_gateway import FakeGateway


@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("wrong", "长河落日圆，大漠孤烟直", None, "原来的密码不正确"),
        (OWN_PASSWORD, "长河落日圆，大漠孤烟直", "other", "不一样"),
        (OWN_PASSWORD, OWN_PASSWORD, None, "和原来的一样"),
        (OWN_PASSWORD, "short 123", None, "至少 10 个字符"),
        (OWN_PASSWORD, "1234567890", None, "太常见"),
        (OWN_PASSWORD, "长河落日圆abcd" * 14 + "xyz", None, "最多 128 个字符"),
        (OWN_PASSWORD, "my p00077 is it", None, "不要含有账号或姓名"),
        (OWN_PASSWORD, "我是王小明呀呀呀呀呀", None, "不要含有账号或姓名"),
    ],
)
def test_a_new_password_that_will_not_do_is_refused_with_the_reason(
    app: Flask, services: FakeGateway, old: str, new: str, again: str | None, words: str
) -> None:
    browser = person_with(app, services, "P00077")
    answer = change(browser, old, new, again)
    assert answer.status_code == 422 and words in answer.text
    assert sign_in(app.test_client(), "P00077", OWN_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "大漠孤烟直长河落日圆",
        "correcthorsebatterystaple",
        " 两头 有空格 的一句话 ",
        "🌸🌿🍁🌾🌼🌻🌹🌷💐🪷",
        "é" + "ab c" * 31 + "xyz",
    ],
)
def test_any_characters_will_do_up_to_128_and_each_of_them_counts(
    app: Flask, services: FakeGateway, password: str
) -> None:
    browser = person_with(app, services, "P00077")
    assert change(browser, OWN_PASSWORD, password).status_code == 303
    for other in (password[:-1], password + "x", password.strip() + "."):
        assert sign_in(app.test_client(), "P00077", other).status_code == 401
    assert sign_in(app.test_client(), "P00077", password).status_code == 303


def test_what_one_types_in_wide_letters_or_composed_is_the_same_password(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    assert change(browser, OWN_PASSWORD, "ｃａｆé落日圆２０２３年").status_code == 303
    assert sign_in(app.test_client(), "P00077", "cafe\u0301落日圆2023年").status_code == 303


def test_equal_passwords_have_hashes_of_their_own_salt(app: Flask, services: FakeGateway) -> None:
    for person in ("P00077", "P00078"):
        person_with(app, services, person)
    with components_of(app).store.reading() as connection:
        query = "SELECT password_hash FROM accounts WHERE account_id LIKE 'P000%'"
        stored = connection.exec_driver_sql(query).scalars().all()
    salts = {text.split("$")[4] for text in stored}
    assert len(salts) == 2 and all(len(base64.b64decode(salt + "==")) >= 16 for salt in salts)


def test_first_passwords_are_many_and_have_59_bits() -> None:
    codes = {passwords.new_code() for _ in range(500)}
    letters = {letter for code in codes for letter in code.replace("-", "")}
    assert len(codes) == 500 and letters == set(passwords.CODE_LETTERS)
    assert passwords.CODE_LENGTH * math.log2(len(passwords.CODE_LETTERS)) > 59
