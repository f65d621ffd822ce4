"""Units and people as those who keep them read and change them: a clerk the own unit's, the campaign office all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from services.participation.directory import people, units
from services.participation.directory.domain import MembershipChange, PostChange, UnitChange
from services.participation.directory.handlers import ChangeContext, make_change
from services.participation.registry.handlers import erase_person
from services.participation.registry.identity import identify
from services.participation.registry.posts import hand_over_post, units_of_posts
from services.participation.registry.projections import memberships, posts
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica

NOW = datetime(2022, 12, 1, 4, tzinfo=UTC)
CLERK, HEAD, OFFICE, TEACHER, OTHER = (Actor("console", f"P{at}", frozenset({"person"})) for at in (1, 2, 3, 4, 5))
UNITS = {"S1": ("一小", "school", "O1"), "S2": ("二小", "school", ""), "B1": ("教育局", "bureau", ""),
         "O1": ("督导股", "office", "")}  # fmt: skip
PEOPLE = (("P1", "许悦", "S1"), ("P2", "何青", "S1"), ("P3", "周立", "B1"), ("P4", "张三", "S1"), ("P5", "吴江", "S2"),
          ("P6", "孙宁", "O1"))  # fmt: skip
HELD = (("S1", "clerk", "P1"), ("S1", "head", "P2"), ("B1", "campaign_office", "P3"), ("S2", "clerk", "P5"),
        ("O1", "head", "P6"))  # fmt: skip


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Two schools, an office behind one of them, the bureau; six people with their posts."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    for unit_id, (name, kind, liaison_id) in sorted(UNITS.items()):
        cells = {"unit_id": unit_id, "name": name, "kind": kind, "liaison_id": liaison_id, "opened_on": "2000-09-01"}
        assert replica.submit("unit", **dict[str, Any](cells)).outcome == "accepted"
    for person_id, name, unit_id in PEOPLE:
        cells = {"person_id": person_id, "name": name, "role": "teacher", "unit_id": unit_id, "from": "2010-09-01"}
        assert replica.submit("membership", **dict[str, Any](cells)).outcome == "accepted"
    for unit_id, post, person_id in HELD:
        cells = {"unit_id": unit_id, "post": post, "person_id": person_id, "from": "2022-09-01"}
        assert replica.submit("post", **dict[str, Any](cells)).outcome == "accepted"
    yield replica
    replica.runtime.store.close()


def party(replica: Replica, actor: Actor) -> Actor:
    with replica.runtime.store.reading() as connection:
        return identify(connection, actor, NOW)


def change(replica: Replica, actor: Actor, what: Any, preview: bool = False) -> dict[str, Any]:
    requested = ChangeContext(party(replica, actor), "", preview, lambda: None)
    return make_change(replica.runtime.units_of_work, requested, what)


def refused(replica: Replica, actor: Actor, what: Any) -> tuple[str, str]:
    with pytest.raises(Problem) as caught:
        change(replica, actor, what)
    return caught.value.code, caught.value.more.get("column", "")


def listed(replica: Replica, actor: Actor, **query: Any) -> list[str]:
    asked = {"unit_id": "", "text": "", "state": "serving", "role": "", "after": "", "limit": 50} | query
    with replica.runtime.store.reading() as connection:
        page = people.list_people(connection, party(replica, actor), asked, NOW)
    return [each["person_id"] for each in page["people"]]


def person(replica: Replica, actor: Actor, person_id: str) -> dict[str, Any]:
    with replica.runtime.store.reading() as connection:
        return people.person_detail(connection, party(replica, actor), person_id, NOW)


def served(replica: Replica, person_id: str) -> list[tuple[str, str, str, str]]:
    """Unit, first day, day out, role of each membership that is not void."""
    return [(row.unit_id, row.since, row.until, row.role) for row in replica.rows(memberships)
            if row.person_id == person_id and not row.voided]  # fmt: skip


JOIN = MembershipChange("join", "P9", "S1", "2022-11-01", name="李新", role="teacher")


def test_a_clerk_adds_a_teacher_who_is_previewed_in_words_first(replica: Replica) -> None:
    shown = change(replica, CLERK, JOIN, preview=True)
    assert shown["outcome"] == "preview" and shown["positions"] == [] and served(replica, "P9") == []
    assert shown["sentences"] == ["李新（P9）从 2022-11-01 起在一小任教师。"]
    assert change(replica, CLERK, JOIN)["outcome"] == "accepted"
    assert change(replica, CLERK, JOIN)["outcome"] == "unchanged"
    assert served(replica, "P9") == [("S1", "2022-11-01", "", "teacher")]
    assert replica.log()[-1].actor == "clerk:P1@S1"
    assert listed(replica, CLERK) == ["P1", "P2", "P4", "P9"]


def test_an_id_that_is_another_s_or_still_serves_is_not_added(replica: Replica) -> None:
    taken = MembershipChange("join", "P5", "S1", "2022-11-01", name="李新", role="teacher")
    assert refused(replica, CLERK, taken) == ("other_name", "person_id")
    serves = MembershipChange("join", "P5", "S1", "2022-11-01", name="吴江", role="teacher")
    assert refused(replica, CLERK, serves) == ("overlapping", "since")
    assert refused(replica, CLERK, MembershipChange("join", "P9", "S1", "昨天", name="李", role="teacher")) == (
        "bad_date", "since")  # fmt: skip


@pytest.mark.parametrize("wrong", [
    MembershipChange("correct", "P4", "S1", "2010-09-01", new_since="2023-02-31", reason="录入错误"),
    PostChange("correct", "S1", "clerk", "P1", "2022-09-01", new_since="2023-02-31", reason="录入错误"),
])  # fmt: skip
def test_a_wrong_day_of_a_correction_is_named_as_it_was_typed(replica: Replica, wrong: Any) -> None:
    with pytest.raises(Problem) as caught:
        change(replica, OFFICE, wrong)
    assert "“2023-02-31”" in caught.value.detail and caught.value.more["column"] == "new_since"


def test_a_wrong_first_day_is_corrected_with_a_reason_and_the_old_row_is_void(replica: Replica) -> None:
    wrong = MembershipChange("correct", "P4", "S1", "2010-09-01", new_since="2012-09-01")
    assert refused(replica, CLERK, wrong) == ("missing_reason", "reason_code")
    right = MembershipChange("correct", "P4", "S1", "2010-09-01", new_since="2012-09-01", reason="录入错误：年份")
    assert change(replica, CLERK, right, preview=True)["sentences"] == [
        "张三（P4）在一小的任职：任职开始由“2010-09-01”更正为“2012-09-01”。",
        "原来的登记留在数据沿革里；未锁定的统计按更正后的重算。", "原因：录入错误：年份。",
    ]  # fmt: skip
    assert change(replica, CLERK, right)["outcome"] == "accepted"
    assert served(replica, "P4") == [("S1", "2012-09-01", "", "teacher")]
    back = MembershipChange("correct", "P4", "S1", "2012-09-01", new_since="2010-09-01", reason="录入错误")
    assert change(replica, CLERK, back)["outcome"] == "accepted"
    assert served(replica, "P4") == [("S1", "2010-09-01", "", "teacher")]


def test_a_correction_changes_only_what_is_given_and_nothing_where_all_is_as_it_was(replica: Replica) -> None:
    renamed = MembershipChange("correct", "P4", "S1", "2010-09-01", name="张三丰", reason="本人改名")
    assert change(replica, CLERK, renamed)["outcome"] == "accepted"
    assert change(replica, CLERK, renamed)["outcome"] == "unchanged"
    shown = person(replica, CLERK, "P4")
    assert (shown["name"], shown["memberships"][0]["role"]) == ("张三丰", "teacher")
    assert "姓名由“张三”改为“张三丰”" in shown["history"][-1]["sentence"]
    assert "原因：本人改名" in shown["history"][-1]["sentence"]


def test_a_transfer_ends_here_and_begins_there_and_says_which_post_is_left(replica: Replica) -> None:
    transfer = MembershipChange("transfer", "P1", "S1", "2010-09-01", day="2022-12-01", to_unit_id="S2")
    result = change(replica, HEAD, transfer)
    assert result["outcome"] == "accepted" and "填报员" in result["left"][0]
    assert served(replica, "P1") == [("S1", "2010-09-01", "2022-12-01", "teacher"),
                                     ("S2", "2022-12-01", "", "teacher")]  # fmt: skip
    assert change(replica, HEAD, transfer)["outcome"] == "unchanged"
    same = MembershipChange("transfer", "P4", "S1", "2010-09-01", day="2022-12-01", to_unit_id="S1")
    assert refused(replica, HEAD, same) == ("same_place", "to_unit_id")
    nowhere = MembershipChange("transfer", "P4", "S1", "2010-09-01", day="2022-12-01", to_unit_id="S9")
    assert refused(replica, HEAD, nowhere) == ("unknown_unit", "to_unit_id")
    assert served(replica, "P4") == [("S1", "2010-09-01", "", "teacher")], "and nothing of it stays"


def test_another_role_from_a_day_is_a_transfer_in_the_unit(replica: Replica) -> None:
    promoted = MembershipChange("transfer", "P4", "S1", "2010-09-01", day="2022-12-01", role="cadre")
    assert change(replica, CLERK, promoted)["outcome"] == "accepted"
    assert served(replica, "P4") == [("S1", "2010-09-01", "2022-12-01", "teacher"), ("S1", "2022-12-01", "", "cadre")]


def test_who_left_by_mistake_is_voided_restored_and_added_again(replica: Replica) -> None:
    assert change(replica, CLERK, JOIN)["outcome"] == "accepted"
    void = MembershipChange("void", "P9", "S1", "2022-11-01", reason="录入错误：人还没到")
    assert change(replica, CLERK, void)["outcome"] == "accepted" and served(replica, "P9") == []
    assert change(replica, CLERK, JOIN)["outcome"] == "accepted", "its id is spent: it is restored"
    assert served(replica, "P9") == [("S1", "2022-11-01", "", "teacher")]
    leave = MembershipChange("leave", "P9", "S1", "2022-11-01", day="2022-11-20")
    assert change(replica, CLERK, leave)["outcome"] == "accepted"
    assert listed(replica, CLERK, state="left") == ["P9"] and "P9" not in listed(replica, CLERK)


@pytest.mark.parametrize("what", [
    MembershipChange("join", "P9", "S2", "2022-11-01", name="李新", role="teacher"),
    MembershipChange("transfer", "P5", "S2", "2010-09-01", day="2022-12-01", to_unit_id="S1"),
    MembershipChange("void", "P5", "S2", "2010-09-01", reason="x"),
    PostChange("assign", "S2", "clerk", "P5", "2022-12-01"), UnitChange("correct", "S1", {"name": "一中"}, reason="x"),
])  # fmt: skip
def test_nobody_of_a_unit_changes_another_s_or_the_unit_itself(replica: Replica, what: Any) -> None:
    for actor in (CLERK, HEAD, TEACHER):
        assert refused(replica, actor, what)[0] == "not_allowed"
    assert refused(replica, TEACHER, JOIN)[0] == "not_allowed"


def test_each_sees_the_own_unit_s_people_and_the_office_all(replica: Replica) -> None:
    assert listed(replica, CLERK) == ["P1", "P2", "P4"]
    assert listed(replica, OFFICE) == ["P1", "P2", "P3", "P4", "P5", "P6"]
    assert listed(replica, OFFICE, unit_id="S2") == ["P5"]
    assert listed(replica, OFFICE, text="zs") == ["P4"]
    assert listed(replica, OFFICE, text="三") == ["P4"] == listed(replica, CLERK, text="p4")
    assert listed(replica, CLERK, text="吴江") == []
    assert listed(replica, OFFICE, limit=2) == ["P1", "P2"]
    assert listed(replica, OFFICE, limit=2, after="P2") == ["P3", "P4"]
    for asked in (lambda: listed(replica, CLERK, unit_id="S2"), lambda: listed(replica, TEACHER),
                  lambda: person(replica, CLERK, "P5"), lambda: person(replica, CLERK, "P77")):  # fmt: skip
        with pytest.raises(Problem) as caught:
            asked()
        assert caught.value.status == 403


def test_a_unit_shows_its_posts_and_who_stands_behind_it(replica: Replica) -> None:
    with replica.runtime.store.reading() as connection:
        detail = units.unit_detail(connection, party(replica, CLERK), "S1", NOW)
        assert [(each["post"], each["name"]) for each in detail["posts"]] == [("clerk", "许悦"), ("head", "何青")]
        assert [(each["unit_name"], each["name"]) for each in detail["offices"]] == [("督导股", "孙宁")]
        assert (detail["unit"]["people"], detail["unit"]["liaison_name"]) == (3, "督导股")
        assert not detail["keeps_posts"] and not detail["keeps_unit"]
        asked = {"text": "ex", "kind": "", "zone_id": "", "liaison_id": "", "state": "", "after": "", "limit": 9}
        matching = units.list_units(connection, party(replica, OFFICE), asked, NOW)
        assert [each["unit_id"] for each in matching["units"]] == ["S2"]
        with pytest.raises(Problem, match="not_allowed"):
            units.unit_detail(connection, party(replica, CLERK), "S2", NOW)


def test_a_head_keeps_the_clerk_s_post_among_people_of_the_unit(replica: Replica) -> None:
    assign = PostChange("assign", "S1", "clerk", "P4", "2022-12-01")
    assert refused(replica, CLERK, assign)[0] == "not_allowed"
    assert change(replica, HEAD, assign)["outcome"] == "accepted"
    assert refused(replica, HEAD, PostChange("assign", "S1", "clerk", "P5", "2022-12-01")) == (
        "not_serving", "person_id")  # fmt: skip
    assert refused(replica, HEAD, PostChange("assign", "S1", "head", "P4", "2022-12-01")) == ("office_only", "post")
    assert refused(replica, HEAD, PostChange("assign", "S1", "inspector", "P4", "2022-12-01")) == (
        "office_only", "post")  # fmt: skip
    end = PostChange("end", "S1", "clerk", "P4", "2022-12-01", day="2023-01-01", reason="任期结束")
    assert change(replica, HEAD, end)["outcome"] == "accepted"
    assert [row.until for row in replica.rows(posts) if row.person_id == "P4"] == ["2023-01-01"]
    assert change(replica, OFFICE, PostChange("assign", "S1", "inspector", "P5", "2022-12-01"))["outcome"] == "accepted"


def test_a_head_hands_the_unit_s_posts_over_within_the_unit(replica: Replica) -> None:
    wanted = {"unit_id": "S1", "post": "clerk", "person_id": "P1", "since": "2022-09-01", "successor_id": "P4",
              "day": "2022-12-01"}  # fmt: skip

    def hand_over(actor: Actor, **other: str) -> str:
        try:
            acting = party(replica, actor)
            return str(hand_over_post(replica.runtime.units_of_work, wanted | other, acting, "")["outcome"])
        except Problem as problem:
            return problem.code

    assert hand_over(CLERK) == hand_over(OTHER) == hand_over(TEACHER) == "not_allowed"
    assert hand_over(HEAD, successor_id="P5") == "not_serving"
    assert hand_over(HEAD, post="inspector") == "office_only"
    assert hand_over(HEAD) == "accepted" and replica.log()[-1].actor == "head:P2@S1"
    assert [row.person_id for row in replica.rows(posts) if row.unit_id == "S1" and not row.until] == ["P2", "P4"]
    assert units_of_posts(party(replica, HEAD), "") == {"S1"} and units_of_posts(party(replica, OFFICE), "") is None
    with pytest.raises(Problem, match="not_allowed"):
        units_of_posts(party(replica, HEAD), "S2")


def test_the_office_registers_relates_corrects_and_closes_units(replica: Replica) -> None:
    cells = {"name": "三小", "kind": "school", "opened_on": "2022-11-01", "liaison_id": "O1"}
    assert "登记学校三小" in change(replica, OFFICE, UnitChange("register", "S3", cells))["sentences"][0]
    relate = UnitChange("relate", "S3", {"liaison_id": "B1"}, day="2022-12-01")
    assert change(replica, OFFICE, relate)["outcome"] == "accepted"
    right = UnitChange("correct", "S3", {"name": "第三小学"}, reason="录入错误")
    assert change(replica, OFFICE, right)["outcome"] == "accepted"
    assert change(replica, OFFICE, UnitChange("close", "S3", {}, day="2023-07-01"))["outcome"] == "accepted"
    with replica.runtime.store.reading() as connection:
        unit = units.unit_detail(connection, party(replica, OFFICE), "S3", NOW)["unit"]
    assert (unit["name"], unit["liaison_id"], unit["closed_on"]) == ("第三小学", "B1", "2023-07-01")


def test_an_erased_person_is_shown_without_a_name_and_not_changed(replica: Replica) -> None:
    erase_person(replica.runtime.store, replica.runtime.units_of_work, lambda _: 0, "P4", OPERATOR, "")
    shown = person(replica, CLERK, "P4")
    assert shown["erased"] and "张三" not in str(shown)
    again = MembershipChange("join", "P4", "S1", "2022-12-01", name="张三", role="teacher")
    assert refused(replica, CLERK, again) == ("erased_person", "person_id")


def test_everybody_reads_where_they_serve_and_their_posts_with_dates(replica: Replica) -> None:
    with replica.runtime.store.reading() as connection:
        own = people.own_service(connection, party(replica, CLERK), NOW)
        assert [(each["unit_name"], each["name"]) for each in own["memberships"]] == [("一小", "许悦")]
        assert [(each["post"], each["since"], each["state"]) for each in own["posts"]] == [
            ("clerk", "2022-09-01", "serving")
        ]
        assert people.own_service(connection, OPERATOR, NOW)["memberships"] == []
