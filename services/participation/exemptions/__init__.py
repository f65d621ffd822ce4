"""Exemptions: which duty a person or a unit does not owe in a period."""
