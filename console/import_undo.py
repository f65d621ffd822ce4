"""Undoing a whole import or roster, with a reason; rows that stay are named."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_detail, import_words
from console.guard import signed_in
from console.language import words
from console.page_registry import IMPORTS, Page
from console.resumable_work import go_on, repeat_for_seconds, state_of_form
from console.users import User
from console.write_client import WriteResult, write

LONGEST_REASON, MOST_NAMED, LONGEST_TEXT = 400, 100, 200


class UndoProgress:
    """How far it is: the place where the service goes on, how many rows are undone, and those that stay."""

    def __init__(self, user: User, path: str, reason: str, state: dict[str, Any]) -> None:
        self._user, self._path, self._reason = user, path, reason
        place, left = state.get("place"), state.get("left")
        self.place: Any = place if isinstance(place, dict) else None
        self.left: list[Any] = [row for row in left if isinstance(row, dict)] if isinstance(left, list) else []
        self.undone, self.kept = _count(state.get("undone")), _count(state.get("kept"))
        self.refused: WriteResult | None = None

    def step(self) -> bool:
        """Whether there is more to undo."""
        result = write(self._user, "participation", self._path, {"reason": self._reason, "place": self.place})
        if not result.ok:
            self.refused = result
            return False
        body = result.response.body
        self.undone, self.kept, self.place = self.undone + body["undone"], self.kept + len(body["left"]), body["place"]
        named = [{name: str(row[name])[:LONGEST_TEXT] for name in ("table", "row", "message")} for row in body["left"]]
        self.left = (self.left + named)[:MOST_NAMED]
        return self.place is not None

    @property
    def state(self) -> dict[str, Any]:
        return {"place": self.place, "left": self.left, "undone": self.undone, "kept": self.kept}


@signed_in(IMPORTS.right, fresh=True)
def undo(user: User) -> ResponseReturnValue:
    import_id = import_detail.import_id_of(request.form.get("import_id", ""))
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        return import_detail.page(user, import_id, "请写明撤销的原因。", 422)
    undoing = UndoProgress(user, f"/api/imports/{import_id}/undo", reason, state_of_form())
    if repeat_for_seconds(undoing.step):
        message = words("已撤销 {count} 行，还没有做完。").format(count=undoing.undone)
        action = url_for("imports.undo")
        return go_on(IMPORTS, "正在撤销", message, action, {"import_id": import_id, "reason": reason}, undoing.state)
    if undoing.refused:
        return import_detail.page(user, import_id, undoing.refused.message, undoing.refused.status)
    return finished(undoing, url_for("imports.shown", import_id=import_id))


def finished(undoing: UndoProgress, back: str, page: Page = IMPORTS) -> ResponseReturnValue:
    """Back to what was undone; or first the rows that stay, which are named nowhere else."""
    message = words("撤销了 {count} 行。").format(count=undoing.undone)
    if undoing.left:
        return render_template(
            "undone.html", page=page, message=message, undoing=undoing, back=back, words=import_words
        )
    flash(message, "done")
    return redirect(back, 303)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0
