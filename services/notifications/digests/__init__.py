"""Digests: the reminders of each recipient for a day, their texts, and what recipients and operators may read of
them."""
