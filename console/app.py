"""The console as a WSGI application; console/server.py serves it."""

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from console import (
    account_routes,
    anthologies,
    campaign,
    csrf,
    gateway,
    history,
    inbox,
    pages,
    reminders,
    reports,
    security_headers,
    signin,
)
from console.accounts import Accounts
from console.components import Components, attach, components
from console.problems import CODES, problem
from console.service_client import ServiceClient
from console.sessions import SessionCookie, Sessions
from console.settings import Settings, from_environ
from console.throttle import Throttle

FORM_LIMIT = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """A console with the given settings, or with those of the environment."""
    settings = settings or from_environ()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.session_secret,
        MAX_CONTENT_LENGTH=FORM_LIMIT,
        SESSION_COOKIE_NAME="qihang",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=[*settings.hosts, "127.0.0.1", "localhost"] if settings.hosts else None,  # and health checks
    )
    app.session_interface = SessionCookie()
    accounts = Accounts(settings.access_file, settings.password)
    sessions = Sessions(settings.session_secret, accounts.credential_version)
    attach(app, Components(settings, accounts, sessions, Throttle(), ServiceClient(settings)))
    protection = csrf.protect(app)
    pages_of_roles = (pages, campaign, reports, history, reminders, anthologies, inbox)
    for module in (gateway, account_routes, signin, *pages_of_roles):
        app.register_blueprint(module.blueprint)
    for module in (gateway, account_routes):  # the gateway checks sessions itself; accounts take a token, no session
        protection.exempt(module.blueprint)
    app.after_request(security_headers.add_security_headers)
    app.after_request(security_headers.redirect_here)
    app.register_error_handler(CSRFError, signin.expired)
    app.register_error_handler(HTTPException, refused)
    app.context_processor(lambda: {"user": sessions.user(counts_as_use=False)})
    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def livez() -> ResponseReturnValue:
    return jsonify(status="pass", checks={})


def readyz() -> ResponseReturnValue:
    """Ready when people can sign in; an unavailable service is reported by its own `/readyz`."""
    try:
        has_password = bool(components().settings.password())
    except OSError:
        has_password = False
    state = "pass" if has_password else "fail"
    return jsonify(status=state, checks={"password": state}), 200 if has_password else 503


def favicon() -> ResponseReturnValue:
    return redirect(url_for("static", filename="mark.svg"))


def refused(error: HTTPException) -> Response | tuple[str, int]:
    """A page for people, problem+json for programs."""
    status = error.code or 500
    if isinstance(error, SecurityError):  # a host that is none of ours: no page, since no address can be written for it
        return "unknown host\n", status
    if request.path.startswith("/s/"):
        return problem(status, CODES.get(status, "bad_request"), error.description or "")
    return render_template("refused.html", status=status), status
