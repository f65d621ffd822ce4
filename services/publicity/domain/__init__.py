"""What the domains of all features share.  Pure: no clock, store or broker."""
