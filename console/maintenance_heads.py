"""Signed heads of the logs (签名的日志头), at 重建与校验: signed now and downloaded, to be kept off the server; and
files that were kept compared with the logs as they are."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.file_forms import FormFile, files_of, takes_files
from console.guard import signed_in
from console.language import words
from console.maintenance import maintenance_page
from console.page_registry import MAINTENANCE
from console.settings import SERVICES
from console.users import User

blueprint = Blueprint("maintenance_heads", __name__)
MOST_BYTES, MOST_HEADS, AT_ONCE = 8 << 20, 20_000, 100
OUTCOMES = {
    "not_signed": "签名不是该服务的密钥所签", "another_log": "不是这个系统的日志头",
    "log_ends_before": "现有日志在此之前就结束了", "different": "现有日志在该位置的哈希不同，历史已被改写",
}  # fmt: skip
NO_HEADS = "请选择以前下载的日志头文件（.json）。"
NOT_SIGNED = "没有签成：{}没有答复，请稍后再试。"
UNREADABLE = "这不是日志头文件，或文件已损坏。"


class CheckedHeads(NamedTuple):
    """Of one service: how many heads its log contains, the newest of them, and what is wrong with the others; `away`:
    it does not answer."""

    service: str
    contained: int
    newest: str
    wrong: list[str]
    away: bool


@blueprint.post(f"{MAINTENANCE.path}/heads")
@signed_in(MAINTENANCE.right, fresh=True)
def download(user: User) -> ResponseReturnValue:
    """Signed now in every service that answers, with all that were signed before: one file."""
    services, away = components().services, list[str]()
    heads: list[Mapping[str, Any]] = []
    for service in SERVICES:
        services.post_json(user, service, "/api/heads", {})
        response = services.get_json(user, service, "/api/heads")
        heads += response.body.get("heads") or []
        away += [] if response.ok else [words(labels.SERVICES[service])]
    if away:
        return maintenance_page(user, error=words(NOT_SIGNED).format("、".join(away)), status=502)
    name = f"qihang-heads-{max((str(head['day']) for head in heads), default='none')}.json"
    answer = Response(json.dumps({"heads": heads}, ensure_ascii=False) + "\n", content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post(f"{MAINTENANCE.path}/heads/check")
@takes_files(MOST_BYTES)
@signed_in(MAINTENANCE.right, fresh=True)
def check(user: User) -> ResponseReturnValue:
    """Whether the logs still contain the heads of these files."""
    files = [file for file in files_of("heads") if file.size]
    if not files:
        return maintenance_page(user, error=words(NO_HEADS), status=422)
    given = [head for file in files for head in _heads_in(_content_of(file))]
    if not given or len(given) > MOST_HEADS:
        return maintenance_page(user, error=words(UNREADABLE), status=422)
    of_services = {name: [head for head in given if head["service"] == name] for name in SERVICES}
    return maintenance_page(user, [_check_heads(user, name, heads) for name, heads in of_services.items() if heads])


def _content_of(file: FormFile) -> bytes:
    file.stream.seek(0)
    return file.stream.read()


def _heads_in(content: bytes) -> list[Mapping[str, Any]]:
    """Of a file of this page, or of one head as the command keeps it; empty: it is neither."""
    try:
        document = json.loads(content)
    except ValueError:
        return []
    listed = document.get("heads", [document]) if isinstance(document, dict) else document
    is_list = isinstance(listed, list) and all(isinstance(each, dict) for each in listed)
    return [each for each in listed if each.get("service") in SERVICES] if is_list else []


def _check_heads(user: User, service: str, heads: list[Mapping[str, Any]]) -> CheckedHeads:
    contained: list[str] = []
    wrong: list[str] = []
    for first in range(0, len(heads), AT_ONCE):
        part = heads[first : first + AT_ONCE]
        response = components().services.post_json(user, service, "/api/verify/heads", {"heads": part})
        results = response.body.get("results")
        if not response.ok or not isinstance(results, list):
            refused = response.status < 500
            return CheckedHeads(service, len(contained), "", [words(UNREADABLE)] if refused else [], not refused)
        for head, result in zip(part, results, strict=False):
            if result["outcome"] == "contained":
                contained.append(str(head.get("day") or ""))
            else:
                reason = words(OUTCOMES.get(result["outcome"], result["outcome"]))
                wrong.append(f"{head.get('day')} {head.get('partition')}/{head.get('position')}：{reason}")
    return CheckedHeads(service, len(contained), max(contained, default=""), wrong, False)
