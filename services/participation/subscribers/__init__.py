"""Subscriptions: outside systems that read our facts as public events, and what each may read."""
