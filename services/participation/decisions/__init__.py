"""Signed decisions about units and persons in a year's awards."""
