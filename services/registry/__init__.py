"""The copy of campaigns, units, memberships and exemptions that every service except participation keeps: tables,
projections and queries to include in a service's own store.  It is a library, not a service."""
