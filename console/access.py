"""`/s/console/api/access`: the operator gives, renews and takes away people's sign-in; secrets are told once."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from console.accounts import UnknownName
from console.problems import problem
from console.tokens import is_operator
from console.wiring import parts

pages = Blueprint("access", __name__)
MOST = 1000


@pages.before_request
def only_the_operator() -> Response | None:
    """By a token, as everything that the `qihang` command asks; a browser's session does not do."""
    settings = parts().settings
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not is_operator(settings.trusted_keys, settings.district, token.strip()):
        return problem(401, "no_token", "这里需要运维令牌")
    return None


@pages.get("/s/console/api/access")
def accounts() -> ResponseReturnValue:
    return jsonify(accounts=[{"name": name, "since": since} for name, since in parts().accounts.names().items()])


@pages.post("/s/console/api/access")
def give() -> ResponseReturnValue:
    """`names`, and `renew` for those that have an account already."""
    result = request.get_json(silent=True)
    given = result if isinstance(result, dict) else {}
    names = given.get("names")
    if not isinstance(names, list) or not 0 < len(names) <= MOST or not all(isinstance(item, str) for item in names):
        return problem(422, "bad_body", f"names 应是一到 {MOST} 个账号名")
    try:
        told = parts().accounts.add(names, renew=bool(given.get("renew")))
    except UnknownName as error:
        return _unknown(error)
    return jsonify(accounts=[{"name": name, "password": secret} for name, secret in told.items()])


@pages.delete("/s/console/api/access/<name>")
def take_away(name: str) -> ResponseReturnValue:
    try:
        parts().accounts.remove(name)
    except UnknownName as error:
        return _unknown(error)
    return Response(b"", 204)


def _unknown(error: UnknownName) -> Response:
    words = "应为 person-人员编号、clerk-单位编号、head-单位编号或 leader-姓名拼音"
    return problem(422, "unknown_name", f"没有账号“{str(error)[:80]}”，或名称有误：{words}")
