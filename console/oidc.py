"""Sign-in by the district's OpenID Connect provider: authorization code with PKCE, state and nonce, by Authlib.

Only the provider's own host is called, for seconds only and by few at once: without it passwords sign in."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from console.settings import OidcSettings

CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
CALLS_AT_ONCE = 4
"""Of the console's threads: a provider that answers slowly holds no more of them."""
METADATA_SECONDS = 3600.0
CLOCK_SECONDS = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""By public keys only: never `none`, never a secret that both sides have."""


class ProviderUnavailable(Exception):
    """The provider does not answer in time, or not as a provider does."""


class NotSignedIn(Exception):
    """What came from the provider does not sign anybody in; the message is a code for the security log."""


@dataclass(frozen=True)
class Authorization:
    """One request to sign in: where the browser goes, and what has to come back with it."""

    url: str
    state: str
    nonce: str
    code_verifier: str


class _Session(OAuth2Session):
    """Asks the provider's own host, waits for seconds, follows no redirection, knows no proxy or .netrc."""

    def __init__(self, settings: OidcSettings) -> None:
        super().__init__(
            settings.client_id, settings.client_secret or None, scope=settings.scope,
            redirect_uri=settings.redirect_uri, code_challenge_method="S256",
        )  # fmt: skip
        self.trust_env = False
        self.max_redirects = 0
        if settings.ca_file:
            self.verify = str(settings.ca_file)
        self._origin = _origin(settings.issuer)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        if _origin(url) != self._origin:
            raise ProviderUnavailable(f"not at the issuer's host: {url}")
        limits = {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False}
        response: requests.Response = super().request(method, url, **{**options, **limits})
        if response.is_redirect:
            raise ProviderUnavailable(f"redirects: {url}")
        return response


class Provider:
    """The provider: its discovery document and keys are kept for an hour; for an unknown key they are asked anew."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._few_at_once = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._lock = threading.Lock()
        self._until = 0.0
        self._metadata: Mapping[str, str] = {}
        self._keys: Any = None

    def authorization(self) -> Authorization:
        """The provider's address to send the browser to, and what to remember until it is back.  Raises
        ProviderUnavailable."""
        with self._session() as session:
            endpoint = self._endpoint(session, "authorization_endpoint")
            nonce, verifier = generate_token(32), generate_token(64)
            url, state = session.create_authorization_url(endpoint, code_verifier=verifier, nonce=nonce)
        return Authorization(url, state, nonce, verifier)

    def person_id(self, code: str, nonce: str, code_verifier: str) -> str:
        """The person that the provider signs in, for the code that the browser brought back.  ProviderUnavailable,
        NotSignedIn."""
        with self._session() as session:
            endpoint = self._endpoint(session, "token_endpoint")
            try:
                token = session.fetch_token(endpoint, code=code, code_verifier=code_verifier)
            except AuthlibBaseError as error:
                raise NotSignedIn(f"token_{error.error}"[:80]) from error
            claims = self._claims(session, token, nonce)
        person_id = claims.get(self.settings.person_claim)
        if not isinstance(person_id, str) or not person_id:
            raise NotSignedIn("no_person_claim")
        return person_id

    def _claims(self, session: _Session, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Those of the id_token, checked: signature, issuer, audience, time, nonce, at_hash."""
        settings = self.settings
        try:
            parsed = self._verify_token(session, str(token.get("id_token") or ""))
            options = {"iss": {"essential": True, "value": settings.issuer},
                       "aud": {"essential": True, "value": settings.client_id}}  # fmt: skip
            expected = {"nonce": nonce, "client_id": settings.client_id, "access_token": token.get("access_token")}
            claims = CodeIDToken(parsed.claims, parsed.header, options, expected)
            claims.validate(leeway=CLOCK_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotSignedIn(f"id_token: {error}"[:80]) from error
        return dict(claims)

    def _verify_token(self, session: _Session, id_token: str) -> Any:
        try:
            return jwt.decode(id_token, self._key_set(session), algorithms=ALGORITHMS)
        except (InvalidKeyIdError, ValueError):  # a key that is new: asked for once
            return jwt.decode(id_token, self._key_set(session, anew=True), algorithms=ALGORITHMS)

    def _key_set(self, session: _Session, *, anew: bool = False) -> Any:
        uri = self._endpoint(session, "jwks_uri")
        with self._lock:
            keys = self._keys
        if keys is None or anew:
            keys = KeySet.import_key_set(cast(KeySetSerialization, _json(session, uri)))
            with self._lock:
                self._keys = keys
        return keys

    def _endpoint(self, session: _Session, name: str) -> str:
        """An address of the discovery document, at the issuer's own host."""
        with self._lock:
            metadata = self._metadata if time.monotonic() < self._until else {}
        if not metadata:
            metadata = _json(session, f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if metadata.get("issuer") != self.settings.issuer:
                raise ProviderUnavailable(f"another issuer: {metadata.get('issuer')}")
            with self._lock:
                self._metadata, self._until, self._keys = metadata, time.monotonic() + METADATA_SECONDS, None
        endpoint = str(metadata.get(name) or "")
        if _origin(endpoint) != _origin(self.settings.issuer):
            raise ProviderUnavailable(f"{name} is not at the issuer's host: {endpoint}")
        return endpoint

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        if not self._few_at_once.acquire(timeout=1.0):
            raise ProviderUnavailable("too many wait for it")
        try:
            with _Session(self.settings) as session:
                yield session
        except (requests.RequestException, ValueError) as error:
            raise ProviderUnavailable(str(error)) from error
        finally:
            self._few_at_once.release()


def _json(session: _Session, url: str) -> dict[str, Any]:
    response = session.request("GET", url, withhold_token=True)
    response.raise_for_status()
    value = response.json()
    if not isinstance(value, dict):
        raise ProviderUnavailable(f"no JSON object: {url}")
    return value


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
