"""Decisions about one article, from draft to take-down.  Pure: no clock, store or broker."""
