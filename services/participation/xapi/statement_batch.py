"""Accepts statements of one publisher in one transaction: known ones are repetitions, new ones become rows of the
intake."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chassis.intake.cloudevents import Receipt, Report
from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork
from contracts.intake import RECORD_REPORTED, REPORT_CANCELLED, WITHDRAWAL_REPORTED
from duties.learning_platforms import LearningPlatform
from services.participation.campaign.queries import rules_in_force
from services.participation.intake.report_batch import ReportBatch
from services.participation.intake.report_rights import Sender
from services.participation.publishers.queries import RegisteredPublisher
from services.participation.xapi import stored_statements
from services.participation.xapi.domain.mapping import MappedRecord, NoRecord, map_statement, occurred_at, person_of
from services.participation.xapi.domain.statements import (
    account_of,
    activity_of,
    actor_key,
    derived_id,
    digest_of,
    keyed,
    referred_to,
    voided_by,
)
from services.participation.xapi.stored_statements import KeptStatement, Tallies

AUTHORITY: Final = "https://qihang.invalid"
"""The authority of statements without one: the publisher, as an account of this district; not a real host."""
_REASON: Final = "学习平台撤销了这条学习记录"
_OF_OUTCOME: Final = {
    "accepted": stored_statements.RECORDED,
    "unchanged": stored_statements.RECORDED,
    "waiting": stored_statements.WAITING,
}


class StatementBatch:
    """`publisher`: the sender, whose rights apply to the rows."""

    def __init__(self, unit_of_work: UnitOfWork, publisher: RegisteredPublisher) -> None:
        self._unit_of_work, self._publisher = unit_of_work, publisher
        self._connection, self._secret = unit_of_work.connection, unit_of_work.store.secret
        rules = rules_in_force(unit_of_work)
        self._has_rules = rules is not None
        self._platforms: list[LearningPlatform] = [
            each for each in (rules.platforms if rules else ()) if publisher.rights.owns(each.source)
        ]
        self._reports = ReportBatch(unit_of_work)
        self.tallies = Tallies(unit_of_work, publisher.name)

    @property
    def released(self) -> int:
        """The number of pending reports to decide again."""
        return self._reports.released

    def take(self, given: Sequence[dict[str, Any]], version: str) -> list[str]:
        """Their ids, in order.  Problem 409 if another statement has the id; 400 if it voids a voiding one.  Then none
        is accepted."""
        arrived = [self._statement_of(each, version) for each in given]
        known = stored_statements.known_statements(
            self._connection, self._publisher.name, {each.statement_id for each in arrived}
        )
        fresh: dict[str, KeptStatement] = {}
        for each in arrived:
            row = known.get(each.statement_id)
            if row is None:
                fresh.setdefault(each.statement_id, each)
            elif row.digest and row.digest != each.digest:
                raise Problem(409, "conflict", f"another statement bears the id {each.statement_id}")
        if fresh:
            self._take_fresh(list(fresh.values()))
        return [each.statement_id for each in arrived]

    def replay(self, rows: Sequence[KeptStatement]) -> None:
        """Map statements that became no record by the current rules."""
        for each in rows:
            if each.state == stored_statements.UNMAPPED:
                self.tallies.take_back(each.group)
            each.code, each.source = "", ""
        self._report(self._map_to_reports(rows))
        stored_statements.settle_statements(self._connection, rows)
        self.tallies.write()

    def _statement_of(self, raw: Mapping[str, Any], version: str) -> KeptStatement:
        digest = digest_of(self._secret, raw)
        given = str(raw.get("id", "")).lower()
        statement_id = given or derived_id(self._secret, self._publisher.name, raw)
        now = self._unit_of_work.now
        home_page = f"{AUTHORITY}/{self._unit_of_work.store.district}"
        authority = {"objectType": "Agent", "account": {"homePage": home_page, "name": self._publisher.name}}
        statement = {"id": statement_id, "timestamp": now, **raw, "stored": now, "authority": authority,
                     "version": raw.get("version", version)} | {"id": statement_id}  # fmt: skip
        activity, activity_type = activity_of(raw)
        return KeptStatement(
            statement, statement_id, digest, str(raw["verb"]["id"]), activity_type, activity,
            keyed(self._secret, actor_key(raw["actor"])), referred_to(raw),
            voids=bool(voided_by(raw)), account=account_of(raw["actor"]),
            registration=str(raw.get("context", {}).get("registration", "")).lower(),
        )  # fmt: skip

    def _take_fresh(self, fresh: Sequence[KeptStatement]) -> None:
        deeds = [each for each in fresh if not each.voids]
        voiding = [each for each in fresh if each.voids]
        gone = {each.target for each in voiding}
        gone |= stored_statements.voided_before(
            self._connection, self._publisher.name, {each.statement_id for each in deeds}
        )
        for each in deeds:
            each.voided = each.statement_id in gone
        reports = self._map_to_reports(deeds)
        reports += self._void_reports(voiding)
        self._report(reports)
        stored_statements.insert_statements(
            self._unit_of_work.store, self._connection, self._publisher.name, self._unit_of_work.now, fresh
        )
        self.tallies.write()

    def _map_to_reports(self, deeds: Sequence[KeptStatement]) -> list[tuple[KeptStatement, Report]]:
        """The rows that they become; the others are counted."""
        persons = stored_statements.persons_of_actors(self._connection, {each.actor for each in deeds if each.actor})
        result = []
        for each in deeds:
            each.person_id = self._person_of(each.statement["actor"], persons)
            match self._map(each, persons):
                case MappedRecord(source=source, cells=cells):
                    each.source = source
                    result.append((each, self._row(RECORD_REPORTED.wire, source, each.statement_id, cells)))
                case NoRecord(reason=reason):
                    each.state, each.code = stored_statements.UNMAPPED, reason
                    self.tallies.add(each.group, each.statement_id)
        return result

    def _map(self, each: KeptStatement, persons: Mapping[str, str]) -> MappedRecord | NoRecord:
        if each.voided:
            return NoRecord("voided")
        if not self._has_rules:
            return NoRecord("no_campaign")
        return map_statement(each.statement, self._platforms, persons, self._secret)

    def _person_of(self, actor: Mapping[str, Any], persons: Mapping[str, str]) -> str:
        """Determined even without a record: an erasure must find the statement."""
        accounts = [account for platform in self._platforms for account in platform.accounts]
        return person_of(actor, accounts, persons, self._secret)

    def _void_reports(self, voiding: Sequence[KeptStatement]) -> list[tuple[KeptStatement, Report]]:
        """What reverts the records of the statements that these void."""
        targets = stored_statements.known_statements(
            self._connection, self._publisher.name, {each.target for each in voiding}
        )
        stored_statements.void(
            self._connection, self._publisher.name, {name for name, row in targets.items() if not row.voids}
        )
        result = []
        for each in voiding:
            row = targets.get(each.target)
            if row is None or row.voided:
                continue
            if row.voids:
                raise Problem(400, "bad_statement", "a statement that voids another cannot be voided")
            each.person_id = row.person_id
            if row.state == stored_statements.UNMAPPED:
                self.tallies.take_back((row.verb, row.activity_type, row.code, row.account))
            elif row.state in (stored_statements.RECORDED, stored_statements.WAITING):
                each.source = row.source
                result.append((each, self._taken_back(each, row)))
        return result

    def _taken_back(self, each: KeptStatement, row: Any) -> Report:
        """A record is withdrawn, a pending row cancelled."""
        if row.state == stored_statements.WAITING and stored_statements.is_pending(
            self._connection, row.source, row.statement_id
        ):
            named = {"source": row.source, "id": row.statement_id}
            return self._row(REPORT_CANCELLED.wire, row.source, each.statement_id, named)
        cells = {"record_id": row.statement_id, "withdrawn_at": occurred_at(each.statement["timestamp"]),
                 "reason": _REASON}  # fmt: skip
        return self._row(WITHDRAWAL_REPORTED.wire, row.source, each.statement_id, cells)

    def _row(self, wire: str, source: str, report_id: str, cells: dict[str, str]) -> Report:
        raw = {"specversion": "1.0", "id": report_id, "source": source, "type": wire, "data": cells}
        return Report(source, report_id, wire, cells, raw)

    def _report(self, reports: Sequence[tuple[KeptStatement, Report]]) -> None:
        """Submit them like other reports, with rights, pending state and receipts."""
        if not reports:
            return
        publisher = self._publisher
        rows = [report for _, report in reports]
        receipts: list[Receipt] = self._reports.submit(
            rows, Sender(publisher.name), publisher.name if publisher.amqp else ""
        )
        for (each, _), receipt in zip(reports, receipts, strict=True):
            each.state = _OF_OUTCOME.get(receipt.outcome, stored_statements.REFUSED)
            each.code = receipt.code if each.state == stored_statements.REFUSED else ""
