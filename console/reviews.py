"""My reviews (我的评审): works that the user was asked to review, read without author and unit; marked on the
campaign's rubric with a comment, sent back to be revised, or declined."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.page_registry import REVIEWS
from console.service_client import ServiceResponse
from console.users import User
from console.works import LONGEST_REASON, NO_REASON, asked_work, write_down
from console.works_words import WORDS
from console.write_client import reader, write

blueprint = Blueprint("reviews", __name__)
CAUSES = {"acquainted": "与作者相识，或认出了作者", "involved": "参与过这件作品", "unable": "近期无法完成"}
"""Why a review is declined."""
STATES = {"late": "已逾期", "waits": "等作者修改", "open": "待评审", "marked": "已评分"}
COLOURS = {"late": "overdue", "waits": "excused", "open": "open", "marked": "done"}
LONGEST_COMMENT, LONGEST_MARK = 2000, 12


@blueprint.get(REVIEWS.path)
@signed_in(REVIEWS.right)
def reviews(user: User) -> ResponseReturnValue:
    """What is still to be marked first, the earliest last day first."""
    response = reader(user)("publicity", "/api/works", reviewer_id=user.account_id)
    listed = [{**work, "state": state_of(work)} for work in response.body.get("works") or []]
    listed.sort(key=lambda work: (list(STATES).index(work["state"]), work["own_review"]["due_on"] or "9"))
    return render_template(
        "reviews.html", response=response, works=listed, page=REVIEWS, words=WORDS, labels=labels, states=STATES,
        colours=COLOURS,
    )  # fmt: skip


@blueprint.get(f"{REVIEWS.path}/work")
@signed_in(REVIEWS.right)
def work(user: User) -> ResponseReturnValue:
    return _show(user, asked_work(request.args.get("work", "")))


@blueprint.post(f"{REVIEWS.path}/mark")
@signed_in(REVIEWS.right, fresh=True)
def mark(user: User) -> ResponseReturnValue:
    """Marks stand once given."""
    work_id, given = asked_work(request.form.get("work", "")), request.form
    marks = {name.removeprefix("mark."): text.strip() for name, text in given.items() if name.startswith("mark.")}
    comment = given.get("comment", "").strip()
    errors = {f"mark.{name}": "请填分数。" for name, text in marks.items() if not 0 < len(text) <= LONGEST_MARK}
    if len(comment) > LONGEST_COMMENT:
        errors["comment"] = "评审意见最多 2000 个字。"
    if errors:
        return _show(user, work_id, errors, 422)
    body = {"reviewer_id": user.account_id, "marks": marks, "comment": comment}
    result = write(user, "publicity", _path(work_id, "marks"), body, success_message="评分已登记。")
    if not result.ok:
        at_items = {f"mark.{name.removeprefix('marks.')}": text for name, text in result.field_errors.items()
                    if name.startswith("marks.")}  # fmt: skip
        return _show(user, work_id, at_items or {"": result.message}, result.status)
    return redirect(url_for(REVIEWS.endpoint), 303)


@blueprint.post(f"{REVIEWS.path}/return")
@signed_in(REVIEWS.right, fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    """To be revised; the author reads the reason, not who gave it."""
    work_id, reason = asked_work(request.form.get("work", "")), " ".join(request.form.get("reason", "").split())
    if not reason or len(reason) > LONGEST_REASON:
        return _show(user, work_id, {"reason": NO_REASON}, 422)
    body = {"reviewer_id": user.account_id, "reason": reason}
    return _show_outcome(user, work_id, write(user, "publicity", _path(work_id, "return"), body), "已退回修改。")


@blueprint.post(f"{REVIEWS.path}/decline")
@signed_in(REVIEWS.right, fresh=True)
def decline(user: User) -> ResponseReturnValue:
    """Not to review it; nobody asks the user for it again."""
    work_id, cause = asked_work(request.form.get("work", "")), request.form.get("cause", "")
    if cause not in CAUSES:
        return _show(user, work_id, {"cause": "请选择回避的原因。"}, 422)
    body = {"reviewer_id": user.account_id, "cause": cause}
    return _show_outcome(
        user, work_id, write(user, "publicity", _path(work_id, "decline"), body), "已回避，教研室会另请评审人。"
    )


def state_of(work: Mapping[str, Any]) -> str:
    own = work["own_review"]
    if own["marked_on"]:
        return "marked"
    return "waits" if own["waits"] else "late" if own["is_late"] else "open"


def _path(work_id: str, act: str) -> str:
    return f"/api/works/{quote(work_id, safe='')}/{act}"


def _show_outcome(user: User, work_id: str, result: Any, message: str) -> ResponseReturnValue:
    if not result.ok:
        return _show(user, work_id, {"": result.message}, result.status)
    flash(message, "done")
    return redirect(url_for(REVIEWS.endpoint), 303)


def _show(user: User, work_id: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    """One work as its reviewer may read it.  404: the user is not asked to review it."""
    read, mine = reader(user), {"reviewer_id": user.account_id}
    listed, text = call_all(
        question(read, "publicity", "/api/works", work_id=work_id, **mine),
        question(read, "publicity", f"/api/works/{quote(work_id, safe='')}/text", **mine),
    )
    row = _row(listed)
    write_down(user, f"GET {REVIEWS.path}/work?work={work_id}")
    page = render_template(
        "review.html", response=listed, work=row, state=state_of(row) if row else "", text=text, words=WORDS,
        labels=labels, states=STATES, colours=COLOURS, causes=CAUSES, page=REVIEWS, errors=errors or {},
        form=request.form, rubric=(listed.body.get("rules") or {}).get("rubric") or [],
    )  # fmt: skip
    return page, status


def _row(listed: ServiceResponse) -> dict[str, Any]:
    """Empty where the service does not answer.  404."""
    if listed.status in (403, 404) or (listed.ok and not listed.body.get("works")):
        abort(404)
    return {**(listed.body.get("works") or [{}])[0]}
