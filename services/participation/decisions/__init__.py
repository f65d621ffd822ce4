"""Signed decisions on units and persons in the awards of a year."""
