"""Sheets of a quarter as the supervision office makes them: drafted, completed, confirmed by somebody else."""
