"""What a browser says of itself, in words for a list; and the cookie by which a device is known again."""

import re
import secrets

from flask import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE = "qihang-device"
KNOWN_SECONDS = 180 * 24 * 3600
MOST_NAMES = 5  # of people who share a computer
_BROWSERS = (("Edg", "Edge"), ("MicroMessenger", "微信"), ("QQBrowser", "QQ 浏览器"), ("Firefox", "Firefox"),
             ("OPR", "Opera"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("python-requests", "程序"))  # fmt: skip
_SYSTEMS = (("HarmonyOS", "鸿蒙"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
            ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


def device_label(user_agent: str) -> str:
    """Browser and system of a User-Agent header."""
    browser = next((label for mark, label in _BROWSERS if mark in user_agent), "")
    system = next((label for mark, label in _SYSTEMS if mark in user_agent), "")
    other = re.sub(r"[^\w .;()/-]", "", user_agent)[:40]
    return " · ".join(filter(None, (browser, system))) or other or "未知设备"


class DeviceCookie:
    """Signed names of accounts that signed in from this browser, each with a random id.  It opens nothing: it only
    keeps the failures of others apart from those of this device."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="qihang-device")

    def device_of(self, request: Request, name: str) -> str:
        """The id of this device for the account of this sign-in name; empty: it is not known."""
        return self._read(request).get(name.casefold(), "")

    def remember(self, request: Request, response: Response, name: str) -> None:
        """The account has signed in from here."""
        known = self._read(request)
        own = known.pop(name.casefold(), "") or secrets.token_urlsafe(9)
        latest = dict([*known.items(), (name.casefold(), own)][-MOST_NAMES:])
        response.set_cookie(
            _name(request), str(self._serializer.dumps(latest)), max_age=KNOWN_SECONDS, httponly=True,
            secure=request.is_secure, samesite="Strict", path="/",
        )  # fmt: skip

    def _read(self, request: Request) -> dict[str, str]:
        try:
            known = self._serializer.loads(request.cookies.get(_name(request), ""), max_age=KNOWN_SECONDS)
        except BadData:
            return {}
        return dict(known) if isinstance(known, dict) else {}


def _name(request: Request) -> str:
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE
