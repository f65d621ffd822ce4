"""The console as a WSGI application; console/server.py serves it."""

import json

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from console import (
    account_pages,
    account_routes,
    anthologies,
    anthologies_compile,
    articles,
    articles_draft,
    articles_publish,
    assignments,
    audit,
    bundles,
    campaign,
    campaign_calendar,
    campaign_exemptions,
    campaign_freezes,
    campaign_pauses,
    campaign_revise,
    commendation,
    compression,
    confirm,
    contacts,
    csrf,
    deliveries,
    duties,
    erasure,
    file_forms,
    filed_files,
    filed_records,
    filing_form,
    findings,
    gateway,
    history,
    imports,
    inbox,
    inspection,
    language,
    learning_statements,
    liaison,
    maintenance,
    maintenance_heads,
    manual,
    monthly_reports,
    not_handed_in,
    office_accounts,
    oidc_pages,
    overview,
    own_record,
    page_outages,
    pages,
    pending_reports,
    permissions,
    posts,
    publishers,
    quarantine,
    readings,
    record_pages,
    registry_changes,
    reminders,
    reports,
    reports_counts,
    reviews,
    rosters,
    score,
    second_step_pages,
    security_headers,
    security_log_page,
    selections,
    service_calls,
    sheets,
    signin,
    subscriptions,
    todo,
    unit_detail,
    videos,
    videos_draft,
    works,
    works_form,
)
from console.accounts import Accounts
from console.components import Components, attach, components
from console.device import DeviceCookie
from console.file_words import accepted, file_words, files_help
from console.guard import user_of_request
from console.icons import icon
from console.kept_input import kept_input_key
from console.key_watch import KeyWatch
from console.labels import period_label, rate
from console.local_times import local_day, local_minute
from console.oidc import Provider
from console.page_registry import menu_of, page_of
from console.print_head import print_head
from console.problems import CODES, problem
from console.profiles import Profiles
from console.script_words import script_words
from console.second_steps import SecondSteps
from console.secret_box import SecretBox
from console.security_log import SecurityLog
from console.sent_form import sent_to
from console.service_client import ServiceClient
from console.sessions import SessionCookie, Sessions
from console.settings import Settings, from_environ
from console.static_files import StaticFiles
from console.store.database import Store
from console.throttle import Throttle
from console.users import OPERATOR

