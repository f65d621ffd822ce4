"""The `publicity` section of a campaign file: defaults where it is silent, a line for everything that is wrong."""

import pytest

from cli.campaign_file import read_campaign_file
from duties.campaign import Campaign
from services.participation.campaign.file import CampaignFileProblems, load
from tests.support.system import ROOT, SAMPLES

BASE = (SAMPLES / "campaign.yaml").read_text(encoding="utf-8")


def rules(section: str = "") -> Campaign:
    return Campaign.from_data(load(f"{BASE}\n{section}".encode()))


def test_a_campaign_without_the_section_has_defaults_that_fit_it() -> None:
    result = rules().publicity
    assert (result.reviewers, result.pass_mark, result.levels[0]) == (2, 60, "inside")
    assert result.deeds["article_district"] == "wechat_district" and len(result.deeds) == 6


def test_a_default_that_names_no_record_kind_is_dropped() -> None:
    bare = BASE.replace("record: anthology,", "record: yearbook,").replace("selected_unit", "chosen")
    result = Campaign.from_data(load(bare.encode())).publicity.deeds
    assert "anthology" not in result and "selected_unit" not in result and result["video"] == "video"


def test_sites_and_the_compiling_of_others_works_are_named_in_the_file() -> None:
    assert rules().publicity.compile_for == frozenset()
    result = rules("publicity: {article_hosts: [mp.example.cn], compile_for: [district]}").publicity
    assert (result.article_hosts, result.compile_for) == ({"mp.example.cn"}, {"district"})
    for section, code in (
        ("article_hosts: [https://mp.example.cn/]", "bad_host"),
        ("compile_for: [all]", "not_a_choice"),
    ):
        with pytest.raises(CampaignFileProblems) as problems:
            rules(f"publicity: {{{section}}}")
        assert [problem.code for problem in problems.value.problems] == [code]


def test_null_makes_no_deed_of_it() -> None:
    assert "video" not in rules("publicity: {deeds: {video: null}}").publicity.deeds


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("publicity: {reviewer: 2}", "reviewers"),
        ("publicity: {reviewers: 0}", "1 到 9"),
        ("publicity: {pass_mark: 101}", "100"),
        ("publicity: {levels: [inside, radio]}", "radio"),
        ("publicity: {rubric: []}", "不能为空"),
        ("publicity: {rubric: [{id: a, max: 0}]}", "大于 0"),
        ("publicity: {rubric: [{id: a, max: 9}, {id: a, max: 9}]}", "重复"),
        ("publicity: {deeds: {video: nothing_such}}", "不是本方案的填报记录"),
        ("publicity: {deeds: {video: summary}}", "要写单位的"),
        ("publicity: {deeds: {selected_unit: video}}", "要写人员的"),
    ],
)
def test_what_is_wrong_is_reported_with_its_line(section: str, words: str) -> None:
    with pytest.raises(CampaignFileProblems) as problems:
        rules(section)
    assert [problem.line for problem in problems.value.problems] == [BASE.count("\n") + 2]
    assert words in str(problems.value)


def test_the_example_is_the_sample_with_its_sections_behind_it_and_more_kinds_without_duty() -> None:
    example = read_campaign_file(ROOT / "campaigns" / "xue-lun-shu-in-full.yaml").text
    of_sample, of_example = load(BASE.encode()), load(example)
    replaced = {name for name in of_sample if of_example[name] != of_sample[name]}
    assert replaced == {"records_without_duty"}
    assert set(of_sample["records_without_duty"]) < set(of_example["records_without_duty"])
    assert Campaign.from_data(of_example).publicity.pass_mark == 70
