"""The input of the three writers of an anthology: cover, works in order, running titles."""

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
    """`stamp`: the fixed time (seconds since 1970) written into files, so that the same book gives the same bytes."""

    title: str
    campaign: str
    unit: str
    semester: str
    pieces: tuple[Piece, ...]
    stamp: int


def book_of(given: dict[str, Any]) -> Book:
    pieces = tuple(Piece(p["title"], p["author"], tuple(Block(*b) for b in p["blocks"])) for p in given["pieces"])
    return Book(given["title"], given["campaign"], given["unit"], given["semester"], pieces, int(given["stamp"]))
