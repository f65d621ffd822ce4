"""The console as a WSGI application: `gunicorn 'console.app:create_app()'`."""

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from console import access, anthologies, boxes, gateway, headers, pages, reminders, signin
from console.accounts import Accounts
from console.problems import CODES, problem
from console.sessions import Cookie, Sessions
from console.settings import Settings, from_environ
from console.throttle import Throttle
from console.upstream import Upstream
from console.wiring import Parts, parts, wire

FORM_LIMIT = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """A console of the given settings, or of the environment's."""
    known = settings or from_environ()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=known.session_secret,
        MAX_CONTENT_LENGTH=FORM_LIMIT,
        SESSION_COOKIE_NAME="qihang",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = Cookie()
    accounts = Accounts(known.access_file, known.password)
    result = Parts(known, accounts, Sessions(known.session_secret, accounts.mark), Throttle(), Upstream(known))
    wire(app, result)
    for blueprint in (gateway, access, signin, pages, reminders, anthologies, boxes):
        app.register_blueprint(blueprint.pages)
    app.after_request(headers.protect)
    app.register_error_handler(HTTPException, refused)
    app.context_processor(lambda: {"csrf": result.sessions.csrf, "user": result.sessions.user(alive=False)})
    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    if known.trusted_proxies:
        hops = known.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def livez() -> ResponseReturnValue:
    return jsonify(status="pass", checks={})


def readyz() -> ResponseReturnValue:
    """Ready when people could sign in; a service that is away is that service's own matter."""
    try:
        able = bool(parts().settings.password())
    except OSError:
        able = False
    state = "pass" if able else "fail"
    return jsonify(status=state, checks={"password": state}), 200 if able else 503


def favicon() -> ResponseReturnValue:
    return redirect(url_for("static", filename="mark.svg"))


def refused(error: HTTPException) -> Response | tuple[str, int]:
    """A page for people, problem+json for programs."""
    status = error.code or 500
    if request.path.startswith("/s/"):
        return problem(status, CODES.get(status, "bad_request"), error.description or "")
    return render_template("refused.html", status=status), status
