"""Which texts and ids are accepted from outside (forms, files, HTTP, AMQP), and how a rejected text may be displayed.

Pure.  The rules are documented in docs/security.md (Text and ids)."""

import re
import unicodedata
from typing import Final

MOST_CHARACTERS_OF_AN_ID: Final = 128

# Every store, page, terminal, letter and document of ours can hold what is left: no controls (C0 but tab and line
# breaks, DEL, C1), no line or paragraph separators, no direction overrides and isolates, no annotation or tag
# characters, no lone surrogates (bytes that were not UTF-8 arrive as such), no noncharacters.
_NEVER: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb"
    r"\U000e0000-\U000e007f" + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
)
_BAD_TEXT: Final = re.compile(f"[{_NEVER}]")
_BAD_LINE: Final = re.compile(f"[\\t\\n\\r{_NEVER}]")
_SIGNS: Final = r"\w.:@/,()#+'&*=!?%~$\[\]{}^\-"
_ID: Final = re.compile(rf"\w(?:[{_SIGNS}]| (?! |\Z))*")
_BAD_IN_ID: Final = re.compile(rf"[^{_SIGNS} ]")
_STEPS: Final = re.compile(r"/\.{0,2}(?:/|$)")


def is_text(text: str) -> bool:
    """Whether it is acceptable as text of several lines: tabs and line breaks, but no character of `_NEVER`."""
    return (text.isascii() and text.isprintable()) or _BAD_TEXT.search(text) is None


def is_line(text: str) -> bool:
    """Whether it is acceptable as text of one line."""
    return (text.isascii() and text.isprintable()) or _BAD_LINE.search(text) is None


def is_id(text: str) -> bool:
    """Whether it is acceptable as an id.

    Allowed: letters and digits of any script, `- _ . : @ / , ( ) # + ' & * = ! ? % ~ $ [ ] { } ^` and single blanks
    inside; it begins with a letter, a digit or `_`, has no empty, `.` or `..` part between slashes, is in NFC and has
    at most 128 characters.  So no id can be a formula, a command line option, markup, a path to a parent folder, or a
    look-alike of another by its Unicode normalization."""
    if len(text) > MOST_CHARACTERS_OF_AN_ID or _ID.fullmatch(text) is None:
        return False
    return ("/" not in text or _STEPS.search(text) is None) and (
        text.isascii() or unicodedata.is_normalized("NFC", text)
    )


def escape_line(text: str) -> str:
    """The text on one line, with the characters that `is_line` refuses written as escapes such as `\\u202e`; for error
    messages, logs and terminals."""
    return _BAD_LINE.sub(_escape_sequence, text)


def fault_of(text: str, *, of_id: bool = False) -> str:
    """The first unacceptable character of a text (or an id) with its place, counted from 1, such as `3: U+202E`; empty
    where no single character but the form as a whole or the length is at fault."""
    bad = _BAD_IN_ID if of_id else _BAD_LINE
    match = bad.search(text)
    return f"{match.start() + 1}: U+{ord(match[0]):04X}" if match else ""


def _escape_sequence(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
