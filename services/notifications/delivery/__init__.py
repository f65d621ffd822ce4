"""Delivery of digests: when, by which channel, with which attempts; one process sends at a time."""
