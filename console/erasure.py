"""Deletes a person's data (删除个人信息), the page of who may: whom it concerns, what goes and what stays; the id is
typed, then it is asked once more; then what every service did, and where the name still stands in texts on units."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console.accounts import UnknownAccount
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.service_client import ServiceResponse
from console.users import OPERATOR, User

blueprint = Blueprint("erasure", __name__)
RIGHT = "erase_person"
COPIES = {"pending_reports": "待关联的报送", "quarantine": "异常件", "import_rows": "导入中的数据行",
          "statements": "学习平台的学习记录"}  # fmt: skip
AWAITED = {
    "assessment": ("/api/freezes", {}, "岗位上的权限"),
    "publicity": ("/api/videos", {"unit_id": "-"}, "作品标题、退回原因和授权，展示的作品下架"),
    "notifications": ("/api/contacts", {"limit": "1"}, "本人和所任岗位的联系方式、姓名密钥缓存、退回提醒"),
}
"""A read of each service that waits for the erasure; what it erased."""
MENTIONING = ("participation", "publicity")


@blueprint.get("/accounts/person/erase")
@signed_in(RIGHT)
def form(user: User) -> ResponseReturnValue:
    """Whom it concerns, what goes, what stays."""
    return _page(user, "")


@blueprint.post("/accounts/person/erase")
@signed_in(RIGHT, fresh=True)
def erase(user: User) -> ResponseReturnValue:
    """First the typed id, then `sure`; nothing is done before both."""
    person_id = _person_id(user)
    if request.form.get("typed", "").strip() != person_id:
        return _page(user, "填写的人员编号与本页的不同，没有删除。", 422)
    if request.form.get("sure") != "yes":
        return _page(user, "", asked=True)
    name = _name_of(user, person_id)
    path = f"/api/people/{quote(person_id, safe='')}/erase"
    response = components().services.post_json(user, "participation", path, {}, slow=True)
    if not response.ok:
        why = response.detail or "填报服务没有答复"
        return _page(user, f"没有确认已经删除：{why}。请再办理一次。", 502 if response.status >= 500 else 422)
    components().security_log.write("erasure_ordered", person_id, actor=user.account_id)
    report = [_of_participation(response.body), *_of_others(user, response.body), _account_removed(user, person_id)]
    return render_template("erased.html", person_id=person_id, report=report, mentions=_mentions(user, name),
                           scrubbed=response.body.get("scrubbed"))  # fmt: skip


def _page(user: User, message: str, status: int = 200, *, asked: bool = False) -> tuple[str, int]:
    person_id = _person_id(user)
    account, name = components().accounts.account(person_id), _name_of(user, person_id)
    components().security_log.write_once("export", user.account_id, f"GET {request.path} {person_id}"[:LONGEST_PATH])
    page = render_template("erase.html", person_id=person_id, name=name, account=account, message=message, asked=asked)
    return page, status


def _of_participation(body: Mapping[str, Any]) -> tuple[str, bool, str]:
    copies = "、".join(f"{label} {body['erased'][name]}" for name, label in COPIES.items())
    return "participation", True, f"密钥、姓名、标题和原因，任职和岗位上的权限；{copies}"


def _of_others(user: User, body: Mapping[str, Any]) -> list[tuple[str, bool, str]]:
    """Of each service whether it has applied the erasure; what is away does so when it is back."""
    after = ",".join(map(str, body.get("positions") or ()))
    get_after = components().services.get_after
    return [(service, get_after(user, service, path, after, **query).ok, what)
            for service, (path, query, what) in AWAITED.items()]  # fmt: skip


def _account_removed(user: User, person_id: str) -> tuple[str, bool, str]:
    try:
        scrubbed = components().accounts.remove(person_id)
    except UnknownAccount:
        return "console", True, "没有登录账号"
    components().security_log.write("account_removed", person_id, actor=user.account_id, scrubbed=scrubbed)
    return "console", True, "登录账号和登录状态"


def _mentions(user: User, name: str) -> dict[str, ServiceResponse]:
    """Where the name still stands; of an erased person nobody knows it any more."""
    post_json = components().services.post_json
    return {service: post_json(user, service, "/api/mentions", {"name": name}, slow=True)
            for service in MENTIONING if len(name) > 1}  # fmt: skip


def _person_id(user: User) -> str:
    """403: the operator, or oneself, whom somebody else erases; 404: none is named."""
    person_id = request.values.get("person", "").strip()[:80]
    if person_id.casefold() == OPERATOR or person_id == user.account_id:
        abort(403)
    return person_id or abort(404)


def _name_of(user: User, person_id: str) -> str:
    """As it is now; 404: the registry knows nobody of this id.  Empty: erased already."""
    response = components().services.post_json(user, "participation", "/api/names", {"people": [person_id]})
    people = response.body.get("people") or {}
    if response.ok and person_id not in people:
        abort(404)
    return str(people.get(person_id) or "")
