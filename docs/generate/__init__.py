"""Writes the pages under docs/ that repeat what code says, so that nobody has to; `make docs` runs it."""
