"""Finds sheets and decisions with the same claim."""

import sqlalchemy as sa

from chassis.store.prepared_query import PreparedQuery, any_named
from services.participation.corrections.projections import claims

CLAIMANTS = PreparedQuery(lambda pg: sa.select(claims.c.stream).where(any_named(claims.c.claim, "claims", pg)))
"""The streams of the rows, void or not, that have any of these `claims`."""
