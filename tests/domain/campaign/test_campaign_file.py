"""The campaign file: what is good is read exactly, what is wrong is told by line in words that a clerk understands."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from duties.campaign import Campaign, campaign_data
from duties.problems import CampaignProblems
from services.participation.campaign.file import LARGEST, CampaignFileProblems, FileProblem, load
from services.participation.campaign.file_messages import MESSAGES
from tests.domain.campaign.broken import GOOD, ROOT, changed, problems

FORUM = "{id: forum,           title: 专题论坛,        " + (
    "who: {kinds: [office, secondary, school, kindergarten]}, every: semester,"
)
PAUSE = "pauses: [{duties: [video], kinds: [school], periods: [2023-07, 2023-08]}]"


def test_the_shipped_campaign_is_the_sample() -> None:
    shipped = (ROOT / "campaigns" / "xue-lun-shu.yaml").read_bytes()
    assert shipped == (ROOT / "tests" / "samples" / "campaign.yaml").read_bytes()
    assert Campaign.from_data(load(shipped)).title == "学论述、强本领、提品质"


def test_what_is_read_travels_as_json_unchanged() -> None:
    data = load(GOOD.encode())
    assert campaign_data(json.loads(json.dumps(data))) == data
    assert Campaign.from_data(json.loads(json.dumps(data))) == Campaign.from_data(data)


def test_dates_and_binary_fractions_of_another_reader_mean_the_same() -> None:
    text = changed("late_credit: 1/2", "late_credit: 0.5")
    assert Campaign.from_data(yaml.safe_load(text)) == Campaign.from_data(load(text.encode()))
    assert Campaign.from_data(yaml.safe_load(GOOD)) == Campaign.from_data(load(text.encode()))


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert load(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == load(GOOD.encode())


@pytest.mark.parametrize("section", ["sheets", "findings", "awards", "pauses", "records_without_duty"])
def test_a_section_may_be_absent(section: str) -> None:
    data = load(GOOD.encode())
    del data[section]
    assert Campaign.from_data(data).sheets is None or section != "sheets"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pauses: []", PAUSE),
        ("pauses: []", "pauses: [{duties: [annual-plan], kinds: [school], periods: [2023]}]"),
        ("pauses: []", "pauses: [{duties: [video, forum], kinds: [school], periods: [2023-07, 2023-spring]}]"),
        ("pauses: []", "pauses: []\nexhibition: {rooms: 3, walls: [east]}"),
        ("[[office, secondary], [school], [kindergarten]]", "null"),
        ("[[office, secondary], [school], [kindergarten]]", "[[office], [kindergarten]]"),
        (FORUM, FORUM + " due_days: 5, evidence: required, min_service: 0, late_credit: 1,"),
        ("percent: 15", "percent: 12.5"),
        ("version: 1", "version: 7   # 第七版"),
        ("campaign: xue-lun-shu", "campaign: 2022"),
    ],
)
def test_good_files_are_read(old: str, new: str) -> None:
    assert Campaign.from_data(load(changed(old, new).encode()))


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        (b"", 1, "empty_file"),
        ("# 只有注释\n".encode(), 1, "empty_file"),
        (b"campaign: x\nduties: [1\nversion: 2", 3, "syntax"),
        (b"campaign: 'x", 1, "syntax"),
        ("campaign：x\nversion: 1".encode(), 2, "syntax"),
        (b"a: 1\nb:\n\t- 1", 3, "tab"),
        (b"a: 1\nb: 2\nc: &x [1]\n", 3, "alias"),
        (b"a: 1\nb: *x", 2, "alias"),
        (b"a: 1\n<<: {b: 1}", 2, "alias"),
        (b"a: 1\nb: !!python/object/apply:os.system [ls]", 2, "tag"),
        (b"a: 1\nb: !!binary aGk=", 2, "tag"),
        (b"a: 1\n? [b]\n: 2", 2, "odd_key"),
        (b"a: 1\n---\nb: 2", 2, "several_documents"),
        (b"a: 1\nb: \x07", 2, "bad_character"),
        (b"a: 1\nb: \xb0\xb2", 2, "not_utf8"),
        (b"\n[a, b]", 2, "not_mapping"),
        (b"a: " + b"[" * 3000, 1, "too_deep"),
        (b"a: 1\n" + b"#" * LARGEST, 1, "file_too_large"),
    ],
)
def test_what_is_no_readable_file_is_reported_with_its_line(text: bytes, line: int, code: str) -> None:
    result = problems(text)
    assert [(item.line, item.code) for item in result] == [(line, code)]


def test_laughing_aliases_are_refused_before_they_grow() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(12)]
    assert problems("\n".join(lines))[0].code == "alias"


def test_every_sentence_is_chinese_and_every_code_has_one() -> None:
    sources = [*(ROOT / "duties").glob("*.py"), ROOT / "services" / "participation" / "campaign/file.py"]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    named = set(re.findall(r'\.report\("(\w+)"', text)) | set(re.findall(r'_Unreadable\([^"]*"(\w+)"', text))
    assert len(named) >= 40
    assert named - set(MESSAGES) == set()
    assert all(re.search(r"[\u4e00-\u9fff]", sentence) for sentence in MESSAGES.values())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.text(":{}[]-,'\"#&*!|> \n\t0a年", max_size=6))
def test_a_torn_file_is_read_or_refused_and_nothing_else(at: int, cut: int, put: str) -> None:
    text = GOOD[:at] + put + GOOD[at + cut :]
    result: tuple[FileProblem, ...] = ()
    try:
        Campaign.from_data(load(text.encode()))
    except CampaignFileProblems as refused:
        result = refused.problems
    assert all(1 <= item.line <= text.count("\n") + 1 for item in result)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_data_of_any_shape_is_read_or_refused_with_problems(data: st.DataObject) -> None:
    """Every value of the file, one at a time, replaced by something else."""
    odd = st.sampled_from(([], {}, [[1]], [{}], {"id": []}, ["a", "a"]))
    anything = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), odd)
    plain = load(GOOD.encode())
    place: object = plain
    while isinstance(place, (dict, list)) and place:
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        inside = place[key]
        if not isinstance(inside, (dict, list)) or not inside or data.draw(st.booleans()):
            place[key] = data.draw(anything)
            break
        place = inside
    codes: set[str] = set()
    try:
        Campaign.from_data(plain)
    except CampaignProblems as refused:
        codes = {problem.code for problem in refused.problems}
    assert codes <= set(MESSAGES)
