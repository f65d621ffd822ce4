"""Exemptions from a duty in a period, of a person or a unit."""
