"""Stores receipts for publishers in the transaction that decides their reports; the relay publishes them."""

from collections.abc import Sequence

from chassis.intake.cloudevents import Receipt, texts
from chassis.store.schema import receipts as receipts_table
from chassis.store.unit_of_work import UnitOfWork


def queue_receipts(unit_of_work: UnitOfWork, publisher: str, receipts: Sequence[Receipt]) -> None:
    lines = texts(receipts, unit_of_work.store.district, unit_of_work.service, unit_of_work.now)
    unit_of_work.store.insert(unit_of_work.connection, receipts_table, [(publisher, line) for line in lines])
