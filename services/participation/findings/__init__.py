"""Findings (督查问题): an office raises one, the unit answers, another person of the office closes it."""
