"""`/s/console/api/access`: the operator creates, renews and deletes accounts; passwords are returned once."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from console.accounts import UnknownName
from console.components import components
from console.problems import problem
from console.tokens import is_operator

blueprint = Blueprint("access", __name__)
MAX_ACCOUNTS = 1000


@blueprint.before_request
def require_operator_token() -> Response | None:
    """The `qihang` command sends a token; a browser session is not accepted here."""
    settings = components().settings
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not is_operator(settings.trusted_keys, settings.district, token.strip()):
        return problem(401, "no_token", "这里需要运维令牌")
    return None


@blueprint.get("/s/console/api/access")
def list_accounts() -> ResponseReturnValue:
    return jsonify(accounts=[{"name": name, "since": since} for name, since in components().accounts.names().items()])


@blueprint.post("/s/console/api/access")
def create_accounts() -> ResponseReturnValue:
    """`names`, and `renew` for those that have an account already."""
    parsed = request.get_json(silent=True)
    body = parsed if isinstance(parsed, dict) else {}
    names = body.get("names")
    if (
        not isinstance(names, list)
        or not 0 < len(names) <= MAX_ACCOUNTS
        or not all(isinstance(item, str) for item in names)
    ):
        return problem(422, "bad_body", f"names 应是一到 {MAX_ACCOUNTS} 个账号名")
    try:
        passwords = components().accounts.add(names, renew=bool(body.get("renew")))
    except UnknownName as error:
        return _unknown_name(error)
    return jsonify(accounts=[{"name": name, "password": secret} for name, secret in passwords.items()])


@blueprint.delete("/s/console/api/access/<name>")
def delete_account(name: str) -> ResponseReturnValue:
    try:
        components().accounts.remove(name)
    except UnknownName as error:
        return _unknown_name(error)
    return Response(b"", 204)


def _unknown_name(error: UnknownName) -> Response:
    name_forms = "应为 person-人员编号、clerk-单位编号、head-单位编号或 leader-姓名拼音"
    return problem(422, "unknown_name", f"没有账号“{str(error)[:80]}”，或名称有误：{name_forms}")
