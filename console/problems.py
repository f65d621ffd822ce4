"""Errors of the gateway as problem+json (RFC 9457), with Chinese titles."""

import json

from flask import Response

PROBLEM = "application/problem+json"
TITLES = {
    401: "没有登录",
    403: "不允许",
    404: "没有这个地址",
    405: "不支持的方法",
    413: "内容太大",
    429: "请求太频繁",
    500: "控制台出错",
    502: "服务没有答复",
    503: "暂时不可用",
    504: "服务答复太慢",
    507: "磁盘已满",
}
CODES = {403: "not_allowed", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 500: "internal"}


def members(status: int, code: str, detail: str) -> dict[str, object]:
    """The body of a problem."""
    title = TITLES.get(status, "请求有误")
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}


def problem(status: int, code: str, detail: str) -> Response:
    """An answer of problem+json."""
    return Response(json.dumps(members(status, code, detail), ensure_ascii=False), status, content_type=PROBLEM)
