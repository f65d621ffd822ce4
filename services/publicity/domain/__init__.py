"""Who may read whose works, what is selected and shown, and with whose consent.  Pure: no clock, store or broker."""

from services.publicity.domain.refusals import Refused
from services.publicity.domain.reviewing import Reader, may_review

__all__ = ["Reader", "Refused", "may_review"]
