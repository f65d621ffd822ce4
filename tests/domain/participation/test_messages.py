"""Every code says in Chinese and in English what to mend."""

import re
from pathlib import Path

import pytest

from services import participation
from services.participation.domain import CODES, CODES_OF_FILES, NOTE_CODES, message, note_message
from services.participation.domain.people_messages import sentence_for_people
from services.reading import cell_notes
from services.reading.cells import FAULTS, NOTES

SOURCES = Path(participation.__file__).parent


OF_NO_ROWS = {"roster", "filings", "evidence", "findings", "sheets", "xapi"}
"""Packages whose refusals are no row's: a form's, a file's and a statement's have sentences of their own."""


def codes_in_use() -> set[str]:
    """The codes of the table, as the sources name them."""
    pattern = re.compile(
        r'"((?:bad|unknown)_[a-z0-9_]+|missing|conflict|not_[a-z_]+|overlapping|one_of|out_of_range'
        r'|self_assessment|no_campaign|duplicate|reserved_id)"'
    )
    return {
        code
        for path in SOURCES.rglob("*.py")
        if "domain" in (*path.parts, path.stem) and path.name != "messages.py" and not OF_NO_ROWS & set(path.parts)
        for code in pattern.findall(path.read_text())
    }


def test_every_code_has_a_sentence() -> None:
    assert codes_in_use() | CODES_OF_FILES == CODES and FAULTS < CODES_OF_FILES


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_sentence_is_in_its_language_and_complete(code: str) -> None:
    chinese, english = message(code, "unit_id", "X9"), message(code, "unit_id", "X9", "en")
    assert re.search("[一-鿿]", chinese)
    assert chinese.endswith("。")
    assert english.isascii()
    assert english.endswith(".")
    assert "{" not in chinese + english


def test_a_message_names_the_column_the_value_and_the_remedy() -> None:
    assert (
        message("unknown_unit", "zone_id", "X9")
        == "“所属中心校 zone_id”的单位“X9”不存在，请核对编号或全称，或先导入该单位。"
    )


WITHOUT_A_VALUE = {"missing", "no_campaign"}
"""An empty cell has none, and no cell is at fault where no campaign was launched."""


@pytest.mark.parametrize("code", sorted(CODES - WITHOUT_A_VALUE))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_shows_the_value_that_stood_there(code: str, language: str) -> None:
    assert "2022-13-45" in message(code, "record_id", "2022-13-45", language)
    empty = message(code, "record_id", "", language)
    assert "{" not in empty and "“”" not in empty and ": : " not in empty


def test_a_value_is_shortened_and_what_no_text_may_have_is_spelled_out() -> None:
    shown = message("bad_instant", "occurred_at", "\ud800\0" + "1" * 500, "en")
    assert "\\ud800\\x00111" in shown
    assert len(shown) < 200
    assert shown.encode()


def test_private_text_is_not_repeated() -> None:
    assert "秘密" not in message("bad_text", "title", "秘密") + message("conflict", "reason", "秘密")


def test_braces_in_a_value_are_only_text() -> None:
    assert "{value}{column}" in message("unknown_unit", "unit_id", "{value}{column}")


def test_a_code_that_is_not_known_is_shown_as_it_is() -> None:
    assert message("new_code") == "new_code"


def test_a_number_in_place_of_a_date_is_called_a_number() -> None:
    assert message("bad_date", "from", "43344") == (
        "“开始日期 from”的单元格是常规数字 43344，不是日期格式（在表格中或许是 2018-09-01）："
        "请把单元格设为日期格式，或按 2022-11-01 的格式填写。"
    )
    assert "或许" not in message("bad_date", "from", "20180901") + message("bad_date", "from", "9" * 400)
    assert "43344.5" in message("bad_instant", "occurred_at", "43344.5")


@pytest.mark.parametrize("code", ["garbled", "formula"])
def test_what_says_nothing_of_anybody_is_shown_in_a_name_too(code: str) -> None:
    assert "“#N/A”" in message(code, "name", "#N/A")


def test_every_note_has_a_sentence_with_both_texts() -> None:
    assert cell_notes.CODES == NOTES
    sentences = [note_message(code, "person_id", "t1", "T1") for code in NOTE_CODES]
    sentences += [cell_notes.cell_note_sentence(code, "t1", "T1") for code in NOTES - {"picture", "cut_digits"}]
    for sentence in sentences:
        assert "“t1”" in sentence and "“T1”" in sentence and sentence.endswith("。")
    assert "\\u202e" in cell_notes.cell_note_sentence("trimmed", "\u202e" + "一" * 100, "")


@pytest.mark.parametrize("code", sorted(CODES))
def test_people_read_no_code_words(code: str) -> None:
    sentence = sentence_for_people(code, "unit_id", "一小")
    assert not re.search(r"[a-z]{3}", sentence.replace("publicity-", "").replace("xlsx", "")), sentence
    assert "单位编号" in sentence or code == "no_campaign"


def test_what_people_wrote_is_shown_as_it_is() -> None:
    assert "“bureau（教育局）”" in sentence_for_people("bad_kind", "kind", "bureau（教育局）", "单位类别")
    sentence = sentence_for_people("unknown_record_kind", "record", "study", "填报类型")
    assert sentence == "“填报类型”的“study”不是本次主题活动的填报类型，请填活动方案中的任务名称。"


def test_notes_of_files_name_no_columns_by_code() -> None:
    notes = [note_message(code, "record", "集中学习", "集中学习.xlsx") for code in NOTE_CODES]
    assert not [note for note in notes if "record" in note]
