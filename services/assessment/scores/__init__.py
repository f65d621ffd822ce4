"""Scores: what records, findings and sheets are worth, calculated in a process of its own."""
