"""The console's settings from environment variables; secrets come from files only."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SHORTEST_KEY = 32
CALLBACK = "/signin/oidc/callback"
SERVICES = ("participation", "assessment", "publicity", "notifications")
UPLOAD_LIMIT = 2 * 1024**3


class BadSettings(Exception):
    """A setting is missing or malformed; the message names the variable."""


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID Connect provider and how it knows us.  `person_claim` names the person's id in the id_token;
    `create_accounts`: whoever is in the registry gets an account at the first sign-in."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    person_claim: str = "sub"
    scope: str = "openid"
    label: str = "统一身份认证"
    create_accounts: bool = False
    ca_file: Path | None = None


@dataclass(frozen=True)
class Settings:
    """Read once at start.  `password_file` holds the operator's password as it was installed: the store keeps its hash,
    and takes another one when the file is another at a start."""

    district: str
    peers: Mapping[str, str]
    signing_key: bytes
    session_secret: bytes
    password_file: Path | None
    database_url: str
    operator_must_change: bool = True
    trusted_keys: Path | None = None
    upload_limit: int = UPLOAD_LIMIT
    trusted_proxies: int = 0
    hosts: tuple[str, ...] = ()
    second_step_keys: tuple[bytes, ...] = ()
    second_step_required: bool = False
    oidc: OidcSettings | None = None
    district_name: str = ""

    def installed_password(self) -> str:
        """Empty: there is no such file (any more)."""
        if self.password_file is None or not self.password_file.is_file():
            return ""
        return self.password_file.read_text(encoding="utf-8").strip()


def from_environ(environ: Mapping[str, str] = os.environ) -> Settings:
    """Reads the settings.  BadSettings."""
    second_step_keys = _keys(environ, "QIHANG_SECOND_STEP_KEY_FILE")
    second_step_required = bool(_number(environ, "QIHANG_SECOND_STEP_REQUIRED", 0))
    if second_step_required and not second_step_keys:
        raise BadSettings("QIHANG_SECOND_STEP_REQUIRED: needs QIHANG_SECOND_STEP_KEY_FILE")
    return Settings(
        district=_required_setting(environ, "QIHANG_DISTRICT"),
        district_name=environ.get("QIHANG_DISTRICT_NAME", "").strip(),
        peers=_peers(_required_setting(environ, "QIHANG_PEERS")),
        signing_key=_file(environ, "QIHANG_SIGNING_KEY_FILE").read_bytes(),
        session_secret=_secret(_file(environ, "QIHANG_SESSION_SECRET_FILE")),
        password_file=Path(name) if (name := environ.get("QIHANG_OPERATOR_PASSWORD_FILE", "").strip()) else None,
        database_url=database_url(environ),
        operator_must_change=bool(_number(environ, "QIHANG_OPERATOR_MUST_CHANGE", 1)),
        trusted_keys=Path(environ["QIHANG_TRUSTED_KEYS"]) if environ.get("QIHANG_TRUSTED_KEYS") else None,
        upload_limit=_number(environ, "QIHANG_UPLOAD_LIMIT", UPLOAD_LIMIT),
        trusted_proxies=_number(environ, "QIHANG_TRUSTED_PROXIES", 0),
        hosts=tuple(filter(None, (name.strip() for name in environ.get("QIHANG_HOSTS", "").split(",")))),
        second_step_keys=second_step_keys,
        second_step_required=second_step_required,
        oidc=_oidc(environ),
    )


def _oidc(environ: Mapping[str, str]) -> OidcSettings | None:
    """None: there is no provider."""
    issuer = environ.get("QIHANG_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    has_secret = environ.get("QIHANG_OIDC_CLIENT_SECRET_FILE", "").strip()
    secret = _file(environ, "QIHANG_OIDC_CLIENT_SECRET_FILE").read_text(encoding="utf-8").strip() if has_secret else ""
    ca_file = _file(environ, "QIHANG_OIDC_CA_FILE") if environ.get("QIHANG_OIDC_CA_FILE", "").strip() else None
    return OidcSettings(
        issuer=_by_tls("QIHANG_OIDC_ISSUER", issuer),
        client_id=_required_setting(environ, "QIHANG_OIDC_CLIENT_ID"),
        client_secret=secret,
        redirect_uri=_by_tls("QIHANG_PUBLIC_URL", _required_setting(environ, "QIHANG_PUBLIC_URL")).rstrip("/")
        + CALLBACK,
        person_claim=environ.get("QIHANG_OIDC_PERSON_CLAIM", "").strip() or "sub",
        scope=environ.get("QIHANG_OIDC_SCOPE", "").strip() or "openid",
        label=environ.get("QIHANG_OIDC_LABEL", "").strip() or "统一身份认证",
        create_accounts=bool(_number(environ, "QIHANG_OIDC_CREATE_ACCOUNTS", 0)),
        ca_file=ca_file if ca_file and ca_file.stat().st_size else None,
    )


def _by_tls(name: str, address: str) -> str:
    """https, but for this machine's own addresses."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        return address
    raise BadSettings(f"{name}: not https: {address}")


def _required_setting(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise BadSettings(f"{name} is not set")
    return value


def _file(environ: Mapping[str, str], name: str) -> Path:
    path = Path(_required_setting(environ, name))
    if not path.is_file():
        raise BadSettings(f"{name}: there is no file {path}")
    return path


def database_url(environ: Mapping[str, str]) -> str:
    """The store's address, from a variable or a file; none: SQLite under QIHANG_DATA."""
    if url := environ.get("QIHANG_DATABASE_URL", "").strip():
        return url
    if environ.get("QIHANG_DATABASE_URL_FILE", "").strip():
        return _file(environ, "QIHANG_DATABASE_URL_FILE").read_text(encoding="utf-8").strip()
    folder = Path(environ.get("QIHANG_DATA") or "var")
    return f"sqlite:///{folder.absolute() / 'console.db'}"


def _secret(path: Path) -> bytes:
    secret = path.read_bytes().strip()
    if len(secret) < 16:
        raise BadSettings("QIHANG_SESSION_SECRET_FILE: fewer than 16 bytes")
    return secret


def _keys(environ: Mapping[str, str], name: str) -> tuple[bytes, ...]:
    """One key a line, the newest first; none where the variable or the file is empty."""
    if not environ.get(name, "").strip():
        return ()
    keys = tuple(_file(environ, name).read_bytes().split())
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise BadSettings(f"{name}: a key of fewer than {SHORTEST_KEY} characters")
    return keys


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise BadSettings(f"{name} is not a number: {text}")
    return int(text)


def _peers(text: str) -> dict[str, str]:
    pairs = dict(part.strip().partition("=")[::2] for part in text.split(",") if part.strip())
    for service, address in pairs.items():
        if service not in SERVICES or not address.startswith(("http://", "https://")):
            raise BadSettings(f"QIHANG_PEERS: not service=http://host:port: {service}={address}")
    return {service: address.rstrip("/") for service, address in pairs.items()}
