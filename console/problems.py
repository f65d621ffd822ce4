"""Errors of the gateway as problem+json (RFC 9457), with Chinese titles."""

import json

from flask import Response

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
}
CODES = {403: "not_allowed", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 500: "internal"}


def problem(status: int, code: str, detail: str) -> Response:
    """An answer of problem+json."""
    members = {
        "type": "about:blank",
        "title": TITLES.get(status, "请求有误"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return Response(json.dumps(members, ensure_ascii=False), status, content_type="application/problem+json")
