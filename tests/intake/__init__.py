"""Malformed and hostile reports at both ways into the intake."""
