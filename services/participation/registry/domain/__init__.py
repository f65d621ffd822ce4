"""What may be registered of units and memberships.  Pure: no clock, store or broker."""
