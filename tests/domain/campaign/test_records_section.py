"""The section `records`: kinds of records described as data, and every wrong line told like the rest of the file."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cli.campaign_file import read_campaign_file
from duties.campaign import Campaign
from duties.record_kinds import EvidenceAsked, FieldCondition, RecordField, RecordKind
from services.participation.campaign.file import load
from tests.domain.campaign.broken import GOOD, ROOT, problems

CHOICES = "choices: [{id: lecture, title: 党课}, {id: other, title: 其他}]"
WHOLE = """
records:
  - id: study_session
    title: 学习一次
    fields:
      - {id: platform, title: 载体, type: choice, required: true, CHOICES}
      - {id: which, title: 其他载体, required: true, max: 100, when: {field: platform, is: [other]}}
      - {id: readings, title: 书目, type: lines, columns: [{id: title, title: 篇目, required: true}]}
      - {id: item, title: 内容, type: record, record: plan}
    evidence: {min: 1, max: 9, types: [image]}
    confirm: head
    files_with: [attendance]
  - {id: attendance, filed_by: unit}
  - {id: summary, fields: [{id: text, title: 正文, type: long_text, private: true}]}
""".replace("CHOICES", CHOICES)


def read(section: str) -> Mapping[str, RecordKind]:
    return Campaign.from_data(load((GOOD + section).encode())).kinds


def test_a_kind_that_no_section_describes_has_what_every_record_has() -> None:
    kinds = read("")
    assert kinds["forum"] == RecordKind("forum", "专题论坛", "unit", "unit")
    assert kinds["summary"] == RecordKind("summary", "思想总结", "person", "person", work="required"), (
        "counted by content"
    )
    assert kinds == read("\nrecords: []\n")
    assert set(kinds) == Campaign.from_data(load(GOOD.encode())).record_kinds


def test_the_section_is_read_whole_and_in_its_order() -> None:
    kinds = read(WHOLE)
    assert list(kinds)[:3] == ["study_session", "attendance", "summary"]
    session = kinds["study_session"]
    assert (session.title, session.of, session.filed_by, session.confirm) == ("学习一次", "unit", "unit", "head")
    assert session.files_with == ("attendance",)
    assert session.evidence == EvidenceAsked(1, 9, ("image",))
    assert session.fields == (
        RecordField("platform", "载体", "choice", {"lecture": "党课", "other": "其他"}, required=True, max=0),
        RecordField("which", "其他载体", "text", required=True, max=100, when=FieldCondition("platform", ("other",))),
        RecordField(
            "readings", "书目", "lines", max=3000, columns=(RecordField("title", "篇目", "text", required=True),)
        ),
        RecordField("item", "内容", "record", max=0, record="plan"),
    )
    assert (kinds["attendance"].of, kinds["attendance"].filed_by) == ("person", "unit")
    assert kinds["summary"].private_fields == {"text"}


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("{id: attendance, filed_by: unit}", "{id: atendance}", "unknown_record", "不是本方案的填报记录"),
        ("{id: attendance, filed_by: unit}", "{id: study_session}", "duplicate", "与前面重复"),
        ("{id: attendance, filed_by: unit}", "{id: attendance, of: unit}", "of_a_person", "应当是 person"),
        ("{id: attendance, filed_by: unit}", "{id: plan, of: person}", "of_a_unit", "应当是 unit"),
        ("{id: attendance, filed_by: unit}", "{id: plan, filed_by: person}", "filed_by_a_person", "只能是 unit"),
        ("confirm: head", "confirm: boss", "not_a_choice", "填报记录 study_session的确认 confirm"),
        ("confirm: head", "confirms: head", "unknown_key", "是不是想写 confirm？"),
        ("[attendance]", "[nothing]", "unknown_record", "“nothing”不是本方案的填报记录"),
        ("[attendance]", "[study_session]", "files_with_itself", "写的是它自己"),
        ("{min: 1, max: 9, types: [image]}", "{min: 3, max: 2}", "max_below_min", "不应少于最少 min（3）"),
        ("types: [image]", "types: [exe]", "not_a_choice", "“exe”，只能是：image"),
        ("type: choice, required", "type: chioce, required", "not_a_choice", "只能是：text, number"),
        (CHOICES, "help: 选一个", "missing_key", "缺少选项 choices"),
        ("id: other, title: 其他}", "id: lecture, title: 其他}", "duplicate", "“lecture”与前面重复"),
        (CHOICES, "choices: [{id: lecture}]", "missing_key", "缺少名称 title"),
        (CHOICES, "choices: []", "empty", "不能为空"),
        ("title: 其他载体,", "title: 其他载体, choices: [],", "key_of_other_type", "类型为 text 的栏目不写这一项"),
        ("max: 100", "max: 4001", "out_of_range", "应当在 1 到 4000 之间"),
        ("field: platform", "field: readings", "when_of_no_choice", "“readings”不是前面的单选"),
        ("is: [other]", "is: [others]", "not_a_choice", "“others”，只能是：lecture, other"),
        (CHOICES, CHOICES + ", default: cinema", "not_a_choice", "“cinema”，只能是：lecture, other"),
        ("title: 其他载体,", "title: 其他载体, default: 党课,", "key_of_other_type", "类型为 text 的栏目不写这一项"),
        ("files_with: [attendance]", "people: everybody", "people_of_others", "只有由单位填报的人员记录"),
        (
            "{id: attendance, filed_by: unit}",
            "{id: attendance, work: some}",
            "not_a_choice",
            "只能是：optional, required",
        ),
        ("types: [image]", "originals: 1", "not_boolean", "只能是 true 或 false"),
        ("id: which", "id: title", "reserved_field", "“title”是每条填报记录都有的"),
        ("id: which", "id: platform", "duplicate", "与前面重复"),
        ("required: true, max: 100", "required: true, private: true", "private_of_a_unit", "只有人员的填报记录"),
        ("type: long_text, private", "type: date, private", "key_of_other_type", "类型为 date 的栏目不写这一项"),
        ("record: plan", "record: plans", "unknown_record", "“plans”不是本方案的填报记录"),
        (", record: plan", "", "missing_key", "缺少填报记录 record"),
        (", columns: [{id: title, title: 篇目, required: true}]", "", "missing_key", "缺少列 columns"),
        (
            "{id: title, title: 篇目",
            "{id: title, type: files, title: 篇目",
            "not_a_choice",
            "text, number, date, choice",
        ),
    ],
)
def test_each_wrong_line_is_reported_with_its_line(old: str, new: str, code: str, words: str) -> None:
    assert old in WHOLE
    wrong = problems(GOOD + WHOLE.replace(old, new, 1))
    matching = [item for item in wrong if item.code == code]
    assert matching, [str(item) for item in wrong]
    assert matching[0].line == (GOOD + WHOLE[: WHOLE.index(old)]).count("\n") + 1, str(matching[0])
    assert words.replace(" ", "") in str(matching[0]).replace(" ", "")


def test_the_shipped_forms_describe_every_kind_of_the_domain() -> None:
    rules = Campaign.from_data(load(read_campaign_file(ROOT / "campaigns" / "xue-lun-shu-in-full.yaml").text))
    plain = Campaign.from_data(load((ROOT / "campaigns" / "xue-lun-shu.yaml").read_bytes()))
    assert plain.record_kinds < rules.record_kinds == set(rules.kinds)
    without = {name for name, kind in rules.kinds.items() if not kind.fields}
    assert without == {"attendance", "selected_unit", "selected_district"}  # who, when: nothing else is asked
    session = rules.kinds["study_session"]
    assert {"together", "line", "guided", "platform", "speaker", "readings", "material"} <= {
        f.id for f in session.fields
    }
    assert set(session.files_with) >= {"discussion_day", "attendance"}
    assert rules.kinds["task_list"].fields[0].type == "lines"
    assert {name for name, kind in rules.kinds.items() if kind.private_fields} == {"note", "summary"}
    parts = rules.kinds["discussion_day"].field("parts")
    assert parts is not None and list(parts.choices) == ["gains", "shortcomings", "plans"]


def test_what_a_form_proposes_and_must_bear_is_read() -> None:
    more = WHOLE.replace("required: true, choices", "required: true, default: lecture, choices", 1)
    more = more.replace("types: [image]}", "types: [image], originals: true}")
    more = more.replace("attendance, filed_by: unit", "attendance, filed_by: unit, people: everybody, work: required")
    kinds = read(more)
    assert kinds["study_session"].fields[0].default == ("lecture",)
    assert kinds["study_session"].evidence == EvidenceAsked(1, 9, ("image",), originals=True)
    assert (kinds["attendance"].people, kinds["attendance"].work) == ("everybody", "required")
    assert kinds["summary"].work == "required", "a private text or what stands for it"
    assert read(WHOLE.replace("{id: summary, ", "{id: summary, work: optional, "))["summary"].work == "optional"
