"""Findings (督查问题): an office raises them, the unit answers, somebody else of the office closes them."""
