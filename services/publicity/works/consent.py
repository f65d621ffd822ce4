"""The consequences of withdrawn consent: nothing new is shown, what is open is stopped, taken down or marked."""

from collections.abc import Sequence

from services.publicity.anthologies.domain import ANTHOLOGIES
from services.publicity.anthologies.domain import ApplyConsentWithdrawal as ApplyToAnthology
from services.publicity.articles.domain.commands import ApplyConsentWithdrawal as ApplyToArticle
from services.publicity.articles.domain.decisions import ARTICLES
from services.publicity.shown_works import showing
from services.publicity.transaction import PublicityTransaction
from services.publicity.works.domain.commands import WithdrawConsent


def withdraw_consent_everywhere(
    transaction: PublicityTransaction, work_id: str, levels: Sequence[str], cause: str, causation: str = ""
) -> None:
    """From the work, and from all articles and anthologies that show it.  Raises Refused."""
    command = WithdrawConsent(work_id, tuple(levels), transaction.today, cause)
    unit_of_work = transaction.unit_of_work
    for event in transaction.execute_on_work(command, causation):
        withdrawn = frozenset(getattr(event, "levels", ()))
        for subject, subject_id in showing(transaction.connection, work_id):
            if subject == "article":
                stop = ApplyToArticle(subject_id, work_id, withdrawn, transaction.now)
                unit_of_work.execute(ARTICLES, stop, causation=causation)
            else:
                outdate = ApplyToAnthology(subject_id, work_id, withdrawn)
                unit_of_work.execute(ANTHOLOGIES, outdate, causation=causation)
