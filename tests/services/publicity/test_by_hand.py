"""What is published by hand: one link for one article, and another's link is named only to whoever may see it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chassis.process.problems import Problem
from services.publicity.articles.handlers import confirm_publication
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_publishing import run
from tests.services.publicity.test_readers import OPERATOR, person
from tests.support.wechat_platform import Platform

LINK = "https://mp.weixin.qq.com/s/abc"


@pytest.fixture
def confirm(bureau: Bureau) -> Any:
    """Confirms an article's publication; the problem's code and sentence, or the row."""
    picture = BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")

    def confirm(article_id: str, link: str, caller: Any = OPERATOR, at: str = "") -> Any:
        try:
            confirm_publication(bureau.service.publicity, caller, article_id, link, at, picture.getvalue())
        except Problem as problem:
            return problem.code, problem.detail
        return bureau.row(article_id)

    for name in ("A1", "A2"):
        bureau.work(f"W-{name}", levels=("inside", "district", "unit"))
        bureau.article(name, f"W-{name}")
    return confirm


def test_one_link_is_one_article_s_in_whatever_form_it_is_given(confirm: Any) -> None:
    assert confirm("A1", f"{LINK}?scene=1#rd")["link"] == LINK
    assert confirm("A1", LINK)["status"] == "published", "a repeat is nothing"
    code, sentence = confirm("A2", LINK.replace("https", "http"))
    assert code == "link_taken" and "A1" in sentence
    assert confirm("A2", "https://elsewhere.example.cn/s/abc")[0] == "foreign_link"
    assert confirm("A2", f"{LINK}d")["status"] == "published"


def test_what_went_out_by_the_interface_is_not_confirmed_for_another(
    confirm: Any, bureau: Bureau, platform: Platform
) -> None:
    bureau.submit("A1")
    assert run(bureau) == "published"
    assert confirm("A2", platform.ever[0]["url"])[0] == "link_taken"


def test_a_publication_is_not_dated_before_its_readings_nor_in_the_future(confirm: Any, bureau: Bureau) -> None:
    assert confirm("A1", LINK, at="2022-12-04T23:00")[0] == "before_cleared"
    assert confirm("A1", LINK, at="2022-12-06T00:00")[0] == "bad_value"
    assert confirm("A1", LINK, at="2022-12-05T08:00")["published_at"] == "2022-12-05T00:00:00.000000Z"


def test_who_confirms_for_their_unit_does_not_learn_of_another_s_article(confirm: Any, bureau: Bureau) -> None:
    confirm("A1", LINK)
    bureau.article("U2", "W-A2", unit_id="S01", account="unit")
    head = person("S01-2", ("S01", "head"))
    assert "A1" in confirm("U2", LINK, head)[1], "of the own unit"
