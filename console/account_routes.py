"""`/s/console/api/accounts`: the operator's command creates, resets, disables and deletes accounts.

One-time passwords are returned once and stand nowhere else."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from console.accounts import Account, BadName, UnknownAccount
from console.components import components
from console.problems import problem
from console.security_log import MOST_ENTRIES
from console.tokens import is_operator
from console.users import OPERATOR

blueprint = Blueprint("account_routes", __name__)
MOST_ACCOUNTS = 100  # each costs a hash, some 50 ms


@blueprint.before_request
def require_operator_token() -> Response | None:
    """The `qihang` command sends a token; a browser session is not accepted here."""
    settings = components().settings
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not is_operator(settings.trusted_keys, settings.district, token.strip()):
        return problem(401, "no_token", "这里需要运维令牌")
    return None


@blueprint.get("/s/console/api/accounts")
def list_accounts() -> ResponseReturnValue:
    with_second_step = components().second_steps.all()
    return jsonify(accounts=[_account_response(account) | {"second_step": account.account_id in with_second_step}
                             for account in components().accounts.all()])  # fmt: skip


@blueprint.post("/s/console/api/accounts")
def create_accounts() -> ResponseReturnValue:
    """For `person_ids`, where they have none yet."""
    person_ids = _body().get("person_ids")
    if (
        not isinstance(person_ids, list)
        or not 0 < len(person_ids) <= MOST_ACCOUNTS
        or not all(isinstance(item, str) for item in person_ids)
    ):
        return problem(422, "bad_body", f"person_ids 应是一到 {MOST_ACCOUNTS} 个人员编号")
    issued = components().accounts.create(person_ids)
    for each in issued:
        components().security_log.write("account_created", each.account_id, actor=OPERATOR)
    return jsonify(accounts=[asdict(each) for each in issued])


@blueprint.post("/s/console/api/accounts/<account_id>/reset")
def reset_account(account_id: str) -> ResponseReturnValue:
    issued = components().accounts.reset(account_id)
    components().security_log.write("password_reset", account_id, actor=OPERATOR)
    return jsonify(asdict(issued))


@blueprint.post("/s/console/api/accounts/<account_id>/disable")
def disable_account(account_id: str) -> ResponseReturnValue:
    components().accounts.disable(account_id)
    components().security_log.write("account_disabled", account_id, actor=OPERATOR)
    return Response(b"", 204)


@blueprint.post("/s/console/api/accounts/<account_id>/enable")
def enable_account(account_id: str) -> ResponseReturnValue:
    components().accounts.enable(account_id)
    components().security_log.write("account_enabled", account_id, actor=OPERATOR)
    return Response(b"", 204)


@blueprint.post("/s/console/api/accounts/<account_id>/second-step/reset")
def reset_second_step(account_id: str) -> ResponseReturnValue:
    """For who lost telephone and recovery codes: the password alone signs in, sessions end."""
    if components().accounts.account(account_id) is None:
        raise UnknownAccount(account_id)
    if not components().second_steps.remove(account_id, end_all_sessions=True):
        return problem(422, "no_second_step", f"账号“{account_id[:80]}”没有启用两步验证")
    components().security_log.write("second_step_reset", account_id, actor=OPERATOR)
    return Response(b"", 204)


@blueprint.post("/s/console/api/accounts/<account_id>/name")
def rename_account(account_id: str) -> ResponseReturnValue:
    components().accounts.rename(account_id, str(_body().get("sign_in_name", "")))
    components().security_log.write("account_renamed", account_id, actor=OPERATOR)  # a name goes with its account
    return Response(b"", 204)


@blueprint.delete("/s/console/api/accounts/<account_id>")
def delete_account(account_id: str) -> ResponseReturnValue:
    if account_id == OPERATOR:
        raise BadName(account_id)
    scrubbed = components().accounts.remove(account_id)
    components().security_log.write("account_removed", account_id, actor=OPERATOR, scrubbed=scrubbed)
    return Response(b"", 204)


@blueprint.get("/s/console/api/security-log")
def read_security_log() -> ResponseReturnValue:
    """`since` (seconds), `account`, `event`, `limit`: the newest first."""
    limit = min(request.args.get("limit", MOST_ENTRIES, type=int), MOST_ENTRIES)
    entries = components().security_log.entries(
        since=request.args.get("since", 0.0, type=float), account_id=request.args.get("account", ""),
        event=request.args.get("event", ""), limit=max(1, limit),
    )  # fmt: skip
    return jsonify(entries=[asdict(entry) for entry in entries])


@blueprint.errorhandler(UnknownAccount)
def unknown_account(error: UnknownAccount) -> Response:
    return problem(422, "unknown_account", f"没有账号“{str(error)[:80]}”")


@blueprint.errorhandler(BadName)
def bad_name(error: BadName) -> Response:
    return problem(422, "bad_name", f"“{str(error)[:80]}”不能用作账号，或已被别人使用")


def _body() -> dict[str, Any]:
    parsed = request.get_json(silent=True)
    return parsed if isinstance(parsed, dict) else {}


def _account_response(account: Account) -> dict[str, Any]:
    state = account.state(components().accounts.now())
    return {"account_id": account.account_id, "sign_in_name": account.sign_in_name, "state": state,
            "created_at": account.created_at, "changed_at": account.changed_at}  # fmt: skip
