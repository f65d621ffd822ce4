"""The file of official accounts: secrets beside it, and what cannot be used is named at start."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.process.settings import BadSetting
from services.publicity.wechat.accounts import accounts


def write(folder: Path, text: str) -> str:
    (folder / "accounts.yaml").write_text(text, encoding="utf-8")
    return str(folder / "accounts.yaml")


def test_secrets_may_lie_beside_the_file_or_anywhere(tmp_path: Path) -> None:
    (tmp_path / "beside").write_text("one\n")
    (tmp_path / "far").write_text("two\n")
    file = write(
        tmp_path,
        f"""accounts:
  district: {{appid: wx1, secret_file: beside, callback_token_file: far}}
  X007: {{appid: wx2, secret_file: {tmp_path / "far"}}}
""",
    )
    district, school = accounts(file).values()
    assert (district.secret(), district.callback_token()) == ("one", "two")
    assert (school.secret(), school.callback_token()) == ("two", "")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("accounts: {district: {appid: wx1, secret_file: nowhere}}", "district: .*nowhere cannot be read"),
        ("accounts: {district: {appid: wx1, secret_file: empty}}", "district: .*empty is empty"),
        ("accounts: {district: {appid: wx1}}", "district: secret_file must be given"),
        ("accounts: {district: wx1}", "district: appid and secret_file must be given"),
        ("- district", "is not a file of accounts: it begins with"),
        ("", "is not a file of accounts: it begins with"),
        ("accounts: {district", "is not a file of accounts: .*line 1"),
        (
            "accounts:\n  X1: {appid: a, secret_file: one}\n  X1: {appid: b, secret_file: one}\n",
            "X1 is given twice\n.*line 3",
        ),
    ],
)
def test_what_cannot_be_used_is_named_at_start(tmp_path: Path, text: str, problems: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "one").write_text("one\n")
    with pytest.raises(BadSetting, match=f"(?s){problems}"):
        accounts(write(tmp_path, text))
