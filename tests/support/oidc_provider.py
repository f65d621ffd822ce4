"""A local OpenID Connect provider that honours the documented contract: discovery, authorization code with PKCE (S256),
client authentication, codes for one use, id_tokens by RS256, JWKS; and that can be made to err."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "qihang", "client secret"


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


_first_key = functools.cache(_new_key)  # every provider begins with the same one: one takes 0.1 s to find


class OidcProvider:
    """`claims` are put over those of every id_token; `answers`, by path, are sent instead of its own (status, headers,
    body); while `hangs` is not set no call is answered."""

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.algorithm, self.calls = "RS256", list[str]()
        self.open = threading.Event()
        self.open.set()
        self._codes: dict[str, dict[str, str]] = {}
        self.key, self.kid = _first_key(), secrets.token_hex(4)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def rotate(self) -> None:
        """A new key in place of the present one."""
        self.key, self.kid = _new_key(), secrets.token_hex(4)

    def close(self) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, url: str, person_id: str) -> str:
        """The browser is at `url` and the person signs in there: where the browser goes next."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.issuer}/authorize?"), url
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, self.redirect_uri)
        assert asked["response_type"] == "code" and "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        code = secrets.token_urlsafe(16)
        self._codes[code] = {"person": person_id, "nonce": asked["nonce"], "challenge": asked["code_challenge"]}
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.calls.append(f"{method} {path}")
        self.open.wait(30)
        if path in self.answers:
            return self.answers[path]
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return _json(200, self._metadata() | self.metadata)
            case "GET", "/keys":
                return _json(200, {"keys": [self._public_key()]})
            case "POST", "/token":
                return self._token(headers, {name: values[0] for name, values in parse_qs(body.decode()).items()})
        return _json(404, {})

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        }  # fmt: skip

    def _public_key(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {**public, "kid": self.kid, "use": "sig", "alg": "RS256"}

    def _token(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if headers.get("authorization") not in (expected, plain):
            return _json(401, {"error": "invalid_client"})
        grant = self._codes.pop(form.get("code", ""), None)  # for one use
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (form.get("grant_type"), form.get("redirect_uri")) != ("authorization_code", self.redirect_uri):
            return _json(400, {"error": "invalid_request"})
        if grant is None or challenge.rstrip(b"=").decode() != grant["challenge"]:
            return _json(400, {"error": "invalid_grant"})
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": grant["person"], "aud": CLIENT, "exp": now + 300, "iat": now,
                  "nonce": grant["nonce"], **self.claims}  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": self._signed(claims)}
        return _json(200, token)

    def _signed(self, claims: dict[str, Any]) -> str:
        key: Any = {"none": None, "HS256": SECRET.encode() * 4}.get(self.algorithm, self.key)
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.kid})


def _json(status: int, value: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _handler(provider: OidcProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, content = provider.answer(self.command, urlsplit(self.path).path, headers, body)
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
