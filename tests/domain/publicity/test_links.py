"""The address of an article: on a host that is allowed, in one form, whoever shared it."""

import pytest

from services.publicity.articles.links import article_link, canonical_link
from services.publicity.domain.refusals import Refused

LONG = "https://mp.weixin.qq.com/s?__biz=MzU2NzczMjkwNw==&mid=2247484133&idx=1&sn=57c54570a85278260f7b0b81ea4765e2"


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        LONG + "&chksm=fc99fd21cbee&scene=21#wechat_redirect",
        LONG.replace("https", "http") + "#rd",
        "https://MP.weixin.qq.com:443/s?sn=57c54570a85278260f7b0b81ea4765e2&idx=1&mid=2247484133"
        "&__biz=MzU2NzczMjkwNw%3D%3D&from=timeline",
    ],
)
def test_a_long_address_keeps_what_names_the_article(text: str) -> None:
    assert article_link(text, ()) == LONG


@pytest.mark.parametrize("more", ["", "?from=singlemessage&isappinstalled=0", "/", "#rd"])
def test_a_short_address_keeps_its_path(more: str) -> None:
    assert article_link(f"http://mp.weixin.qq.com/s/Ab_9-xYz{more}", ()) == "https://mp.weixin.qq.com/s/Ab_9-xYz"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("javascript:alert(1)", "bad_link"),
        ("https://mp.weixin.qq.com/", "bad_link"),
        ("https://mp.weixin.qq.com/s?__biz=MzU2NzczMjkwNw==&mid=1&idx=1", "bad_link"),
        ("https://mp.weixin.qq.com/s/a/b", "bad_link"),
        ("https://mp.weixin.qq.com:8443/s/abc", "bad_link"),
        ("https://mp.weixin.qq.com:99999/s/abc", "bad_link"),
        ("https://mp.weixin.qq.com.evil.cn/s/abc", "foreign_link"),
        ("https://weixin.qq.com/s/abc", "foreign_link"),
        ("https://www.school.example.cn/a/1", "foreign_link"),
    ],
)
def test_what_is_no_article_s_address_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        article_link(text, {"edu.example.cn"})
    assert refused.value.code == code


def test_sites_that_the_campaign_names_are_taken_without_their_fragment() -> None:
    assert article_link("https://edu.example.cn/a?id=1#top", {"edu.example.cn"}) == "https://edu.example.cn/a?id=1"


def test_what_the_platform_itself_gave_is_kept_in_whatever_form() -> None:
    assert canonical_link("http://mp.weixin.qq.com/s/abc") == "https://mp.weixin.qq.com/s/abc"
    assert canonical_link("http://relay.example.cn/x") == "http://relay.example.cn/x"
