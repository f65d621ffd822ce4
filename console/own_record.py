"""My record (我的记录): what the user owes, has filed and has on record by kind, where they serve, their points; and
all that is kept of them, to take away.  A service that does not answer leaves out its own part only."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.confirm import titles
from console.duties import STATES, grids
from console.filed_records import AWAITS, STATE, STATUSES
from console.guard import signed_in
from console.page_registry import OWN_RECORD
from console.registry import WORDS
from console.users import User

blueprint = Blueprint("own_record", __name__)
LONGEST_CURSOR = 200


@blueprint.get(OWN_RECORD.path)
@signed_in(OWN_RECORD.right)
def own_record(user: User) -> ResponseReturnValue:
    get_json = components().services.get_json
    window, after = request.args.get("window", "").strip()[:64], request.args.get("after", "")[:LONGEST_CURSOR]
    asked = partial(get_json, user, "participation")
    owed, filings, known, service = call_all(
        question(get_json, user, "assessment", "/api/duties", person_id=user.account_id, window=window),
        question(asked, "/api/mine/filings", after=after), question(asked, "/api/record-kinds"),
        question(asked, "/api/mine/service"),
    )  # fmt: skip
    named = titles(known.body)
    return render_template(
        "own_record.html", duties=owed, grids=grids(owed.body.get("duties") or []), filings=filings,
        service=service, kinds=named, records=by_kind(filings.body.get("records") or [], named),
        page=OWN_RECORD, labels=labels, states=STATES, words=WORDS, statuses=STATUSES, colours=STATE, awaits=AWAITS,
        later=request.args.get("record") == "later",
    )  # fmt: skip


def by_kind(
    records: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]
) -> dict[str, list[Mapping[str, Any]]]:  # fmt: skip
    """Title of a kind -> the user's records of it, the latest first; those withdrawn stand at the end."""
    result: dict[str, list[Mapping[str, Any]]] = {}
    for record in sorted(records, key=lambda each: bool(each["withdrawn"])):
        result.setdefault(kinds.get(record["kind"], record["kind"]), []).append(record)
    return result
