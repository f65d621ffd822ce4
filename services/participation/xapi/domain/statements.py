"""A statement's identity, equality, parts and displayed forms."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"
CONTEXTS: Final = ("parent", "grouping", "category", "other")
_ASSIGNED: Final = frozenset({"id", "stored", "authority", "version"})
"""Assigned by the receiver, so not part of a statement's content."""
_IDENTIFYING: Final = frozenset({"objectType", "mbox", "mbox_sha1sum", "openid", "account", "member"})
LONGEST_ACCOUNT: Final = 500
_IN_CHINESE: Final = ("zh-cn", "zh-hans", "zh")


def normalized(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Before validation: context activities as lists, as they must be returned; `objectType: ["Agent"]`, sent by a
    release of Moodle's plugin, as the intended text."""
    result = dict(raw)
    for key in ("actor", "authority", "object"):
        if isinstance(result.get(key), dict):
            result[key] = _with_plain_type(result[key])
    if isinstance(result.get("context"), dict):
        result["context"] = _with_lists(result["context"])
    inside = result.get("object")
    if isinstance(inside, dict) and isinstance(inside.get("context"), dict):
        result["object"] = {**inside, "context": _with_lists(inside["context"])}
    return result


def _with_plain_type(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "objectType": "Agent"} if part.get("objectType") == ["Agent"] else part


def _with_lists(context: dict[str, Any]) -> dict[str, Any]:
    given = context.get("contextActivities")
    if not isinstance(given, dict):
        return context
    listed = {key: [value] if key in CONTEXTS and isinstance(value, dict) else value for key, value in given.items()}
    return {**context, "contextActivities": listed}


def digest_of(secret: bytes, statement: Mapping[str, Any]) -> str:
    """The keyed digest by which the same statement is recognised; nothing can be guessed from it."""
    content = {key: value for key, value in statement.items() if key not in _ASSIGNED}
    return hmac.new(secret, _canonical(_comparable(content)), hashlib.sha256).hexdigest()


def is_same_deed(statement: Mapping[str, Any], signed: Mapping[str, Any]) -> bool:
    """Whether it equals the statement before signing, apart from what a receiver assigns, an instant that was missing,
    and attachments."""
    left_out = _ASSIGNED | {"attachments"} | ({"timestamp"} if "timestamp" not in signed else frozenset())
    mine, theirs = (normalized(each) for each in (statement, signed))
    first, second = ({key: value for key, value in each.items() if key not in left_out} for each in (mine, theirs))
    same_id = "id" not in signed or str(signed["id"]).lower() == str(statement.get("id", "")).lower()
    return same_id and _canonical(_comparable(first)) == _canonical(_comparable(second))


def derived_id(secret: bytes, publisher: str, statement: Mapping[str, Any]) -> str:
    """The id of a statement without one: equal content gives an equal id, so that a repetition after a lost answer is
    not a second statement.  A UUID, keyed by the secret so that it reveals nothing."""
    text = b"\0".join((publisher.encode(), _canonical(_comparable(statement))))
    digits = hmac.new(secret, text, hashlib.sha256).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def _comparable(value: Any) -> Any:
    """Members of a group in a fixed order, since their order has no meaning."""
    if isinstance(value, dict):
        result = {key: _comparable(item) for key, item in value.items()}
        if isinstance(result.get("member"), list):
            result["member"] = sorted(result["member"], key=_canonical)
        return result
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def voided_by(statement: Mapping[str, Any]) -> str:
    """The id of the statement that this one voids; empty if none."""
    return referred_to(statement) if statement["verb"]["id"] == VOIDED else ""


def referred_to(statement: Mapping[str, Any]) -> str:
    """The id of the statement that is its object; empty for other objects."""
    target = statement["object"]
    return str(target["id"]).lower() if target.get("objectType") == "StatementRef" else ""


def activity_of(statement: Mapping[str, Any]) -> tuple[str, str]:
    """Id and type of the activity that is its object; empty for other objects."""
    done_with = statement["object"]
    if done_with.get("objectType", "Activity") != "Activity":
        return "", ""
    return str(done_with["id"]), str(done_with.get("definition", {}).get("type", ""))


def actor_key(actor: Mapping[str, Any]) -> str:
    """The identifier of an agent or group in one form; mail addresses as hashes, since some send them so.  Empty: a
    group without one."""
    if "mbox" in actor:
        return f"mbox|{hashlib.sha1(actor['mbox'].lower().encode(), usedforsecurity=False).hexdigest()}"
    if "mbox_sha1sum" in actor:
        return f"mbox|{actor['mbox_sha1sum'].lower()}"
    if "openid" in actor:
        return f"openid|{actor['openid']}"
    if "account" in actor:
        return f"account|{actor['account']['homePage'].rstrip('/')}|{actor['account']['name']}"
    return ""


def account_of(actor: Mapping[str, Any]) -> str:
    """Where an actor is known, not who it is: the home page of the account, or the kind of another identifier; empty if
    neither."""
    if "account" in actor:
        return str(actor["account"]["homePage"]).rstrip("/")[:LONGEST_ACCOUNT]
    return next((kind for kind in ("mbox", "mbox_sha1sum", "openid") if kind in actor), "")


def shape_of(name: str) -> str:
    """The form of an account's name, not the name: `p00077` is `a00000`."""
    return "".join("0" if each.isdigit() else "A" if each.isupper() else "a" if each.isalpha() else each
                   for each in name)  # fmt: skip


def keyed(secret: bytes, key: str) -> str:
    """An identifier as it is stored."""
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest() if key else ""


def actors_of(statement: Mapping[str, Any], *, related: bool) -> Iterator[str]:
    """The identifiers of its actor and of an agent that is its object; `related`: of everybody in it."""
    parts = [statement["actor"], statement["object"]]
    if related:
        inside = statement["object"] if statement["object"].get("objectType") == "SubStatement" else {}
        contexts = [part.get("context", {}) for part in (statement, inside)]
        parts += [inside.get("actor"), inside.get("object"), statement.get("authority")]
        parts += [context.get(key) for context in contexts for key in ("instructor", "team")]
    for part in parts:
        if isinstance(part, dict) and part.get("objectType", "Agent") in ("Agent", "Group"):
            yield from (key for each in (part, *part.get("member", ())) if (key := actor_key(each)))


def activities_of(statement: Mapping[str, Any]) -> Iterator[str]:
    """The ids of all activities in it."""
    inside = statement["object"] if statement["object"].get("objectType") == "SubStatement" else {}
    for part in (statement, inside):
        done_with = part.get("object", {})
        if done_with.get("objectType", "Activity") == "Activity" and "id" in done_with:
            yield str(done_with["id"])
        for listed in part.get("context", {}).get("contextActivities", {}).values():
            yield from (str(item["id"]) for item in listed)


def one_text(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """The text in the first of these languages (or a variant), else in Chinese, else the first."""
    known = {language.lower().replace("_", "-"): text for language, text in texts.items()}
    for wanted in (*(each.lower() for each in languages), *_IN_CHINESE):
        if text := known.get(wanted):
            return text
        for language, text in known.items():
            if language.split("-")[0] == wanted.split("-")[0]:
                return text
    return next(iter(texts.values()), "")


def in_form(statement: Mapping[str, Any], form: str, languages: Sequence[str]) -> Any:
    """As it was sent (`exact`), with ids only (`ids`), or in one language (`canonical`)."""
    if form == "ids":
        return _ids_alone(statement)
    return _in_one_language(statement, languages) if form == "canonical" else statement


def _ids_alone(value: Any) -> Any:
    if isinstance(value, list):
        return [_ids_alone(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _IDENTIFYING & value.keys() and not {"actor", "id"} & value.keys():
        identified = any(key in value for key in _IDENTIFYING - {"objectType", "member"})
        kept = _IDENTIFYING - {"member"} if identified else _IDENTIFYING
        return {key: _ids_alone(item) for key, item in value.items() if key in kept}
    if "id" in value and value.keys() <= {"id", "objectType", "definition", "display"}:
        return {key: item for key, item in value.items() if key in ("id", "objectType")}
    return {key: item if key == "extensions" else _ids_alone(item) for key, item in value.items()}


def _in_one_language(value: Any, languages: Sequence[str], key: str = "") -> Any:
    if isinstance(value, list):
        return [_in_one_language(item, languages) for item in value]
    if not isinstance(value, dict) or key == "extensions":
        return value
    if key in ("display", "name", "description") and all(isinstance(item, str) for item in value.values()):
        chosen = one_text(value, languages)
        return dict([pair for pair in value.items() if pair[1] == chosen][:1])
    return {name: _in_one_language(item, languages, name) for name, item in value.items()}
