"""The key under which secrets of the second step are kept: a secret opens in its own row, and none is kept without."""

from __future__ import annotations

from typing import Any

import pytest

from console.secret_box import SecretBox, Unreadable
from console.settings import BadSettings, from_environ

KEY = b"k" * 43


def test_a_secret_in_another_account_s_row_does_not_open() -> None:
    box = SecretBox([KEY])
    assert box.decrypt("P1", box.encrypt("P1", "S")) == "S"
    with pytest.raises(Unreadable):
        box.decrypt("P2", box.encrypt("P1", "S"))


def test_the_setting_that_makes_it_compulsory_needs_a_key(tmp_path: Any) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 43)
    needed = {"QIHANG_DISTRICT": "d", "QIHANG_PEERS": "assessment=http://127.0.0.1:1",
              "QIHANG_SIGNING_KEY_FILE": str(key), "QIHANG_SESSION_SECRET_FILE": str(key)}  # fmt: skip
    with pytest.raises(BadSettings, match="QIHANG_SECOND_STEP_KEY_FILE"):
        from_environ({**needed, "QIHANG_SECOND_STEP_REQUIRED": "1"})
    with_key = {**needed, "QIHANG_SECOND_STEP_REQUIRED": "1", "QIHANG_SECOND_STEP_KEY_FILE": str(key)}
    assert from_environ(with_key).second_step_required
    key.write_text("short" * 4)
    with pytest.raises(BadSettings, match="fewer than 32"):
        from_environ(with_key)
