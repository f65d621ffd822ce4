"""Candidates for the awards of a year (评选): by pool with the cut, ties and reserve, and people by unit."""
