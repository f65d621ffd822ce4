"""Checks reports against the rights of their sender (sources, types, units, owners of rows), by whatever way they
came."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from chassis.intake.cloudevents import Report
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.domain import Ledger, Refused, Row, kind_of
from services.participation.domain.naming import Target
from services.participation.domain.rows import ID_COLUMNS, ReportedCorrection
from services.participation.intake.cancellations import cancelled_source
from services.participation.publishers.domain import TYPES
from services.participation.publishers.origins import reported_source
from services.participation.publishers.queries import PUBLISHERS, RegisteredPublishers
from services.participation.publishers.row_rights import changed_target, foreign_unit

MESSAGES: Final[Mapping[str, str]] = {
    "not_your_source": "该来源未登记在本接入系统名下。请使用登记的来源，或请管理员变更登记。",
    "not_your_type": "本接入系统未登记此类事件。确需报送的，请管理员变更登记。",
    "not_your_unit": "该行所涉单位（或人员任职的单位）不在本接入系统登记的单位之内。",
    "not_your_row": "该行不是由本接入系统报送的，不能由其更正、作废、恢复或撤回。",
}
"""The explanation of each reason for the author of an outside system."""


class Sender(NamedTuple):
    """The sender of a body: a publisher, by its token or the broker's user; nobody (a message without `user_id`); or an
    operator."""

    name: str
    is_operator: bool = False


class ReportRights:
    """Checks reports within one unit of work."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit_of_work = unit_of_work
        self.publishers = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
        self._reported_here: dict[Target, str] = {}

    def judge_report(self, report: Report, sender: Sender) -> tuple[str, Refused | None]:
        """The publisher whose rights apply to its row ('': an operator), and the refusal if the report itself is not
        allowed."""
        owner = self.publishers.owner_of(report.source)
        cancels = cancelled_source(report)
        cancelled_owner = self.publishers.owner_of(cancels) if cancels else owner
        if sender.is_operator:
            return "", None if owner is None and cancelled_owner is None else _not_your_source()
        if owner is None or cancelled_owner is not owner or not _speaks_for(sender, owner.name, owner.rights.unnamed):
            return "", _not_your_source()
        if report.type in TYPES and not owner.rights.may_report(report.type):
            return owner.name, Refused("type", "not_your_type")
        return owner.name, None

    def judge_row(self, row: Row, publisher: str, ledger: Ledger, rules: Campaign | None) -> Refused | None:
        """The refusal if the row is not the publisher's.  Everything that it refers to must be in the ledger."""
        if not publisher:
            return None
        registered = self.publishers.named(publisher)
        if registered is None:  # it was removed while the row was pending
            return _not_your_source()
        if refusal := foreign_unit(row, ledger, rules, registered.rights):
            return refusal
        target = changed_target(row, ledger)
        if target is not None and not registered.rights.owns(self._source_of(target)):
            return Refused(kind_of(row).columns[0], "not_your_row")
        return None

    def remember(self, row: Row, source: str) -> None:
        """Remember a row accepted in this unit of work: its events are not in the log yet."""
        if target := _target_of_fact(row):
            self._reported_here.setdefault(target, source)

    def _source_of(self, target: Target) -> str:
        return reported_source(self._unit_of_work.query, target) or self._reported_here.get(target, "")


def _speaks_for(sender: Sender, owner: str, unnamed: bool) -> bool:
    return sender.name == owner if sender.name else unnamed


def _not_your_source() -> Refused:
    return Refused("source", "not_your_source")


def _target_of_fact(row: Row) -> Target | None:
    """The name by which a reported row can be corrected later; None if it is a change or a correction itself."""
    if isinstance(row, ReportedCorrection):
        return None
    kind = kind_of(row)
    ids = ID_COLUMNS.get(kind.name)
    return Target(kind.name, tuple(row[kind.columns.index(column)] for column in ids)) if ids else None
