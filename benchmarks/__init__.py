"""Measures Qihang against the same job written in the plain way and against the raw limits, side by side in one run."""
