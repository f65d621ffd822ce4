"""An anthology as the three printers get it: cover, works in their order, what the pages are named after."""

from dataclasses import dataclass
from typing import Any

from services.publicity.rendering.manuscript import Block


@dataclass(frozen=True, slots=True)
class Piece:
    """One work: title, author's name, its blocks."""

    title: str
    author: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """`stamp` is the fixed instant (seconds) that files bear, so that the same book is the same bytes."""

    title: str
    campaign: str
    unit: str
    semester: str
    pieces: tuple[Piece, ...]
    stamp: int


def book_of(given: dict[str, Any]) -> Book:
    pieces = tuple(Piece(p["title"], p["author"], tuple(Block(*b) for b in p["blocks"])) for p in given["pieces"])
    return Book(given["title"], given["campaign"], given["unit"], given["semester"], pieces, int(given["stamp"]))
