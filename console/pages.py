"""The pages for people: the scoreboard and the state of the system, with figures exactly as the services give them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import wraps
from typing import Any, Protocol

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.accounts import Who
from console.settings import SERVICES
from console.upstream import Said
from console.wiring import parts

pages = Blueprint("pages", __name__)


class View(Protocol):
    """A page that is shown to somebody who is signed in."""

    __name__: str

    def __call__(self, user: Who) -> ResponseReturnValue: ...


def signed_in(*roles: str) -> Callable[[View], Any]:
    """Decorator: a page for whom has one of these roles; sends who has not signed in to the sign-in page."""

    def guard(view: View) -> Any:
        @wraps(view)
        def guarded() -> ResponseReturnValue:
            by_itself = "HX-Request" in request.headers and request.args.get("poll") == "1"
            user = parts().sessions.user(alive=not by_itself)
            if user and user.has(*roles):
                return view(user)
            if user:
                abort(403)
            if "HX-Request" in request.headers:
                return Response(status=401, headers={"HX-Redirect": url_for("signin.form")})
            return redirect(url_for("signin.form", next=request.full_path.rstrip("?")))

        return guarded

    return guard


@pages.get("/")
def home() -> ResponseReturnValue:
    """The first page of whoever has signed in."""
    user = parts().sessions.user()
    own = user is not None and user.has("person", "clerk", "head")
    return redirect(url_for("boxes.own_box" if own else "pages.scoreboard"))


@pages.get("/scoreboard")
@signed_in("operator", "leader")
def scoreboard(user: Who) -> ResponseReturnValue:
    window = request.args.get("window", "").strip()[:64]
    as_of = day_or_nothing(request.args.get("as_of", ""))
    said = parts().upstream.ask(user, "assessment", "/api/scoreboard", window=window, as_of=as_of)
    units = sorted(said.body.get("units") or [], key=_place) if said.ok else []
    shown = str(said.body.get("window") or window)
    return render_template(
        "scoreboard.html",
        said=said,
        units=units,
        ranked=sum(unit.get("rank") is not None for unit in units),
        sheets=any(unit.get("sheet") for unit in units),
        windows=[str(item) for item in said.body.get("windows") or ([shown] if shown else [])],
        window=shown,
        as_of=str(said.body.get("as_of") or as_of),
        words=words,
    )


@pages.get("/status")
@signed_in("operator")
def status(user: Who) -> ResponseReturnValue:
    with ThreadPoolExecutor(len(SERVICES)) as pool:
        ask = parts().upstream.ask
        answers = pool.map(lambda service: ask(user, service, "/api/status"), SERVICES)
        services = [(service, said, _light(said)) for service, said in zip(SERVICES, answers, strict=True)]
    return render_template("status.html", services=services, words=words)


def _place(unit: dict[str, Any]) -> tuple[bool, int, str]:
    rank = unit.get("rank")
    return rank is None, int(rank or 0), str(unit.get("unit_id"))


def day_or_nothing(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _light(said: Said) -> str:
    """good, busy (works, but behind or something waits for the operator) or away."""
    body = said.body
    if not said.ok or not body.get("live"):
        return "away"
    stuck = any(cursor.get("state") != "running" for cursor in body.get("cursors") or ())
    broken = (body.get("broker") or {}).get("state") == "away" or (body.get("store") or {}).get("state") == "away"
    waits = body.get("quarantine") or body.get("parked")
    return "busy" if stuck or broken or waits or not body.get("ready") else "good"
