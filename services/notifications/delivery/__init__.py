"""Delivery of digests: schedule, channels, attempts.  Only one process sends by a channel at a time."""
