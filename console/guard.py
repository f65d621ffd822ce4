"""Who may open a page: without a session there is the sign-in page, with a one-time password its change, without the
right 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from flask import Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.page_registry import ANYBODY as ANYBODY
from console.users import User

LONGEST_PATH = 200  # of what is written down


class View(Protocol):
    """A view function that gets the signed-in user."""

    __name__: str

    def __call__(self, user: User) -> ResponseReturnValue: ...


def signed_in(
    right: str, *, fresh: bool = False, before_change: bool = False, before_second_step: bool = False
) -> Callable[[View], Any]:
    """Decorator: a page for users with this right.  `fresh`: their rights are asked anew; `before_change`: open also to
    who has yet to change a one-time password, `before_second_step` to who has yet to set up a second step."""

    def guard(view: View) -> Any:
        @wraps(view)
        def guarded(**_path: str) -> ResponseReturnValue:
            automatic_refresh = "HX-Request" in request.headers and request.args.get("poll") == "1"
            user = components().sessions.user(counts_as_use=not automatic_refresh)
            if user is None:
                return _redirect("signin.form", next=request.full_path.rstrip("?") if request.method == "GET" else None)
            if user.must_change and not before_change:
                return _redirect("account.password_form")
            user = g.user = components().profiles.with_profile(user, fresh=fresh)
            open_without = before_change or before_second_step
            if not open_without and components().second_steps.is_missing(user):
                return _redirect("second_step.own_second_step")
            if right and not user.may(right) and not user.profile.known:
                abort(503)  # participation, which knows their posts, does not answer
            if right and not user.may(right):
                components().security_log.write_once("refused", user.account_id, request.path[:LONGEST_PATH])
                abort(403)
            return view(user)

        return guarded

    return guard


def _redirect(endpoint: str, **query: str | None) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for(endpoint)})
    given: dict[str, Any] = {name: value for name, value in query.items() if value}
    return redirect(url_for(endpoint, **given))


def user_of_request() -> User | None:
    """For the layout of a page: the user that the guard let in, or whoever is signed in where there was none."""
    if "user" not in g:
        user = components().sessions.user(counts_as_use=False)
        g.user = components().profiles.with_profile(user) if user else None
    user_or_none: User | None = g.user
    return user_or_none
