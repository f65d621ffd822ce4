"""Findings of supervision at a unit, and whether they were rectified."""
