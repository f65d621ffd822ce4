"""Digests: what each recipient is told on a day, in which words, and what recipients and operators may read of it."""
