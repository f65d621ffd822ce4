"""Findings: what assessors found wanting at a unit, and whether it was rectified."""
