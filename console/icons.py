"""Symbols of console/static/icons.svg: one file for all pages, taken from Bootstrap Icons."""

import functools

from flask import g, url_for
from markupsafe import Markup


def icon(name: str) -> Markup:
    """A symbol beside words, which say the same: not read out."""
    if "icons_address" not in g:
        g.icons_address = url_for("static", filename="icons.svg")
    return _symbol(g.icons_address, name)


@functools.cache
def _symbol(address: str, name: str) -> Markup:
    """A page has some thirty: they are made once, not for each page."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        address, name
    )
