"""Imports in this process, where no loop runs: each is read and decided at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from services.participation.imports.handlers import ImportRequest
from tests.services.participation.cluster import OPERATOR, Replica


def manifest_of(files: Mapping[str, bytes], kind: str = "") -> list[list[str]]:
    return [[name, hashlib.sha256(body).hexdigest(), str(len(body)), kind] for name, body in files.items()]


def begun(replica: Replica, files: Mapping[str, bytes], kind: str = "", **wanted: Any) -> tuple[str, bool]:
    """(id, whether it goes on) of an import of which nothing is uploaded."""
    result: tuple[str, bool] = replica.service.imports.begin_import(
        ImportRequest(manifest_of(files, kind), **wanted), OPERATOR, ""
    )
    return result


def uploaded(replica: Replica, files: Mapping[str, bytes], **wanted: Any) -> str:
    import_id, _ = begun(replica, files, **wanted)
    for name, body in files.items():
        replica.service.imports.upload_file(import_id, name, [body])
    return import_id


def worked(replica: Replica) -> None:
    """Everything that the loops would do by now."""
    replica.service.imports.job.read_all()
    replica.service.imports.job.decide_all()


def imported(replica: Replica, files: Mapping[str, bytes], **wanted: Any) -> dict[str, Any]:
    """How the import ended."""
    import_id = uploaded(replica, files, **wanted)
    worked(replica)
    shown: dict[str, Any] = replica.service.imports.show_import(import_id)
    assert shown["finished"], shown
    return shown


def outcome_of(shown: Mapping[str, Any]) -> str:
    """What became of the one row of an import."""
    (file,) = shown["files"]
    return next(outcome for outcome in ("accepted", "unchanged", "refused") if file[outcome])
