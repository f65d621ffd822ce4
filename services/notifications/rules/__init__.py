"""Whom to tell what, when, and by which channel next.  Pure: no clock, store or broker."""