FORM_LIMIT = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """A console with the given settings, or with those of the environment."""
    settings = settings or from_environ()
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=settings.session_secret,
        MAX_CONTENT_LENGTH=FORM_LIMIT,
        SESSION_COOKIE_NAME="qihang",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=[*settings.hosts, "127.0.0.1", "localhost"] if settings.hosts else None,  # and health checks
    )
    app.session_interface = SessionCookie()
    parts = _components(settings)
    attach(app, parts)
    app.before_request(file_forms.allow_files)
    protection = csrf.protect(app)
    _register_pages(app, protection)
    app.before_request(KeyWatch(settings.trusted_keys, parts.security_log).look)
    app.before_request(service_calls.begin)
    app.after_request(service_calls.add_timing)
    app.after_request(security_headers.add_security_headers)
    app.after_request(security_headers.redirect_here)
    app.after_request(compression.compress_page)
    app.register_error_handler(CSRFError, signin.expired)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(OperationalError, store_away)
    app.register_error_handler(NoConnection, store_away)
    app.register_error_handler(DataError, not_text)
    app.context_processor(lambda: {"user": user_of_request()})
    app.jinja_env.globals.update(
        script_words=script_words, kept_input_key=kept_input_key, menu_of=menu_of, page_of=page_of, icon=icon,
        file_words=file_words, accepted=accepted, files_help=files_help,
        unseen=page_outages.unseen, did_not_answer=page_outages.did_not_answer, print_head=print_head, sent_to=sent_to,
    )  # fmt: skip
    app.jinja_env.filters.update(minute=local_minute, day=local_day, period=period_label, rate=rate)
    StaticFiles().attach(app)
    language.attach(app)
    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _register_pages(app: Flask, protection: CSRFProtect) -> None:
    """Every blueprint, in the order in which addresses are looked up."""
    pages_of_leaders = (overview, unit_detail, commendation)
    own = (account_pages, manual, own_record, second_step_pages)
    pages_of_campaign = (
        campaign, campaign_revise, campaign_pauses, campaign_exemptions, campaign_calendar, campaign_freezes,
    )  # fmt: skip
    pages_of_office = (
        *pages_of_campaign,
        *pages_of_leaders,
        reports_counts,
        reports,
        monthly_reports,
        sheets,
        history,
        reminders,
        office_accounts,
        posts,
        erasure,
    )
    pages_of_operator = (
        quarantine, pending_reports, publishers, learning_statements, subscriptions, deliveries, contacts, audit,
        security_log_page, maintenance,
        maintenance_heads,
    )  # fmt: skip
    pages_of_unit = (
        todo, duties, filing_form, filed_records, filed_files, confirm, findings, liaison, score, not_handed_in,
        registry_changes,
    )  # fmt: skip
    pages_of_rights = (
        *own,
        *pages_of_unit,
        imports,
        inspection,
        rosters,
        bundles,
        pages,
        works,
        works_form,
        permissions,
        reviews,
        assignments,
        selections,
        anthologies,
        anthologies_compile,
        articles,
        articles_draft,
        articles_publish,
        readings,
        videos,
        videos_draft,
        inbox,
        *pages_of_office,
        *pages_of_operator,
    )
    for module in (gateway, account_routes, record_pages, signin, oidc_pages, *pages_of_rights):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(record_pages.pages)
    for module in (gateway, account_routes):  # the gateway checks sessions itself; accounts take a token, no session
        protection.exempt(module.blueprint)


def _components(settings: Settings) -> Components:
    """The parts on a store whose tables are as this code knows them."""
    store = Store(settings.database_url)
    store.install()
    secret, services = settings.session_secret, ServiceClient(settings)
    box = SecretBox(settings.second_step_keys) if settings.second_step_keys else None
    second_steps = SecondSteps(store, box, settings.second_step_required)
    result = Components(
        settings, store, Accounts(store), Sessions(store), Throttle(store, secret), DeviceCookie(secret), second_steps,
        SecurityLog(store), services, Profiles(services), Provider(settings.oidc) if settings.oidc else None,
    )  # fmt: skip
    result.security_log.forget_old()
    if result.accounts.install_operator(settings.installed_password(), settings.operator_must_change):
        result.security_log.write("password_installed", OPERATOR, actor="installation")
    return result


def livez() -> ResponseReturnValue:
    return jsonify(status="pass", checks={})


def readyz() -> ResponseReturnValue:
    """Ready when people can sign in, which writes; an unavailable service is reported by its own `/readyz`.  The
    reasons come first: the container's health shows the beginning."""
    try:
        fault = components().store.write_health.fault()
        checks = {"store": "fail" if fault else "pass"}
        has_operator = components().accounts.account(OPERATOR) is not None
        checks["operator"] = "pass" if has_operator else "fail"
        reasons = [fault] if fault else [] if has_operator else ["no_operator"]
    except (OperationalError, NoConnection):
        checks, reasons = {"store": "fail"}, [fault or "no_connection"]
    answer = {"status": "fail" if reasons else "pass", "reasons": reasons, "checks": checks}
    return Response(json.dumps(answer), 503 if reasons else 200, content_type="application/json")


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


def not_text(_: DataError) -> Response | tuple[str, int]:
    """PostgreSQL takes no text with NUL in it: no account, session or entry can bear it."""
    return refused(BadRequest("the text cannot be stored"))


def store_away(_: OperationalError | NoConnection) -> Response | tuple[str, int]:
    """The console's own store does not answer: nobody can be known.  No page that would ask it again."""
    detail = "登录系统暂时不可用，请稍后再试"
    if request.path.startswith("/s/"):
        return problem(503, "store_away", detail)
    g.user = None
    return render_template("refused.html", status=503), 503
