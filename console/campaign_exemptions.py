"""Exemptions (免计): which unit or person does not owe which duty in which period; added with a reason, listed,
ended."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.campaign import parts_for
from console.components import components
from console.concurrent_calls import call_all, question
from console.duties import CADENCES
from console.guard import LONGEST_PATH, signed_in
from console.language import words
from console.page_registry import CAMPAIGN
from console.people_choice import PersonChoice, choose_person, typed_person
from console.service_client import ServiceResponse
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import positions_written, write

blueprint = Blueprint("campaign_exemptions", __name__)
RIGHT, MOST, LONGEST = "enter_facts", 200, 80


@blueprint.get(f"{CAMPAIGN.path}/exemptions")
@signed_in(RIGHT)
def exemptions(user: User) -> ResponseReturnValue:
    return _list(user)


@blueprint.post(f"{CAMPAIGN.path}/exemptions")
@signed_in(RIGHT)
def narrow(user: User) -> ResponseReturnValue:
    """Those of a unit or of a person, whom the form names."""
    person = choose_person(user, typed_person(request.form, "person"))
    if person.error:
        return _list(user, status=422, errors={"person": person.error}, person=person)
    shown = {"unit": request.form.get("unit", "").strip()[:LONGEST], "person": person.person_id}
    return redirect(url_for("campaign_exemptions.exemptions", **_without_empty(shown)), 303)


@blueprint.get(f"{CAMPAIGN.path}/exemptions/new")
@signed_in(RIGHT)
def choose(user: User) -> ResponseReturnValue:
    """Whom and which days first; then the duties in periods that fall between them, ticked."""
    return _form(user)


@blueprint.post(f"{CAMPAIGN.path}/exemptions/whom")
@signed_in(RIGHT)
def name_subject(user: User) -> ResponseReturnValue:
    """Whom the form names: then their duties are offered."""
    person = choose_person(user, typed_person(request.form, "person"))
    if person.error:
        return _form(user, {"person": person.error}, 422, person)
    unit_id = "" if person.person_id else request.form.get("unit_id", "").strip()[:LONGEST]
    shown = {"unit_id": unit_id, "person_id": person.person_id, **_days()}
    return redirect(url_for("campaign_exemptions.choose", **_without_empty(shown)), 303)


@blueprint.post(f"{CAMPAIGN.path}/exemptions/new")
@signed_in(RIGHT, fresh=True)
def grant(user: User) -> ResponseReturnValue:
    """Exempts from what is ticked, all or none."""
    items = [each.split("|", 1) for each in request.form.getlist("item") if "|" in each][:MOST]
    reason = request.form.get("reason", "").strip()[:400]
    errors = {} if items else {"item": "请至少勾选一项。"}
    errors |= {} if reason else {"reason": "请写明免计的原因。"}
    if errors:
        return _form(user, errors, 422)
    body = {"entry_id": request.form.get("entry", "")[:LONGEST] or secrets.token_hex(8), **_subject(), "reason": reason,
            "items": [{"duty": duty, "period": period} for duty, period in items]}  # fmt: skip
    done = words("已登记免计 {count} 项。").format(count=len(items))
    result = write(user, "participation", "/api/exemptions", body, success_message=done)
    if not result.ok:
        return _form(user, {**result.field_errors, "": result.message}, result.status)
    return redirect(url_for("campaign_exemptions.exemptions", unit=body["unit_id"]), 303)


@blueprint.post(f"{CAMPAIGN.path}/exemptions/end")
@signed_in(RIGHT, fresh=True)
def end(user: User) -> ResponseReturnValue:
    """Takes those back that are ticked, with a reason."""
    chosen = [each[:128] for each in request.form.getlist("exemption") if each][:MOST]
    reason = request.form.get("reason", "").strip()[:400]
    errors = {} if chosen else {"exemption": "请先勾选要撤销的免计。"}
    errors |= {} if reason else {"reason": "请写明撤销的原因。"}
    if errors:
        return _list(user, status=422, errors=errors)
    done = words("已撤销免计 {count} 项。").format(count=len(chosen))
    result = write(user, "participation", "/api/exemptions/end", {"exemptions": chosen, "reason": reason},
                   success_message=done)  # fmt: skip
    if not result.ok:
        return _list(user, result.message, result.status)
    return redirect(url_for("campaign_exemptions.exemptions", unit=request.form.get("unit", "")[:LONGEST]), 303)


def _list(
    user: User, message: str = "", status: int = 200, errors: Mapping[str, str] | None = None,
    person: PersonChoice | None = None,
) -> ResponseReturnValue:  # fmt: skip
    unit_id = request.values.get("unit", "").strip()[:LONGEST]
    person_id = "" if person else request.values.get("person", "").strip()[:LONGEST]
    after = request.args.get("after", "")
    query = {"unit_id": unit_id, "person_id": person_id, "after": after[:7] if after.isdecimal() else ""}
    services = components().services
    if positions := positions_written():
        response = services.get_after(user, "participation", "/api/exemptions", positions, **_without_empty(query))
    else:
        response = services.get_json(user, "participation", "/api/exemptions", **query)
    _write_down(user, response, f"GET {CAMPAIGN.path}/exemptions unit={unit_id} person={person_id}")
    units = services.get_json(user, "participation", "/api/units")
    page = render_template(
        "campaign_exemptions.html", response=response, units=units.body.get("units") or [], unit_id=unit_id,
        person_id=person_id, message=message, labels=labels, parts=parts_for(user), page=CAMPAIGN, errors=errors or {},
        sent=request.form, person=person or choose_person(user, person_id),
    )  # fmt: skip
    return page, status


def _form(
    user: User, errors: dict[str, str] | None = None, status: int = 200, person: PersonChoice | None = None
) -> ResponseReturnValue:
    subject, days = _subject(), _days()
    get_json = components().services.get_json
    ask = question(get_json, user, "participation", "/api/units")
    asked = any(subject.values()) and all(days.values())
    questions = [ask]
    if asked:
        path = "/api/exemptions/candidates"
        questions.append(question(get_json, user, "participation", path, **subject, **days))
    units, *offers = call_all(*questions)
    page = render_template(
        "campaign_exemption_new.html", units=units.body.get("units") or [], **subject, days=days,
        offers=offers[0] if offers else None, errors=errors or {}, labels=labels, cadences=CADENCES,
        parts=parts_for(user), page=CAMPAIGN, entry=request.form.get("entry") or secrets.token_hex(8),
        reason=request.form.get("reason", ""), ticked=_ticked_items(),
        person=person or choose_person(user, subject["person_id"]),
    )  # fmt: skip
    return page, status


def _subject() -> dict[str, str]:
    """A person before a unit, where both are filled in."""
    person_id = request.values.get("person_id", "").strip()[:LONGEST]
    unit_id = "" if person_id else request.values.get("unit_id", "").strip()[:LONGEST]
    return {"unit_id": unit_id, "person_id": person_id}


def _days() -> dict[str, str]:
    return {name: date_or_empty(request.values.get(name, "")) for name in ("since", "until")}


def _without_empty(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _ticked_items() -> Any:
    """What was ticked in the form that is shown again; None: it is shown the first time."""
    return set(request.form.getlist("item")) if request.method == "POST" else None


def _write_down(user: User, response: ServiceResponse, what: str) -> None:
    """Names and reasons of persons were given out."""
    if response.ok:
        components().security_log.write_once("export", user.account_id, what[:LONGEST_PATH])
