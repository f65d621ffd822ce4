"""What the domains of several features share.  Pure: no clock, store or broker."""
