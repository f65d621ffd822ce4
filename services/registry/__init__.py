"""What every service but participation keeps of the campaign, units, memberships and exemptions: tables, projections
and queries that a service includes in its own store.  It is no service: it decides nothing and never asks one.
"""
