"""Statements: their identity, equality, and the record each becomes.  Pure."""
