"""The content of a digest.  Pure: no clock, store or broker."""
