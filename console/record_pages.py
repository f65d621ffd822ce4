"""A person's own record as two files, JSON and a printable page: by the person's own page, and for `qihang person`."""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, record_labels
from console.account_routes import require_operator_token
from console.guard import signed_in
from console.local_times import ZONE
from console.person_record import RecordUnavailable, gather, write_down
from console.problems import problem
from console.users import OPERATOR, OWN, User

pages = Blueprint("record_pages", __name__)
blueprint = Blueprint("record_routes", __name__)
blueprint.before_request(require_operator_token)
OPERATING = User(OPERATOR, OPERATOR)


@pages.get("/account/record.json")
@signed_in(OWN)
def own_json(user: User) -> ResponseReturnValue:
    return _file(user, user.account_id, "json")


@pages.get("/account/record.html")
@signed_in(OWN)
def own_document(user: User) -> ResponseReturnValue:
    return _file(user, user.account_id, "html")


@blueprint.get("/s/console/api/people/<path:person_id>/record.<any(json,html):form>")
def record_of_person(person_id: str, form: str) -> ResponseReturnValue:
    """For the operator's command."""
    return _file(OPERATING, person_id, form)


def document(record: dict[str, Any]) -> str:
    """The printable page: stands alone, without scripts."""
    return render_template("person_record.html", record=record, labels=labels, words=record_labels, at=_local,
                           instant=_instant, name=name_of(record))  # fmt: skip


def name_of(record: dict[str, Any]) -> str:
    """The name as it was reported last; empty: none that can be read."""
    entries = record["services"]["participation"]["entries"]
    names = [entry["data"].get("name") for entry in entries if "membership_" in entry["event"]]
    return next((str(name) for name in reversed(names) if name), "")


def _file(user: User, person_id: str, form: str) -> Response:
    record = gather(user, person_id)
    text = json.dumps(record, ensure_ascii=False, indent=1) if form == "json" else document(record)
    write_down(user, person_id, form)
    kind = "application/json" if form == "json" else "text/html; charset=utf-8"
    return Response(text, mimetype=kind, headers={
        "Content-Disposition": f'attachment; filename="person-record.{form}"', "Cache-Control": "no-store",
    })  # fmt: skip


@pages.errorhandler(RecordUnavailable)
def try_again(_: RecordUnavailable) -> ResponseReturnValue:
    return redirect(url_for("own_record.own_record", record="later"), 303)


@blueprint.errorhandler(RecordUnavailable)
def unavailable(error: RecordUnavailable) -> Response:
    what = f"{error.service} 没有答复" if error.service else "同时导出的太多"
    return problem(503, "record_unavailable", f"{what}，请稍后再试：{request.path}")


def _local(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, ZONE):%Y-%m-%d %H:%M}" if seconds else ""


def _instant(utc: str) -> str:
    return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M}" if utc else ""
