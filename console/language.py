"""Pages in English for whoever asks for it: Chinese is the source text, console/translations/en has the English.

Templates need no marks: a Chinese text that stands in one is looked up where it stands, and so is one that a page shows
(decision 0166).  What has no English is shown in Chinese."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, gettext  # type: ignore[import-untyped]
from jinja2 import pass_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context
from markupsafe import Markup, escape

blueprint = Blueprint("language", __name__)
LANGUAGE = "language"
"""Member of the session; it outlives sign-in and sign-out."""
CHINESE, ENGLISH = "zh", "en"
CHARACTER = re.compile(r"[一-鿿]")
TEXT = re.compile(r'[^<>"\n]*[一-鿿][^<>"\n]*')
"""A Chinese text in a template, between tags or as the value of an attribute."""
LINK, AFTER_LINK = re.compile(r"<(a|code|strong)\b"), re.compile(r"</(a|code|strong)>$")
"""What stands within a sentence: English has a space before it and after it."""


def attach(app: Flask) -> None:
    """The language of each request, and templates that speak it."""
    app.register_blueprint(blueprint)
    Babel(app, default_locale=CHINESE, locale_selector=language)
    app.jinja_env.add_extension(TranslatedTemplates)
    app.jinja_env.globals.update(translated=translated, language=language)
    app.jinja_env.finalize = translated_value


def language() -> str:
    return ENGLISH if session.get(LANGUAGE) == ENGLISH else CHINESE


def translated(text: str, sides: str = "") -> Markup:
    """A text of a template, which may have entities of HTML; texts of the catalogue are ours.  `sides`: on which
    a link touches it, in any of `<>`."""
    if language() == CHINESE:
        return Markup(text)  # noqa: S704
    english = gettext(text)
    before = " " if "<" in sides and english[:1].isalnum() else ""
    after = " " if ">" in sides and (english[-1:].isalnum() or english[-1:] in ",;:.") else ""
    return Markup(f"{before}{english}{after}")  # noqa: S704


def words(text: str) -> str:
    """One of the console's own texts, where code puts figures into it."""
    return text if not has_request_context() or language() == CHINESE else str(gettext(text))


def prepared(text: str) -> Markup:
    """What a page shows a thousand times, translated and escaped once for all of them."""
    return escape(words(text))


@pass_context  # or constants would be translated once for all
def translated_value(_: Context, value: Any) -> Any:
    """What a page shows, if it is one of the console's own words."""
    if type(value) is not str or value.isascii() or language() == CHINESE or not CHARACTER.search(value):
        return value
    return gettext(value)


def clear_session() -> None:
    """Drops what the session holds, but the language."""
    kept = session.get(LANGUAGE)
    session.clear()
    if kept:
        session[LANGUAGE] = kept


@blueprint.post("/language")
def choose() -> ResponseReturnValue:
    """From the next page on; back to the page where it was chosen."""
    session[LANGUAGE] = ENGLISH if request.form.get("language") == ENGLISH else CHINESE
    target = request.form.get("next", "")
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return redirect(target if is_local else url_for("pages.home"), 303)


class TranslatedTemplates(Extension):
    """Puts a look-up around every Chinese text of a template."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                yield from _parts(token)
            elif token.type == "string" and CHARACTER.search(token.value):
                yield from _call(token.lineno, token.value)
            else:
                yield token


def texts_of(data: str) -> list[str]:
    """The Chinese texts in the HTML of a template, without the space around them."""
    return [match[0].strip() for match in TEXT.finditer(data)]


def _parts(token: Token) -> Iterator[Token]:
    end, line = 0, token.lineno
    for match in TEXT.finditer(token.value):
        text = match[0].strip()
        start = match.start() + match[0].index(text)
        if before := token.value[end:start]:
            yield Token(line, "data", before)
        yield Token(line, "variable_begin", "{{")
        sides = "<" * bool(AFTER_LINK.search(token.value[:start]))
        sides += ">" * bool(LINK.match(token.value, start + len(text)))
        yield from _call(line, text, sides)
        yield Token(line, "variable_end", "}}")
        end = start + len(text)
    if rest := token.value[end:]:
        yield Token(line, "data", rest)


def _call(line: int, text: str, sides: str = "") -> Iterator[Token]:
    yield Token(line, "name", "translated")
    yield Token(line, "lparen", "(")
    yield Token(line, "string", text)
    if sides:
        yield Token(line, "comma", ",")
        yield Token(line, "string", sides)
    yield Token(line, "rparen", ")")
