"""Which text and which ids are taken in."""

import pytest

from chassis.process.text import escape_line, fault_of, is_id, is_line, is_text

NEVER = [
    *("\0", "\x07", "\x1b[31m", "\x7f", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800", "\udfff"),
    *("\ufdd0", "\ufffe", "\U0001ffff", "\U0010fffe", "\ufff9", "\U000e0041"),
]


@pytest.mark.parametrize("bad", NEVER, ids=ascii)
def test_no_text_has_controls_overrides_surrogates_or_noncharacters(bad: str) -> None:
    assert not is_text(f"好{bad}") and not is_text(f"a{bad}") and not is_line(f"a{bad}") and not is_id(f"a{bad}")
    assert is_line(escape_line(f"a{bad}b"))


@pytest.mark.parametrize("text", ["", "张三", "𠮷野家", "a\u3000b", "阿卜杜·热西提", "ئۇيغۇر", "-0.5", "=A1", "👩‍🏫"])
def test_what_people_write_is_text_and_line(text: str) -> None:
    assert is_text(text) and is_line(text) and escape_line(text) == text


@pytest.mark.parametrize("text", ["第一行\n第二行", "a\r\nb", "a\tb"])
def test_only_text_of_several_lines_has_line_breaks_and_tabs(text: str) -> None:
    assert is_text(text) and not is_line(text)


@pytest.mark.parametrize(
    "name", ["P00121", "录-1", "一小", "e_1", "2022.3:a", "a/b/2022-09-01", "li@hr", "a b (1)", "K" * 128]
)
def test_ids_are_letters_and_digits_of_any_script_and_a_few_signs(name: str) -> None:
    assert is_id(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "a  b",
            "a ",
            " a",
            "a\n",
            "=A1",
            "+1",
            "-1",
            "@SUM",
            ".a",
            "/a",
            "a//b",
            "a/../b",
            "a/.",
            "a/",
            "a;b",
        ),
        *("a<b>", 'a"b', "a\\b", "a`b", "<b>", "a\u200bb", "e\u0301", "\uf900", "K" * 129, "a\u3000"),
    ],
)
def test_no_id_is_a_formula_a_path_upwards_or_hard_to_see(name: str) -> None:
    assert not is_id(name)


def test_a_fault_names_its_place_and_character() -> None:
    assert fault_of("张三\u202e") == "3: U+202E"
    assert fault_of("a\u3000b", of_id=True) == "2: U+3000"
    assert fault_of("K" * 129, of_id=True) == ""
