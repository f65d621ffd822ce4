"""Works chosen in a form (macros/works_choice.html): ticked, in the order of their numbers, the others as listed."""

from flask import request

from console.own_units import LONGEST_ID

MOST = 500
LAST = 10_000


def chosen_works(field: str = "work") -> list[str]:
    """Their ids in the order that was given."""
    ticked = list(dict.fromkeys(each.strip()[:LONGEST_ID] for each in request.form.getlist(field) if each.strip()))
    return sorted(ticked[:MOST], key=lambda name: _number(request.form.get(f"order-{name}", "")))


def _number(text: str) -> int:
    text = text.strip()
    return int(text[:4]) if text.isascii() and text.isdecimal() else LAST
