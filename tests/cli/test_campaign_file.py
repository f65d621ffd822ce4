"""A campaign file that extends another: sent as one, each problem shown where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.campaign_file import read_campaign_file
from cli.failure import Failure
from tests.cli.conftest import Qihang
from tests.support.fake_gateway import FakeGateway, problem

BASE = """# of the district
campaign: xue
title: 学论述   # as the scheme says
duties:
  - {id: plan}
# the end
findings: {max_points: 5}
"""
FULL = """# what it is
extends: base.yaml  # the usual one
findings: {max_points: 3}
notifications:
  due_soon_days: 5
"""


@pytest.fixture
def full(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "full.yaml").write_text(FULL, encoding="utf-8")
    return tmp_path / "full.yaml"


def test_its_own_keys_stand_in_place_of_those_that_it_extends(full: Path) -> None:
    base, own = BASE.splitlines(), FULL.splitlines()
    assert read_campaign_file(full).text.decode().splitlines() == [*base[:-1], own[0], *own[2:]]


def test_a_file_that_extends_nothing_is_sent_byte_for_byte(tmp_path: Path) -> None:
    odd = b"\xef\xbb\xbfcampaign: xue\r\ntitle: x"
    (tmp_path / "odd.yaml").write_bytes(odd)
    assert read_campaign_file(tmp_path / "odd.yaml").text == odd


def test_one_may_extend_one_that_extends_another(full: Path) -> None:
    (full.parent / "third.yaml").write_text("extends: full.yaml\ncampaign: yue\n", encoding="utf-8")
    text = read_campaign_file(full.parent / "third.yaml").text.decode()
    assert "campaign: yue" in text and "campaign: xue" not in text and "due_soon_days" in text and "plan" in text


def test_every_problem_is_shown_in_the_file_and_line_where_it_stands(
    qihang: Qihang, gateway: FakeGateway, full: Path
) -> None:
    rows = [{"line": 3, "path": "title", "message": "第 3 行：名称太长"},
            {"line": 10, "path": "notifications.due_soon_days", "message": "第 10 行：应当是整数"}]  # fmt: skip
    gateway.on("POST", "/s/participation/api/campaign", problem(422, "invalid_campaign", problems=rows))
    result = qihang("campaign", "launch", full)
    assert result.out.splitlines() == [
        f"{full.parent / 'base.yaml'}:3: title: 第 3 行：名称太长",
        f"{full}:5: notifications.due_soon_days: 第 5 行：应当是整数",
    ]


def test_a_base_that_is_not_there_or_leads_back_is_named(full: Path) -> None:
    (full.parent / "base.yaml").write_text("extends: full.yaml\n", encoding="utf-8")
    with pytest.raises(Failure, match="绕回"):
        read_campaign_file(full)
    (full.parent / "base.yaml").unlink()
    with pytest.raises(Failure, match=r"full\.yaml 的 extends 指向 .*base\.yaml"):
        read_campaign_file(full)
