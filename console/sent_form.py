"""A form that came back refused, as the page shows it again: which of several it was, and what stood in it."""

from collections.abc import Mapping

from flask import request


def sent_to(endpoint: str, **hidden: object) -> Mapping[str, str] | None:
    """What was typed into the form of this route with these hidden values, where it is the one that was sent; its page
    shows it open, with what was said."""
    is_this = request.method == "POST" and request.endpoint == endpoint
    if not is_this or any(request.form.get(name, "") != str(value) for name, value in hidden.items()):
        return None
    return {name: text for name, text in request.form.items() if name != "csrf"}
