"""A work as it is stored: blocks of text and pictures, without the metadata of its file."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`style` text or heading) or a picture (`picture`: JPEG or PNG in base64)."""

    style: str
    text: str = ""
    picture: str = ""


def dump_blocks(blocks: Sequence[Block]) -> bytes:
    return json.dumps([[b.style, b.text, b.picture] for b in blocks], ensure_ascii=False).encode()


def load_blocks(content: bytes) -> list[Block]:
    return [Block(*item) for item in json.loads(content)]


_UNSEEN = dict.fromkeys([0x200B, 0x2060, 0xFEFF, 0x00AD], None)
_PLAIN_JOINERS = re.compile("(?<![\u0600-\u1fff\U0001f000-\U0001ffff\u2600-\u27bf\ufe0f])[\u200c\u200d]")
"""Joiners have a meaning between letters of Arabic, Mongolian or Indic scripts and between emoji only."""
_COMPATIBILITY = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
"""Characters of names and old prints, which NFC would replace by others."""


def tidy(text: str) -> str:
    """NFC, without invisible characters, with tabs and runs of blanks as one; otherwise unchanged."""
    parts = _COMPATIBILITY.split(text)
    text = "".join(part if at % 2 else unicodedata.normalize("NFC", part) for at, part in enumerate(parts))
    text = _PLAIN_JOINERS.sub("", text.translate(_UNSEEN))
    kept = "".join(" " if c in "\t\u00a0\u3000" else c for c in text if c in "\t\n" or unicodedata.category(c) != "Cc")
    return " ".join(part for part in kept.replace("\n", " ").split(" ") if part)


def same_text(blocks: Sequence[Block]) -> str:
    """A hash (hex) of the words, independent of layout; of the pictures if there are no words."""
    words = "".join(unicodedata.normalize("NFKC", block.text).casefold() for block in blocks)
    words = "".join(sign for sign in words if sign.isalnum())
    pictures = "" if words else "".join(block.picture for block in blocks)
    return hashlib.sha256(f"{words} {pictures}".encode()).hexdigest()


def characters(value: Any) -> set[str]:
    """All characters in nested texts."""
    match value:
        case str():
            return set(value)
        case Block():
            return set(value.text)
        case dict():
            return set().union(*map(characters, value.values()))
        case list() | tuple():
            return set().union(*map(characters, value)) if value else set()
    return set()
