"""A district with a supervision office O9 (two of its people), a secondary unit D1 and the clerk of the office O1."""

from __future__ import annotations

from pathlib import Path

from contracts.participation import MembershipStarted, PostAssigned, UnitRegistered
from tests.services.participation.filing_client import FilingClient

STAFF = {"first": ("clerk", "O9"), "second": ("head", "O9"), "clerk-o1": ("clerk", "O1"), "head-o1": ("head", "O1")}


class SupervisedDistrict(FilingClient):
    """Its routes, asked without a socket."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "")
        with self.runtime.unit_of_work("service:test") as unit_of_work:
            for unit_id, kind, tags in (("O9", "office", ("supervision_office",)), ("D1", "secondary", ())):
                unit_of_work.append(
                    UnitRegistered(unit_id, f"单位{unit_id}", kind, tags, "", "", "", "2010-09-01", "", "d")
                )
            for person_id, (post, unit_id) in STAFF.items():
                unit_of_work.append(
                    MembershipStarted(person_id, unit_id, "cadre", "2015-09-01", "", "d", f"姓{person_id}"),
                    PostAssigned(unit_id, post, person_id, "2022-09-01", "", "d"),
                )
