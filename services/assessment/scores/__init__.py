"""Scores: calculated from records, findings and sheets, in a process of its own."""
