"""The page 使用手册: manuals as pages, and the help of each page, which leads to its place in one."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from console.guard import ANYBODY, signed_in
from console.manual_texts import manual_of, manuals_of, place_of
from console.page_registry import page_of
from console.users import User

blueprint = Blueprint("manual", __name__)
PICTURES = "../static/manual/"
"""Where the texts say that their pictures are: right for a reader of the file."""
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@blueprint.get("/manual")
@signed_in(ANYBODY)
def manuals(user: User) -> ResponseReturnValue:
    own = [manual for manual in manuals_of(user) if manual.is_for(user)]
    return render_template("manuals.html", own=own, others=[each for each in manuals_of(user) if each not in own])


@blueprint.get("/manual/<name>")
@signed_in(ANYBODY)
def manual(user: User) -> ResponseReturnValue:  # noqa: ARG001 - everybody may read all of them
    wanted = manual_of(_of_path("name"))
    if wanted is None:
        abort(404)
    tokens = _markdown.parse(wanted.text)
    return render_template("manual.html", manual=wanted, contents=_sections(tokens), text=_page(tokens))


@blueprint.get("/help/<page>")
@signed_in(ANYBODY)
def page_help(user: User) -> ResponseReturnValue:
    """To the section of the page in the manual of the user's post."""
    page = page_of(_of_path("page"))
    place = place_of(page, user) if page else None
    if place is None:
        return redirect(url_for("manual.manuals"))
    return redirect(url_for("manual.manual", name=place[0].name, _anchor=place[1]))


def _of_path(part: str) -> str:
    return str((request.view_args or {})[part])


def _sections(tokens: Sequence[Token]) -> list[str]:
    """Headings of the second level."""
    return [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"
    ]


def _page(tokens: Sequence[Token]) -> Markup:
    """HTML of the text: headings bear their own words as id, pictures come from the console, each table can be scrolled
    and becomes cards on a phone.  The texts are ours."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", tokens[at + 1].content)
        if token.type == "table_open":
            token.attrSet("class", "board")
        for child in token.children or ():
            if child.type == "image":
                child.attrSet(
                    "src", url_for("static", filename="manual/" + str(child.attrs["src"]).removeprefix(PICTURES))
                )
                child.attrSet("loading", "lazy")
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S704
