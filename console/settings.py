"""The console's settings from environment variables; secrets come from files only."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("participation", "assessment", "publicity", "notifications")
UPLOAD_LIMIT = 2 * 1024**3


class BadSettings(Exception):
    """A setting is missing or malformed; the message names the variable."""


@dataclass(frozen=True)
class Settings:
    """Read once at start; the password file is read at every sign-in, so that it can be changed in place."""

    district: str
    peers: Mapping[str, str]
    signing_key: bytes
    session_secret: bytes
    password_file: Path
    access_file: Path = Path("access.json")
    trusted_keys: Path | None = None
    upload_limit: int = UPLOAD_LIMIT
    trusted_proxies: int = 0
    hosts: tuple[str, ...] = ()

    def password(self) -> str:
        """The operator's password as it is now."""
        return self.password_file.read_text(encoding="utf-8").strip()


def from_environ(environ: Mapping[str, str] = os.environ) -> Settings:
    """Reads the settings.  BadSettings."""
    return Settings(
        district=_required(environ, "QIHANG_DISTRICT"),
        peers=_peers(_required(environ, "QIHANG_PEERS")),
        signing_key=_file(environ, "QIHANG_SIGNING_KEY_FILE").read_bytes(),
        session_secret=_secret(_file(environ, "QIHANG_SESSION_SECRET_FILE")),
        password_file=_file(environ, "QIHANG_OPERATOR_PASSWORD_FILE"),
        access_file=Path(environ.get("QIHANG_ACCESS_FILE") or Path(environ.get("QIHANG_DATA", ".")) / "access.json"),
        trusted_keys=Path(environ["QIHANG_TRUSTED_KEYS"]) if environ.get("QIHANG_TRUSTED_KEYS") else None,
        upload_limit=_number(environ, "QIHANG_UPLOAD_LIMIT", UPLOAD_LIMIT),
        trusted_proxies=_number(environ, "QIHANG_TRUSTED_PROXIES", 0),
        hosts=tuple(filter(None, (name.strip() for name in environ.get("QIHANG_HOSTS", "").split(",")))),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise BadSettings(f"{name} is not set")
    return value


def _file(environ: Mapping[str, str], name: str) -> Path:
    path = Path(_required(environ, name))
    if not path.is_file():
        raise BadSettings(f"{name}: there is no file {path}")
    return path


def _secret(path: Path) -> bytes:
    secret = path.read_bytes().strip()
    if len(secret) < 16:
        raise BadSettings("QIHANG_SESSION_SECRET_FILE: fewer than 16 bytes")
    return secret


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
