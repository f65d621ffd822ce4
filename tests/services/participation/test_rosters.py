"""A roster from its bytes to the memberships: preview, confirmation, repetition, words that are explained, erasure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from services.participation.registry.handlers import erase_person
from services.participation.roster.domain.lines import Line
from services.participation.roster.handlers import BATCH, Selection
from services.participation.roster.previews import Preview
from services.participation.roster.queries import read_book, settled_lines
from services.participation.undo.handlers import undo_roster
from services.registry.rights import HeldPost, Party
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.test_workbook_back import workbook

DAY = "2023-03-01"
HEAD = "工号,姓名,岗位,单位\n"
CERTAIN = ("joined", "moved", "role_changed", "renamed", "left")
CLERK = Party("console", "P1", frozenset({"person", "clerk"}), posts=(HeldPost("clerk", "S1", "school"),))


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Two schools; P1 许悦 teaches at S1 一小."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    replica.submit("unit", unit_id="S2", name="二小", kind="school", opened_on="2010-09-01")
    yield replica
    replica.runtime.store.close()


def begin(replica: Replica, rows: str, day: str = DAY, actor: object = OPERATOR, unit_id: str = "") -> Preview:
    return compared(replica, (HEAD + rows).encode(), day, actor=actor, unit_id=unit_id)


def compared(
    replica: Replica, content: bytes, day: str = DAY, name: str = "花名册.csv", actor: object = OPERATOR,
    unit_id: str = "", older: bool = False,
) -> Preview:  # fmt: skip
    """A file sent, and the preview once the service has compared it."""
    rosters = replica.service.rosters
    rosters.wait_seconds = 0
    roster_id = rosters.begin(actor, unit_id, day, name, older, [content]).preview.roster_id
    rosters.job.compare_all()
    preview: Preview = rosters.find(actor, roster_id)
    return preview


def compared_again(replica: Replica, preview: Preview) -> Preview:
    rosters = replica.service.rosters
    rosters.compare_again(OPERATOR, preview.roster_id)
    rosters.job.compare_all()
    again: Preview = rosters.find(OPERATOR, preview.roster_id)
    return again


def lines(replica: Replica, preview: Preview) -> list[Line]:
    return replica.service.rosters.previews.lines(preview.roster_id)


def confirm(replica: Replica, preview: Preview, *groups: str, **single: str) -> dict[str, object]:
    keys = {key.replace("_", "-"): option for key, option in single.items()}
    selection = Selection(groups, keys)
    answer: dict[str, object] = replica.service.rosters.confirm(OPERATOR, preview.roster_id, preview.revision,
                                                                selection)  # fmt: skip
    return answer


def serving(replica: Replica, day: str = DAY) -> dict[str, tuple[str, str, str]]:
    with replica.runtime.store.reading() as connection:
        book = read_book(connection)
    return {name: (now.name, now.role, now.unit_id) for name in book.people if (now := book.serving(name, day))}


def test_a_confirmed_roster_is_who_serves_where(replica: Replica) -> None:
    preview = begin(replica, "P1,许悦,教师,二小\nP2,王芳,干部,一小\n")
    assert {group: count for group, count in preview.counts.items() if count} == {"joined": 1, "moved": 1}
    assert serving(replica) == {"P1": ("许悦", "teacher", "S1")}
    answer = confirm(replica, preview, *CERTAIN)
    assert (answer["left"], answer["accepted"]) == (0, 2)
    assert serving(replica) == {"P1": ("许悦", "teacher", "S2"), "P2": ("王芳", "cadre", "S1")}
    assert serving(replica, "2023-02-28") == {"P1": ("许悦", "teacher", "S1")}


def test_the_same_confirmation_again_does_nothing_again(replica: Replica) -> None:
    preview = begin(replica, "P1,许悦,教师,二小\nP2,王芳,干部,一小\n")
    confirm(replica, preview, *CERTAIN)
    before = len(replica.log())
    assert confirm(replica, preview, *CERTAIN)["accepted"] == 2
    assert len(replica.log()) == before
    assert (begin(replica, "P1,许悦,教师,二小\nP2,王芳,干部,一小\n").counts)["unchanged"] == 2


def test_which_of_two_posts_counts_is_asked_once_until_the_roster_is_undone(replica: Replica) -> None:
    rows = "P1,许悦,教师,一小\nP1,许悦,教师,二小\n"
    preview = begin(replica, rows)
    assert [line.reason for line in lines(replica, preview)] == ["two_rows"]
    assert confirm(replica, preview, row_2="row:2")["unchanged"] == 1
    again = begin(replica, rows, "2023-04-01")
    assert [(line.group, line.notes) for line in lines(replica, again)] == [("unchanged", ("further_posts",))]
    undo_roster(replica.runtime.units_of_work, preview.roster_id, "选错", None, OPERATOR)
    assert [line.reason for line in lines(replica, begin(replica, rows, "2023-05-01"))] == ["two_rows"]


def test_a_first_day_that_is_answered_is_asked_once(replica: Replica) -> None:
    head, row = "工号,姓名,岗位,单位,任职时间\n", "P1,许悦,教师,一小,2021.9.1\n"
    preview = compared(replica, (head + row).encode())
    assert [line.reason for line in lines(replica, preview)] == ["start_differs"]
    assert confirm(replica, preview, row_2="keep")["unchanged"] == 1
    again = compared(replica, (head + row).encode(), "2023-04-01")
    assert [(line.group, line.notes) for line in lines(replica, again)] == [("unchanged", ("start_differs",))]


def test_a_sheet_without_a_column_of_units_is_of_the_unit_that_it_is_called(replica: Replica) -> None:
    head = ["工号", "姓名", "岗位"]
    content = workbook(
        一小=[head, ["P1", "许悦", "教师"]], 二小=[head, ["P2", "王芳", "教师"]], 填表说明=[["请勿改动"]]
    )
    preview = compared(replica, content, name="各校.xlsx")
    assert {line.person_id: (line.group, line.shown.after.unit_id) for line in lines(replica, preview)
            if line.shown and line.shown.after} == {"P1": ("unchanged", "S1"), "P2": ("joined", "S2")}  # fmt: skip
    assert [note[3] for note in preview.notes].count("unit_from_sheet") == 2


def test_more_lines_than_a_batch_are_applied_and_a_second_store_sees_each_once(replica: Replica) -> None:
    rows = "".join(f"N{number:04},教师{number},教师,一小\n" for number in range(BATCH * 2 + 5))
    preview = begin(replica, rows + "P1,许悦,教师,一小\n")
    answer = confirm(replica, preview, "joined")
    while answer["left"]:
        answer = confirm(replica, preview, "joined")
    assert answer["accepted"] == BATCH * 2 + 5
    assert len(serving(replica)) == BATCH * 2 + 6


def test_a_confirmation_cut_off_after_a_batch_goes_on_behind_it(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"N{number:04},教师{number},教师,一小\n" for number in range(BATCH + 3))
    preview = begin(replica, rows)
    rosters, apply, calls = replica.service.rosters, type(replica.service.rosters)._apply, iter((True, False))

    def cut_off(*arguments: object) -> tuple[dict[str, str], list[str]]:
        if next(calls):
            return apply(rosters, *arguments)  # type: ignore[arg-type]
        raise ConnectionError

    monkeypatch.setattr(rosters, "_apply", cut_off)
    with pytest.raises(ConnectionError):
        confirm(replica, preview, "joined")
    monkeypatch.undo()
    answer = confirm(replica, preview, "joined")
    assert (answer["accepted"], len(serving(replica))) == (BATCH + 3, BATCH + 4)
    assert len([event for event in replica.log() if event.type == "participation.roster_applied.v1"]) == 2


def test_what_changed_since_the_preview_is_refused_and_compared_anew(replica: Replica) -> None:
    preview = begin(replica, "P1,许悦,教师,二小\n")
    replica.submit("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2023-01-01")
    assert confirm(replica, preview, "moved")["refused"] == 1
    with replica.runtime.store.reading() as connection:
        assert settled_lines(connection, preview.roster_id) == {"row-2": "refused"}
    again = compared_again(replica, preview)
    assert [line.group for line in lines(replica, again)] == ["joined"]
    with pytest.raises(Problem, match="preview_changed"):
        confirm(replica, preview, "moved")
    assert confirm(replica, again, "joined")["accepted"] == 1


def test_whom_the_file_does_not_list_serves_on_until_that_is_chosen(replica: Replica) -> None:
    preview = begin(replica, "P2,王芳,干部,一小\n")
    confirm(replica, preview, *CERTAIN)
    assert set(serving(replica)) == {"P1", "P2"}
    (missing,) = [line for line in lines(replica, preview) if line.group == "missing"]
    selection = Selection((), {missing.key: "end"}, days={missing.key: "2023-02-10"})
    replica.service.rosters.confirm(OPERATOR, preview.roster_id, preview.revision, selection)
    assert set(serving(replica, "2023-02-10")) == set()
    assert set(serving(replica, "2023-02-09")) == {"P1"}


def test_a_word_is_explained_once_for_all_files(replica: Replica) -> None:
    preview = begin(replica, "P1,许悦,专任教师,一小（本部）\n")
    assert [line.reason for line in lines(replica, preview)] == ["unknown_unit"]
    words = [{"column": "unit_id", "word": "一小 （本部）", "value": "S1"},
             {"column": "role", "word": "专任教师", "value": "teacher"}]  # fmt: skip
    replica.service.rosters.explain_words(words, OPERATOR, "")
    assert replica.service.rosters.explain_words(words, OPERATOR, "") == []
    assert [line.group for line in lines(replica, begin(replica, "P1,许悦,专任教师,一小（本部）\n"))] == ["unchanged"]
    replica.service.rosters.explain_words([words[0] | {"value": ""}], OPERATOR, "")
    assert [line.reason for line in lines(replica, begin(replica, "P1,许悦,专任教师,一小（本部）\n"))] == [
        "unknown_unit"
    ]
    with pytest.raises(Problem, match="unknown_unit"):
        replica.service.rosters.explain_words([words[0] | {"value": "S9"}], OPERATOR, "")


def test_a_file_of_an_earlier_day_is_refused_unless_it_is_meant(replica: Replica) -> None:
    confirm(replica, begin(replica, "P1,许悦,教师,二小\n"), *CERTAIN)
    with pytest.raises(Problem, match="older_roster"):
        begin(replica, "P1,许悦,教师,二小\n", "2023-02-01")
    body = (HEAD + "P1,许悦,教师,一小\n").encode()
    assert compared(replica, body, "2023-02-01", older=True).as_of == "2023-02-01"


def test_a_clerk_s_roster_is_of_the_unit_of_the_post(replica: Replica) -> None:
    replica.submit("membership", person_id="P5", name="赵磊", role="teacher", unit_id="S2", from_="2020-09-01")
    preview = begin(replica, "P1,许悦,教师,\nP4,王芳,教师,一小\nP5,赵磊,教师,一小\n", actor=CLERK)
    assert preview.unit_id == "S1"
    assert [(line.person_id, line.group) for line in lines(replica, preview)] == [
        ("P4", "joined"), ("P1", "unchanged"), ("P5", "unsure")]  # fmt: skip
    with pytest.raises(Problem, match="not_allowed"):
        begin(replica, "P1,许悦,教师,\n", actor=CLERK, unit_id="S2")
    of_district = begin(replica, "P1,许悦,教师,一小\n")
    with pytest.raises(Problem, match="not_allowed"):
        replica.service.rosters.find(CLERK, of_district.roster_id)
    assert [item.preview.roster_id for item in replica.service.rosters.listed(CLERK)] == [preview.roster_id]


def test_an_erasure_takes_previews_away_and_the_next_roster_does_not_bring_the_name_back(replica: Replica) -> None:
    preview = begin(replica, "P1,许悦,教师,二小\n")
    runtime, rosters = replica.runtime, replica.service.rosters
    erased = erase_person(runtime.store, runtime.units_of_work, rosters.erase, "P1", OPERATOR, "")
    assert erased["erased"]["import_rows"] == 1
    assert [path.name for path in rosters.previews.folder.glob("*")] == ["erased"]
    with pytest.raises(Problem, match="unknown_roster"):
        rosters.find(OPERATOR, preview.roster_id)
    assert [line.group for line in lines(replica, begin(replica, "P1,许悦,教师,一小\n"))] == ["unchanged"]
    assert [line.reason for line in lines(replica, begin(replica, "P1,许悦,教师,二小\n"))] == ["erased"]


def test_a_preview_can_be_left_and_found_and_ends_after_a_week(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = begin(replica, "P1,许悦,教师,二小\nP9,,教师,二小\n")
    assert replica.service.rosters.find(OPERATOR, preview.roster_id) == replace(preview)
    monkeypatch.setattr("services.participation.roster.previews.KEPT_SECONDS", -1)
    replica.service.rosters.previews.sweep()
    assert list(replica.service.rosters.listed(OPERATOR)) == []


def test_a_preview_is_read_in_pages_by_group_and_only_what_is_open(replica: Replica) -> None:
    rows = "".join(f"N{number:04},教师{number},教师,一小\n" for number in range(30)) + "P9,,教师,二小\n"
    preview = begin(replica, rows + "P1,许悦,教师,一小\n")
    read = replica.service.rosters.previews.lines
    assert [line.person_id for line in read(preview.roster_id, "joined", 28, 5)] == ["N0028", "N0029"]
    assert [line.group for line in read(preview.roster_id, "", 29, 3)] == ["joined", "unchanged", "unsure"]
    confirm(replica, preview, "joined")
    assert [line.group for line in read(preview.roster_id, "", 0, 9, True)] == ["unchanged", "unsure"]
