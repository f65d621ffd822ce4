"""Malformed and hostile reports at both doors of the intake."""
