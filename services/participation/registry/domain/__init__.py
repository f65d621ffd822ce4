"""The rules of units and memberships.  Pure: no clock, store or broker."""
