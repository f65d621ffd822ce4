"""Participation decides which reports become facts on record; it never scores and never judges what people think."""
