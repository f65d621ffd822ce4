"""Use cases of kept dry runs: list, confirm as an import of the same files, delete."""

from collections.abc import Callable
from typing import Any

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from services.participation.imports.domain import ImportProgress
from services.participation.imports.dry_run import DryRuns
from services.participation.imports.file_owner import units_of
from services.participation.imports.kept_dry_runs import KeptDryRun, all_kept, find_kept, keep
from services.participation.imports.spool import Spool

MOST_LISTED = 50
_NAMED = ("import_id", "actor", "started_at", "finished_at", "late_entry", "source", "unit_id", "files")
_COUNTED = ("total", "rows", "accepted", "unchanged", "refused")
BeginImport = Callable[[ImportProgress, Actor, str], tuple[str, bool]]
"""Begins the import of checked files: (id of the import, whether it was begun before)."""


class KeptDryRuns:
    """The dry runs whose files are kept."""

    def __init__(self, spool: Spool, running: DryRuns, begin_import: BeginImport) -> None:
        self._spool, self._running, self._begin_import = spool, running, begin_import

    def confirm(self, actor: Actor, import_id: str, correlation: str) -> tuple[str, bool]:
        """Import the files of a dry run; their rows are decided anew.  Returns the id of the import, and whether it was
        begun before.  Problem 403, 404, 409, 410."""
        kept = self._find(import_id)
        if kept.confirmed:
            return kept.confirmed, True
        if not kept.progress.finished:
            raise Problem(409, "not_finished", "检查还没有完成，完成之后才能导入。")
        self._spool.require_uploads(kept.progress)
        begun, resumed = self._begin_import(kept.progress, actor, correlation)
        self._spool.lend_uploads(kept.progress, begun)
        keep(self._spool.folder_of(import_id), kept._replace(confirmed=begun))
        return begun, resumed

    def discard(self, import_id: str) -> None:
        """Delete a dry run with its files.  Problem 404, 409."""
        if self._find(import_id).confirmed:
            raise Problem(409, "confirmed", "已经按这次检查导入，不能删除；导入本身可以撤销。")
        with self._spool.locked(import_id) as acquired:
            if not acquired:
                raise Problem(409, "busy", "正在检查这些文件，请稍后再删除。")
            self._running.forget(import_id)
            self._spool.discard(import_id)

    def listed(self, actor: Actor, state: Callable[[ImportProgress], str]) -> list[dict[str, Any]]:
        """Those that the caller may see, latest first."""
        return [_dry_run_summary(kept, state(kept.progress)) for kept in all_kept(self._spool.folder, units_of(actor),
                                                                         MOST_LISTED)]  # fmt: skip

    def _find(self, import_id: str) -> KeptDryRun:
        """The dry run with this id.  Problem 404."""
        kept = find_kept(self._spool.folder, import_id)
        if kept is None:
            raise Problem(404, "unknown_import", f"没有编号为 {import_id[:40]} 的检查。")
        return kept


def _dry_run_summary(kept: KeptDryRun, state: str) -> dict[str, Any]:
    progress, parts = kept.progress, kept.progress.parts or ()
    counts = {name: sum(getattr(part, name) for part in parts) for name in _COUNTED}
    named = {name: getattr(progress, name) for name in _NAMED}
    kinds = list(dict.fromkeys(part.table for part in parts))
    return {**named, **counts, "kinds": kinds, "state": state, "confirmed": kept.confirmed}
