"""Use cases of anthologies: compile, take down."""

from collections.abc import Sequence
from typing import Any

from services.publicity.anthologies.domain import ANTHOLOGIES, CompileAnthology, TakeDownAnthology
from services.publicity.context import Caller, PublicityContext, nothing_left_if_refused
from services.publicity.rendering.renderer import render_anthology
from services.publicity.request_values import checked_id, one_line_text
from services.publicity.works.works_to_show import units_shown, works_to_show
from services.registry import rights


@nothing_left_if_refused
def compile_anthology(
    publicity: PublicityContext, caller: Caller, unit_id: str, semester: str, level: str, title: str,
    work_ids: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """Compile an edition; without `work_ids` of all works that are selected and consented to.  Problem."""
    rights.require(caller.actor, rights.PUBLISH_FOR_UNIT, rights.Subject(unit_id))
    title = one_line_text(title, "title", 60)
    anthology_id = checked_id(f"{unit_id}.{semester}", "unit_id")
    rendered = render_anthology(publicity, unit_id, semester, level, title, work_ids)
    with publicity.transaction(caller) as transaction:
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        works = works_to_show(transaction, rendered.work_ids)
        command = CompileAnthology(anthology_id, unit_id, semester, level, title, works, rendered.content,
                                   rendered.size, transaction.now,
                                   units_shown(transaction, unit_id, works))  # fmt: skip
        transaction.unit_of_work.execute(ANTHOLOGIES, command)
        edition = transaction.state(ANTHOLOGIES, command.stream).known.edition
        return transaction.result(anthology_id=anthology_id, edition=edition, works=list(rendered.work_ids),
                                  content=rendered.content)  # fmt: skip


def take_down_anthology(publicity: PublicityContext, caller: Caller, anthology_id: str, reason: str) -> dict[str, Any]:
    with publicity.transaction(caller) as transaction:
        unit_id = transaction.state(ANTHOLOGIES, f"anthology-{anthology_id}").known.unit_id
        transaction.act(caller.actor, rights.PUBLISH_FOR_UNIT, unit_id)
        command = TakeDownAnthology(anthology_id, one_line_text(reason, "reason"), transaction.now)
        transaction.unit_of_work.execute(ANTHOLOGIES, command)
        return transaction.result()
