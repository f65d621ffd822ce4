"""Decisions about one work, from nomination to selection.  Pure: no clock, store or broker."""
