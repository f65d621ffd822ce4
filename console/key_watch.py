"""Replaced keys of issuers in the security log: noticed where they lie, whoever replaced them."""

import hashlib
import re
import threading
import time
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from console.security_log import SecurityLog

SECONDS = 5.0
EVENT = "keys_changed"
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class KeyWatch:
    """Looks at the folder of public keys while requests come, health checks too; what it wrote last is in the log, so
    that a change while the console was away is noticed as well."""

    def __init__(self, folder: Path | None, security_log: SecurityLog) -> None:
        self._folder, self._log = folder, security_log
        self._known: dict[str, str] | None = None
        self._looked_at = -SECONDS
        self._lock = threading.Lock()

    def look(self) -> None:
        """At most every SECONDS, by one thread; a store or folder that is away is looked at again later."""
        if (
            self._folder is None
            or time.monotonic() - self._looked_at < SECONDS
            or not self._lock.acquire(blocking=False)
        ):
            return
        try:
            self._looked_at = time.monotonic()
            self._write_down(_fingerprints(self._folder))
        except (OSError, SQLAlchemyError):
            self._known = None
        finally:
            self._lock.release()

    def _write_down(self, present: dict[str, str]) -> None:
        if self._known is None:
            newest_last = reversed(self._log.entries(event=EVENT))
            self._known = {entry.detail["issuer"]: entry.detail["keys"] for entry in newest_last}
        for issuer in sorted({*present, *self._known}):
            keys = present.get(issuer, "")
            if keys != self._known.get(issuer, ""):
                self._log.write(EVENT, actor="installation", from_request=False, issuer=issuer, keys=keys)
                self._known[issuer] = keys


def _fingerprints(folder: Path) -> dict[str, str]:
    """By issuer: the first half of the SHA-256 of each key that is honoured, in their order."""
    return {
        path.stem: " ".join(hashlib.sha256(key).hexdigest()[:32] for key in _PEM.findall(path.read_bytes()))
        for path in sorted(folder.glob("*.pem"))
    }
