"""Reports to Qihang from an outside system: kept in an outbox, sent until everything is answered, counted once."""

from qihang_client.errors import AlreadyAccepted, BodyRefused, IdTaken, NotAllowed, QihangError, Unavailable
from qihang_client.outbox import Entry, Outbox
from qihang_client.patience import Patience
from qihang_client.reconciling import Reconciliation, reconcile
from qihang_client.reports import Answer, Row, content_digest, range_digest, row_id_of
from qihang_client.sending import HttpSender
from qihang_client.service import Service

__all__ = [
    "AlreadyAccepted",
    "Answer",
    "BodyRefused",
    "Entry",
    "HttpSender",
    "IdTaken",
    "NotAllowed",
    "Outbox",
    "Patience",
    "QihangError",
    "Reconciliation",
    "Row",
    "Service",
    "Unavailable",
    "content_digest",
    "range_digest",
    "reconcile",
    "row_id_of",
]
