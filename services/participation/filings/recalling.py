"""Gives filings back: by whom they await, or though they count by the office that collects them."""

from services.participation.filings import handlers
from services.participation.filings.domain.life import RecallFiling
from services.participation.filings.handlers import FilingTransaction
from services.participation.filings.permissions import may_recall, subject_of
from services.registry import rights


def return_filing(act: FilingTransaction, filing_id: str, revision: int, reason: str) -> bool:
    """By whom it awaits; what counts, of the kinds that the supervision office collects, by that office: its records
    count no more until it is handed in again.  Problems 403, 404, 409."""
    state = act.known(filing_id)
    if not may_recall(act.connection, act.actor, act.rules, state):
        return handlers.return_filing(act, filing_id, revision, reason)
    content = act.content(state)
    act.unit_of_work.act_as(
        rights.require(act.actor, rights.RETURN_REPORT, subject_of(act.connection, content.unit_id))
    )
    if not act.execute(RecallFiling(filing_id, revision, reason)):
        return False
    act.count(filing_id, content, None, reason, for_now=True)
    return True
