"""One letter a day for one person with several posts and one address; never one for two persons."""

from __future__ import annotations

from services.notifications.delivery.merging import groups_by_address


def test_posts_and_the_person_at_one_address_get_one_letter() -> None:
    groups = groups_by_address(
        [("clerk-X1", "xu@c.cn"), ("head-X2", "xu@c.cn"), ("person-P1", "xu@c.cn"), ("person-P2", "lei@c.cn")]
    )
    assert set(groups) == {"clerk-X1", "head-X2", "person-P1"}
    assert groups["person-P1"] == ["clerk-X1", "head-X2", "person-P1"]


def test_two_persons_who_share_an_address_get_a_letter_each() -> None:
    shared = [(name, "office@c.cn") for name in ("clerk-X1", "head-X1", "person-P1", "person-P2")]
    assert groups_by_address(shared) == {post: ["clerk-X1", "head-X1"] for post in ("clerk-X1", "head-X1")}


def test_no_address_is_nobody_s_in_common() -> None:
    assert groups_by_address([("clerk-X1", ""), ("head-X1", "")]) == {}
