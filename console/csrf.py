"""CSRF protection (Flask-WTF): every form is checked, and every write that the gateway passes on for a session."""

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect, validate_csrf
from wtforms import ValidationError

FIELD = "csrf"
HEADER = "X-CSRF-Token"


def protect(app: Flask) -> CSRFProtect:
    """Checks the form field of every POST, PUT, PATCH and DELETE, except of the blueprints that are exempted."""
    app.config.update(
        WTF_CSRF_FIELD_NAME=FIELD,
        WTF_CSRF_HEADERS=[HEADER],
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, which has limits of its own
        WTF_CSRF_SSL_STRICT=False,  # a proxy that rewrites Host would make every Referer a foreign one
    )
    return CSRFProtect(app)


def header_is_valid() -> bool:
    """Whether the request's header has the session's token.  The body is not read: the gateway streams it."""
    try:
        validate_csrf(request.headers.get(HEADER))
    except ValidationError:
        return False
    return True
