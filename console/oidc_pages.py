"""`/signin/oidc`: sends the browser to the provider, and signs in whom the provider names when it comes back."""

import hmac
from dataclasses import asdict, dataclass

from flask import Blueprint, abort, redirect, request, session
from flask.typing import ResponseReturnValue

from console.components import components
from console.oidc import NotSignedIn, Provider, ProviderUnavailable
from console.sessions import OIDC
from console.signin import first_step_done, local_path, signin_page
from console.users import OPERATOR, User

blueprint = Blueprint("oidc", __name__)
FLOW = "oidc"
FLOW_SECONDS = 600
LONGEST_CODE = 4096
AWAY = "{}暂时没有答复，请用账号和密码登录，或稍后再试。"
FAILED = "{}登录没有成功，请再试一次，或用账号和密码登录。"
UNKNOWN = "您在这里还没有账号，请联系活动领导小组办公室。"
DISABLED = "这个账号已停用，请联系活动领导小组办公室。"


@dataclass(frozen=True)
class Flow:
    """What has to come back from the provider; meanwhile it stands in the signed cookie."""

    state: str
    nonce: str
    code_verifier: str
    target: str
    at: float


@blueprint.get("/signin/oidc")
def begin() -> ResponseReturnValue:
    provider, target = _provider(), local_path()
    try:
        authorization = provider.authorization()
    except ProviderUnavailable as error:
        return _unavailable(provider, error)
    session[FLOW] = asdict(Flow(authorization.state, authorization.nonce, authorization.code_verifier, target,
                                components().accounts.now()))  # fmt: skip
    return redirect(authorization.url)


@blueprint.get("/signin/oidc/callback")
def callback() -> ResponseReturnValue:
    """The browser comes back.  What this browser did not ask for is refused before the provider is asked anything."""
    provider, kept = _provider(), session.pop(FLOW, None)
    flow = Flow(**kept) if isinstance(kept, dict) else None
    if flow is None or components().accounts.now() - flow.at > FLOW_SECONDS:
        return _refuse_sign_in(provider, "no_flow")
    if not hmac.compare_digest(flow.state.encode(), request.args.get("state", "").encode()):
        return _refuse_sign_in(provider, "state")
    if "error" in request.args:
        return _refuse_sign_in(provider, f"provider_{request.args['error'][:40]}")
    code = request.args.get("code", "")[:LONGEST_CODE]
    try:
        person_id = provider.person_id(code, flow.nonce, flow.code_verifier)
    except ProviderUnavailable as error:
        return _unavailable(provider, error)
    except NotSignedIn as error:
        return _refuse_sign_in(provider, str(error))
    return _sign_in(provider, person_id, flow.target)


def _sign_in(provider: Provider, person_id: str, target: str) -> ResponseReturnValue:
    """Only persons: the operator is nobody of whom a provider of the district could tell."""
    parts = components()
    account = parts.accounts.account(person_id) if person_id != OPERATOR and "\0" not in person_id else None
    if account is None and provider.settings.create_accounts and _is_in_registry(person_id):
        if parts.accounts.create_without_password(person_id):
            parts.security_log.write("account_created", person_id, actor=OIDC)
        account = parts.accounts.account(person_id)
    if account is None:
        parts.security_log.write_once("signin_failed", "", OIDC, reason="unknown_person", actor="unknown")
        return signin_page(UNKNOWN, 403)
    if account.disabled:
        parts.security_log.write("signin_failed", account.account_id, actor="unknown", reason="disabled")
        return signin_page(DISABLED, 403)
    return first_step_done(account.account_id, account.sign_in_name, account.changed_at, OIDC, target)


def _is_in_registry(person_id: str) -> bool:
    """Participation knows a name for this id; without an answer nobody is taken for known."""
    user = components().profiles.with_profile(User(person_id, person_id), fresh=True)
    return bool(user.profile.known and user.profile.name)


def _provider() -> Provider:
    """404 where there is none."""
    return components().provider or abort(404)


def _refuse_sign_in(provider: Provider, reason: str) -> ResponseReturnValue:
    components().security_log.write_once("signin_failed", "", OIDC, reason=reason)
    return signin_page(FAILED.format(provider.settings.label), 401)


def _unavailable(provider: Provider, error: ProviderUnavailable) -> ResponseReturnValue:
    components().security_log.line("oidc_unavailable", reason=str(error)[:200])
    return signin_page(AWAY.format(provider.settings.label), 503)
