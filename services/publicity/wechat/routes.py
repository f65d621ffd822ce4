"""The platform's callback: a hint to poll earlier, whose content is not trusted."""

from typing import Any

import marshmallow
from marshmallow import fields
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.publicity.routes import PublicityRoutes

TEXT = Media("text/plain", "echostr, or success", {"type": "string"})
XML = Media("text/xml", "the platform's message")
UNSIGNED: dict[int, Any] = {200: TEXT, 403: None}


class SignedQuery(marshmallow.Schema):
    """The platform's signature over token, timestamp and nonce."""

    signature = fields.String(load_default="")
    timestamp = fields.String(load_default="")
    nonce = fields.String(load_default="")
    echostr = fields.String(load_default="")


class WeChatRoutes(PublicityRoutes):
    """The callback of an account (`district`, or a unit's id)."""

    @route("GET", "/wechat/<account>", public=True, query=SignedQuery, response=UNSIGNED)
    def verify_callback(self, request: RouteRequest, account: str) -> Any:
        """The platform's verification of the callback URL."""
        if not self.publisher.callbacks.is_signed(account, request.query):
            return Response("", 403)
        return Response(request.query["echostr"][:200], content_type="text/plain; charset=utf-8")

    @route("POST", "/wechat/<account>", public=True, body=XML, query=SignedQuery, response=UNSIGNED,
           largest=16 * 1024)  # fmt: skip
    def callback(self, request: RouteRequest, account: str) -> Any:
        """The platform reports the end of a publication (PUBLISHJOBFINISH); it is then polled."""
        if not self.publisher.callbacks.is_signed(account, request.query):
            return Response("", 403)
        callback = self.publisher.callbacks.read(account, request.query, request.body, self.publisher.now())
        if callback is not None:
            self.publisher.on_callback(account, callback)
        return Response("success", content_type="text/plain")
