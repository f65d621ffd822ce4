"""What became of the lines of a roster that was applied, and its undo."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_words, roster_words
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.import_detail import import_id_of
from console.import_undo import LONGEST_REASON, UndoProgress, finished
from console.language import words
from console.page_registry import ROSTERS
from console.resumable_work import go_on, repeat_for_seconds, state_of_form
from console.unit_choices import unit_choices
from console.users import User
from console.write_client import positions_written

PAGE = "200"


@signed_in(ROSTERS.right)
def outcomes(user: User) -> ResponseReturnValue:
    return _page(user, import_id_of(request.args.get("roster", "")))


@signed_in(ROSTERS.right, fresh=True)
def undo(user: User) -> ResponseReturnValue:
    roster_id, reason = import_id_of(request.form.get("roster", "")), request.form.get("reason", "").strip()
    if not reason:
        return _page(user, roster_id, "请写明撤销的原因。", 422)
    undoing = UndoProgress(user, f"/api/rosters/{roster_id}/undo", reason[:LONGEST_REASON], state_of_form())
    if repeat_for_seconds(undoing.step):
        message = words("已撤销 {count} 行，还没有做完。").format(count=undoing.undone)
        fields = {"roster": roster_id, "reason": reason[:LONGEST_REASON]}
        return go_on(ROSTERS, "正在撤销", message, url_for("rosters.undo"), fields, undoing.state)
    if undoing.refused:
        return _page(user, roster_id, undoing.refused.message, undoing.refused.status)
    return finished(undoing, url_for("rosters.outcomes", roster=roster_id), ROSTERS)


def _page(user: User, roster_id: str, message: str = "", status: int = 200) -> ResponseReturnValue:
    services, path = components().services, f"/api/rosters/{roster_id}/outcomes"
    query = {"after": request.args.get("after", "")[:200], "limit": PAGE}
    components().security_log.write_once("export", user.account_id, f"GET {path}"[:LONGEST_PATH])
    response = services.get_after(user, "participation", path, positions_written(), **query)
    if response.status in (403, 404):
        abort(response.status)
    lines = response.body.get("lines") or []
    page = render_template(
        "roster_outcomes.html", page=ROSTERS, response=response, roster_id=roster_id, lines=lines, message=message,
        applied=response.body.get("roster") or {}, words=import_words, rosters=roster_words,
        actor_names=import_words.names_of_actors(user, [response.body.get("roster") or {}]),
        units=unit_choices(user).units, next=lines[-1]["line"] if lines and response.body.get("more") else "",
    )  # fmt: skip
    return page, status
