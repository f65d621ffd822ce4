"""Symbols of console/static/icons.svg: one file for all pages, taken from Bootstrap Icons."""

from flask import url_for
from markupsafe import Markup


def icon(name: str) -> Markup:
    """A symbol beside words, which say the same: not read out."""
    address = url_for("static", filename="icons.svg")
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        address, name
    )
