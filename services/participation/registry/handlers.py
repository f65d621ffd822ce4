"""Use cases: erase persons, and give other services the keys of personal data."""

from collections.abc import Callable, Sequence
from typing import Any

from chassis.intake import pending_reports
from chassis.messaging import quarantine
from chassis.process.problems import Problem
from chassis.store import subject_keys
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from contracts.participation import PersonErased
from services.participation.xapi import stored_statements


def erase_person(
    store: Store,
    units_of_work: UnitsOfWork,
    erase_spooled: Callable[[str], int],
    person_id: str,
    actor: object,
    correlation: str,
) -> dict[str, Any]:
    """Destroy the person's key and every plain copy in this service.  Returns the positions, the number of copies by
    kind, and whether no file of the store contains bytes of them any more.  Problem 404."""
    with units_of_work.begin(actor, correlation) as unit_of_work:
        if not unit_of_work.load([f"person-{person_id}"]):
            raise Problem(404, "unknown_person", f"没有编号为 {person_id} 的人员。")
        unit_of_work.keys.destroy(person_id)
        pending = pending_reports.erase(unit_of_work.connection, person_id)
        quarantined = quarantine.erase(unit_of_work.connection, person_id)
        statements = stored_statements.erase(unit_of_work.connection, person_id)
        unit_of_work.append(PersonErased(person_id))
    spooled = erase_spooled(person_id)
    erased = {"pending_reports": pending, "quarantine": quarantined, "import_rows": spooled,
              "statements": statements}  # fmt: skip
    return {"positions": unit_of_work.positions, "erased": erased, "scrubbed": store.scrub()}


def keys_of_subjects(store: Store, subjects: Sequence[str]) -> dict[str, str]:
    """The key (hex) of each of these subjects that has one."""
    with store.reading() as connection:
        return {subject: key.hex() for subject, key in subject_keys.existing_keys(connection, subjects).items()}
